// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// After the boot that converted, or instead of it.
#include "tools/rootfs/tidying.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "hsm4/config.hpp"
#include "hsm4/files.hpp"
#include "hsm4/json.hpp"
#include "tools/ctl/initramfs.hpp"
#include "tools/rootfs/alone.hpp"
#include "tools/rootfs/boot_log.hpp"
#include "tools/rootfs/durable_record.hpp"
#include "tools/rootfs/growing_back.hpp"
#include "tools/rootfs/migrate/finish.hpp"
#include "tools/rootfs/migrate/move.hpp"
#include "tools/rootfs/phase.hpp"
#include "tools/rootfs/prepare.hpp"
#include "tools/rootfs/progress.hpp"
#include "tools/rootfs/system_files.hpp"
#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

namespace fs = std::filesystem;

namespace {

/// The order under this name is history: no initramfs takes it along.
constexpr const char* done_path = "/etc/hsm4/conversion.done.json";
constexpr const char* log_path = "/var/log/hsm4-rootfs.log";
constexpr const char* unit = "/lib/systemd/system/hsm4-rootfs.service";
constexpr const char* wish = "/etc/systemd/system/multi-user.target.wants/hsm4-rootfs.service";

Done remove_path(const std::string& path) {
    std::error_code failed;
    fs::remove_all(path, failed);
    if (failed) return Problem{path + " cannot be removed: " + failed.message()};
    const std::string parent = fs::path{path}.parent_path();
    if (Status synced = sync_directory(parent); !synced) return Problem{synced.error()};
    return done();
}

/// The record goes first: without it nothing begins, whatever else is left.
Done remove_directory(const Order& order) {
    const std::string directory = order.directory();
    if (::access(directory.c_str(), F_OK) != 0) return done();
    for (const char* name : {"state", "shrink"})
        if (Status gone = DurableRecord{directory, name}.remove(); !gone)
            return Problem{gone.error()};
    return remove_path(directory);
}

Done keep_log(const Order& order) {
    const std::string text = text_of_log(order.directory() + "/log");
    if (text.empty()) return done();
    constexpr unsigned mode = 0640;
    Status kept = replace_file(log_path, view_of(text), mode);
    return kept ? done() : Done{Problem{kept.error()}};
}

Done tidy(const Order& order) {
    if (::rename(order_path, done_path) != 0 && errno != ENOENT)
        return Problem{std::string{order_path} + ": " + std::strerror(errno)};
    if (Done built = make_initramfs(); !built) return built;
    if (order.erases)
        if (Done erased = erase_old_root(order); !erased) return erased;
    if (Done kept = keep_log(order); !kept) return kept;
    if (Done gone = remove_directory(order); !gone) return gone;
    if (Done gone = switch_tidying(false); !gone) return gone;
    if (Done gone = remove_path(done_path); !gone) return gone;
    std::puts("The root file system is encrypted; what the conversion needed is removed.");
    return done();
}

Outcome<Order> any_order() {
    auto order = load_order();
    if (order || ::access(done_path, F_OK) != 0) return order;
    return load_order(done_path);
}

constexpr const char* unprepared = "unprepared";

struct Facts {
    std::string state = "none";
    std::string reason;
};

Outcome<Facts> facts_of_move(const Order& order) {
    auto move = move_of(order.directory());
    if (!move) return move.error();
    return *move ? Facts{name_of((*move)->stage), (*move)->reason} : Facts{unprepared, {}};
}

Outcome<Facts> facts_of(const Order& order) {
    if (is_root(order)) return Facts{name_of(Stage::encrypted), {}};
    if (order.moves()) return facts_of_move(order);
    auto standing = standing_of(order.directory());
    if (!standing) return standing.error();
    return *standing ? Facts{name_of((*standing)->stage), (*standing)->reason}
                     : Facts{unprepared, {}};
}

Done arm_again(const Order& order) {
    if (order.moves()) return store_move(order.directory(), {MoveStage::copying, 0, {}});
    return arm(order.directory());
}

int resume_plain(const Order& order) {
    auto facts = facts_of(order);
    if (!facts) return fail(facts.error());
    if (facts->state == unprepared)
        return fail(Problem{"the preparation did not end; begin again"});
    if (facts->state == name_of(Stage::abandoned))
        if (Done armed = arm_again(order); !armed) return fail(armed.error());
    std::puts("It goes on at the next boot.");
    return enroll::exit_done;
}

int after_plain_boot(const Order& order) {
    const Done grown = grow_back(order);
    return grown ? enroll::exit_done : fail(grown.error());
}

const char* meaning_of(const std::string& state) {
    if (state == "none") return "no conversion was begun here, or it is complete";
    if (state == unprepared) return "the preparation did not end; begin again";
    if (state == "copying") return "prepared; the next boot completes the copy, and boots from it";
    if (state == "trying") return "the new root has not come up yet; the old one boots otherwise";
    if (state == "shrinking") return "prepared; it begins, or goes on, at the next boot";
    if (state == "abandoned")
        return "given up, the system is as it was; hsm4-rootfs resume tries again at the next boot";
    if (state == "encrypted") return "the root is encrypted; hsm4-rootfs resume tidies up";
    return "it goes on at the next boot";
}

void print_text(const Outcome<Order>& order, const Facts& facts,
                const std::optional<Advance>& advance) {
    std::printf("State:      %s (%s)\n", facts.state.c_str(), meaning_of(facts.state));
    if (!facts.reason.empty()) std::printf("Reason:     %s\n", facts.reason.c_str());
    if (order && !order->moves())
        std::printf("To encrypt: %s\n", in_units(order->encrypted).c_str());
    if (advance) std::printf("This boot:  %s\n", progress_line(*advance).c_str());
}

void print_json(const Outcome<Order>& order, const Facts& facts,
                const std::optional<Advance>& advance) {
    const json::Owner report{json_object_new_object()};
    json_object_object_add(report.get(), "state", json_object_new_string(facts.state.c_str()));
    json_object_object_add(report.get(), "reason", json_object_new_string(facts.reason.c_str()));
    if (order && !order->moves())
        json_object_object_add(report.get(), "encrypted",
                               json_object_new_int64(static_cast<int64_t>(order->encrypted)));
    if (advance) json_object_object_add(report.get(), "progress", to_json(*advance).release());
    std::puts(json_object_to_json_string_ext(report.get(), JSON_C_TO_STRING_PLAIN));
}

}  // namespace

