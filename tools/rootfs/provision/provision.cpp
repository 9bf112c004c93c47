// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Alone, in mounts of its own; then unit by unit.
#include "tools/rootfs/provision/provision.hpp"

#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>
#include <thread>

#include "hsm4/clock.hpp"
#include "hsm4/json.hpp"
#include "tools/ctl/confirm.hpp"
#include "tools/enroll/escrow.hpp"
#include "tools/enroll/interrupt.hpp"
#include "tools/enroll/run_safely.hpp"
#include "tools/rootfs/alone.hpp"
#include "tools/rootfs/prepare.hpp"

namespace hsm4::rootfs {

namespace {

constexpr const char* config_of_unit = "/run/hsm4-rootfs/provision/hsm4.conf";
constexpr std::chrono::hours longest_wait{8};  // a shift
constexpr std::chrono::milliseconds tick{500};

/// What is mounted from here on is seen by this process and its children only, and gone with them.
Done hide_mounts() {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return Problem{std::string{"mounts of its own: "} + std::strerror(errno)};
    return done();
}

Done check_options(const ProvisionOptions& options) {
    const Escrow& escrow = options.unit.escrow;
    if (escrow.file.find("%u") == escrow.file.npos && options.batch)
        return Problem{"--escrow-to needs %u with --batch: a file for each unit",
                       enroll::exit_usage};
    auto tried = enroll::envelop(view_of("x"), escrow.certificates);
    return tried ? done() : Done{tried.error()};
}

Done agree(const ProvisionOptions& options) {
    const std::string consequence = "Everything on " + options.unit.target +
                                    (options.batch ? ", card after card," : "") +
                                    " will be overwritten.";
    const std::string lock =
        options.unit.lock ? " The module will serve this unit only, for good." : "";
    if (options.yes || ctl::confirm(consequence + lock, "overwrite")) return done();
    return Problem{"nothing was changed; it needs the word on a terminal, or --yes",
                   enroll::exit_usage};
}

void add(json_object* object, const char* name, const std::string& text) {
    if (text.empty()) return;
    json_object_object_add(object, name,
                           json_object_new_string_len(text.data(), static_cast<int>(text.size())));
}

bool has_medium(const std::string& target) { return static_cast<bool>(examine_target(target)); }

/// The card is pulled, and another one comes. False when nobody came, or a signal did.
bool wait_for_next(const std::string& target) {
    const SystemClock clock;
    const Deadline deadline{clock, longest_wait};
    bool pulled = false;
    while (!enroll::interrupted() && !deadline.expired()) {
        const bool there = has_medium(target);
        if (pulled && there) return true;
        pulled = pulled || !there;
        std::this_thread::sleep_for(tick);
    }
    return false;
}

class Line {
public:
    Line(const ProvisionOptions& options, const Image& image, const Station& station)
        : options_{options}, image_{image}, station_{station} {}

    /// One unit, and what is told of it.
    bool make_one() {
        const SystemClock clock;
        const auto begun = clock.now();
        UnitFacts facts;
        station_.forget();
        Done made = is_new_module(facts);
        if (made) made = make_unit(options_.unit, image_, station_, facts);
        const auto seconds =
            std::chrono::duration_cast<std::chrono::seconds>(clock.now() - begun).count();
        if (made) finished_.insert(facts.module);
        station_.show(made ? Light::done : Light::failed);
        std::puts(
            unit_line(facts, static_cast<std::uint64_t>(seconds), made ? nullptr : &made.error())
                .c_str());
        std::fflush(stdout);
        if (!made) fail(made.error());
        return static_cast<bool>(made);
    }

private:
    /// Binding a module anew would lock out the unit that it was shipped with.
    Done is_new_module(UnitFacts& facts) const {
        if (finished_.empty()) return done();
        auto module = station_.new_module();
        if (!module) return module.error();
        facts.module = *module;
        if (finished_.contains(*module))
            return Problem{
                "this module belongs to a unit that is finished: change it with the card"};
        return done();
    }

    const ProvisionOptions& options_;
    const Image& image_;
    const Station& station_;
    std::set<std::string> finished_;  ///< modules
};

int run_line(const ProvisionOptions& options, const Image& image, const Station& station) {
    Line line{options, image, station};
    bool good = line.make_one();
    while (options.batch) {
        std::fprintf(stderr, "hsm4-rootfs: waiting for the next card in %s; Ctrl-C ends\n",
                     options.unit.target.c_str());
        if (!wait_for_next(options.unit.target)) break;
        good = line.make_one() && good;
    }
    return good ? enroll::exit_done : enroll::exit_refused;
}

}  // namespace

std::string unit_line(const UnitFacts& facts, std::uint64_t seconds, const Problem* problem) {
    const json::Owner line{json_object_new_object()};
    add(line.get(), "result", problem == nullptr ? "done" : "failed");
    if (problem != nullptr) add(line.get(), "message", problem->text);
    add(line.get(), "serial", facts.serial);
    add(line.get(), "hostname", facts.host);
    add(line.get(), "uuid", facts.uuid);
    add(line.get(), "module", facts.module);
    add(line.get(), "medium", facts.medium);
    add(line.get(), "table", facts.table);
    json_object_object_add(line.get(), "bytes",
                           json_object_new_int64(static_cast<std::int64_t>(facts.bytes)));
    json_object_object_add(line.get(), "locked", json_object_new_boolean(facts.locked));
    json_object_object_add(line.get(), "seconds",
                           json_object_new_int64(static_cast<std::int64_t>(seconds)));
    return json_object_to_json_string_ext(line.get(),
                                          JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

int provision(const ProvisionOptions& options) {
    enroll::keep_secrets_in_memory();
    enroll::remember_interrupts();
    if (Done good = check_options(options); !good) return fail(good.error());
    auto alone = keep_others_away();
    if (!alone) return fail(alone.error());
    auto target = examine_target(options.unit.target);
    if (!target && !options.batch) return fail(target.error());
    if (Done agreed = agree(options); !agreed) return fail(agreed.error());
    if (Done hidden = hide_mounts(); !hidden) return fail(hidden.error());
    auto image = Image::open(options.image);
    if (!image) return fail(image.error());
    auto station = Station::open(config_of_unit, options.module_uri);
    if (!station) return fail(station.error());
    return run_line(options, *image, *station);
}

}  // namespace hsm4::rootfs
