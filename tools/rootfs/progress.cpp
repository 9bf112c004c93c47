// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Lines of progress.
#include "tools/rootfs/progress.hpp"

#include <filesystem>
#include <fstream>

#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds interval{5};
constexpr Error unreadable{Errc::malformed, "progress of the conversion"};

std::uint64_t figure(json_object* object, const char* name) {
    json_object* value = json::member(object, name);
    const std::int64_t found = value == nullptr ? 0 : json_object_get_int64(value);
    return found < 0 ? 0 : static_cast<std::uint64_t>(found);
}

}  // namespace

std::string progress_line(const Advance& advance) {
    std::string line =
        advance.what + ": " + in_units(advance.done) + " of " + in_units(advance.all);
    if (advance.rate == 0) return line;
    line += ", " + in_units(advance.rate) + "/s";
    return advance.done < advance.all ? line + ", " + in_minutes(advance.seconds_left()) + " left"
                                      : line;
}

json::Owner to_json(const Advance& advance) {
    json::Owner object{json_object_new_object()};
    const auto add = [&](const char* name, std::uint64_t value) {
        json_object_object_add(object.get(), name,
                               json_object_new_int64(static_cast<std::int64_t>(value)));
    };
    json_object_object_add(object.get(), "what", json_object_new_string(advance.what.c_str()));
    add("done", advance.done);
    add("all", advance.all);
    add("rate", advance.rate);
    add("seconds_left", advance.seconds_left());
    return object;
}

void save_advance(const std::string& file, const Advance& advance) {
    std::error_code failed;
    fs::create_directories(fs::path{file}.parent_path(), failed);
    const std::string fresh = file + ".new";
    std::ofstream{fresh} << json_object_to_json_string_ext(to_json(advance).get(),
                                                           JSON_C_TO_STRING_PLAIN);
    fs::rename(fresh, file, failed);
}

std::optional<Advance> load_advance(const std::string& file) {
    const json::Owner object = json::parse(whole_text(file).value_or(""));
    auto what = json::text(json::member(object.get(), "what"), unreadable);
    if (!what) return std::nullopt;
    Advance advance{std::string{*what}, figure(object.get(), "done"), figure(object.get(), "all"),
                    figure(object.get(), "rate")};
    if (advance.done > advance.all) return std::nullopt;
    return advance;
}

std::uint64_t ProgressPrinter::rate(std::uint64_t done, Clock::Time now) const {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now - begun_).count();
    return since <= 0 || done <= before_
               ? 0
               : (done - before_) * 1000 / static_cast<std::uint64_t>(since);
}

void ProgressPrinter::show(std::uint64_t done, std::uint64_t all) {
    const Clock::Time now = clock_.now();
    if (!begun_yet_) {
        begun_ = now;
        before_ = done;
    } else if (done < all && now - shown_ < interval) {
        return;
    }
    begun_yet_ = true;
    shown_ = now;
    const Advance advance{what_, done, all, rate(done, now)};
    print_(progress_line(advance));
    save_advance(file_, advance);
}

}  // namespace hsm4::rootfs