bool is_root(const Order& order) {
    struct stat root = {};
    struct stat mapping = {};
    return ::stat("/", &root) == 0 && ::stat(order.mapping().c_str(), &mapping) == 0 &&
           root.st_dev == mapping.st_rdev;
}

Done make_initramfs() {
    const std::string command = ctl::initramfs_command_text();
    switch (ctl::rebuild_initramfs()) {
        case Ending::success:
            ::sync();  // on FAT, a cut soon afterwards would leave half of it
            return done();
        case Ending::failure: return Problem{command + " failed; its messages are above"};
        case Ending::late: return Problem{command + " took too long, and was stopped"};
    }
    return done();
}

Done take_back(const Order& order) {
    if (Done gone = remove_directory(order); !gone) return gone;
    if (Done gone = forget_command_line(order.boot_mount); !gone) return gone;
    if (Done off = switch_tidying(false); !off) return off;
    if (!order.uuid.empty())
        if (Status gone = save_volume_pins(config_path(), order.uuid, {}); !gone)
            return Problem{gone.error()};
    const bool built = ::access(order_path, F_OK) == 0;
    if (Done gone = remove_path(order_path); !gone) return gone;
    return built ? make_initramfs() : done();
}

Done switch_tidying(bool on) {
    std::error_code failed;
    fs::create_directories(fs::path{wish}.parent_path(), failed);
    if (!on && ::unlink(wish) != 0 && errno != ENOENT)
        return Problem{std::string{wish} + ": " + std::strerror(errno)};
    if (on && ::symlink(unit, wish) != 0 && errno != EEXIST)
        return Problem{std::string{wish} + ": " + std::strerror(errno)};
    Status synced = sync_directory(fs::path{wish}.parent_path());
    return synced ? done() : Done{Problem{synced.error()}};
}

Outcome<bool> has_begun(const Order& order) {
    auto facts = facts_of(order);
    if (!facts) return facts.error();
    return facts->state != unprepared && facts->state != name_of(Stage::abandoned);
}

int resume(bool after_boot) {
    auto alone = keep_others_away();
    if (!alone) return fail(alone.error());
    auto order = any_order();
    if (!order) return fail(order.error());
    if (!is_root(*order)) return after_boot ? after_plain_boot(*order) : resume_plain(*order);
    if (order->moves())
        if (Done confirmed = confirm_move(*order); !confirmed) return fail(confirmed.error());
    Done tidied = tidy(*order);
    return tidied ? enroll::exit_done : fail(tidied.error());
}

int show_status(bool as_json) {
    const auto order = any_order();
    auto facts = order ? facts_of(*order) : Outcome<Facts>{Facts{}};
    if (!facts) return fail(facts.error());
    const auto advance = load_advance(progress_path);
    as_json ? print_json(order, *facts, advance) : print_text(order, *facts, advance);
    return enroll::exit_done;
}

}  // namespace hsm4::rootfs
