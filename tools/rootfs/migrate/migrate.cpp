// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
//   examine     this system, the module, the other disk
//   destroy     what is on the partition there, when that was agreed to: LUKS2, ways in, ext4
//   copy        the live root
//   arm         order, initramfs, record: the next boot goes on (at_boot.cpp)
#include "tools/rootfs/migrate/migrate.hpp"

#include "tools/ctl/confirm.hpp"
#include "tools/enroll/interrupt.hpp"
#include "tools/rootfs/alone.hpp"
#include "tools/rootfs/boot_log.hpp"
#include "tools/rootfs/command.hpp"
#include "tools/rootfs/convert.hpp"
#include "tools/rootfs/encryption.hpp"
#include "tools/rootfs/migrate/copy.hpp"
#include "tools/rootfs/migrate/destination.hpp"
#include "tools/rootfs/migrate/move.hpp"
#include "tools/rootfs/mount.hpp"
#include "tools/rootfs/new_volume.hpp"
#include "tools/rootfs/prepare.hpp"
#include "tools/rootfs/progress.hpp"
#include "tools/rootfs/text.hpp"
#include "tools/rootfs/tidying.hpp"

namespace hsm4::rootfs {

namespace {

constexpr const char* live_point = "/run/hsm4-rootfs/live-root";
constexpr const char* new_point = "/run/hsm4-rootfs/new-root";
constexpr std::uint64_t room_for_ext4 = 64 * mebibyte;
constexpr std::chrono::minutes settle_limit{2};

/// What the new file system must hold: the files, and a tenth for what grows and for its own
/// tables.
std::uint64_t size_needed() { return used_in("/") / 10 * 11 + room_for_ext4; }

class Migration {
public:
    Migration(const Preflight& preflight, const MigrateOptions& options, Destination destination)
        : preflight_{preflight}, options_{options}, destination_{std::move(destination)} {}

    Done ask();
    Done go();
    Done take_back() const;

private:
    Done partition();
    Done make_volume();
    Done fill();
    Done begin_order();
    Done arm();

    const Preflight& preflight_;
    const MigrateOptions& options_;
    Destination destination_;
    bool erase_ = false;
    Order order_;
};

Done Migration::ask() {
    erase_ = options_.erase.value_or(false);
    if (options_.common.yes) return done();
    const std::string lost = destination_.content.empty()
                                 ? "Nothing is known to be on it."
                                 : "It holds " + destination_.content + ", which will be lost.";
    if (!ctl::confirm("The root file system moves to " + destination_.node + " (" +
                          in_units(destination_.size) + ").\n" + lost,
                      "migrate"))
        return Problem{"not agreed to; nothing was changed"};
    if (!options_.erase)
        erase_ =
            ctl::confirm("Shall the old root on " + preflight_.layout->root.node +
                             " be erased, once the system has come up from the new one?\nIf it "
                             "is kept, its files stay readable there.",
                         "erase");
    return done();
}

Done Migration::go() {
    if (Done begun = begin_order(); !begun) return begun;
    say("Preparing " + destination_.node + "...");
    if (Done made = partition(); !made) return made;
    if (Done made = make_volume(); !made) return made;
    say("Copying the running system...");
    if (Done filled = fill(); !filled) return filled;
    if (Done on = enroll::go_on(); !on) return on;
    return arm();
}

Done Migration::partition() {
    if (destination_.is_new) {
        const std::uint64_t size = options_.max_size == 0 ? 0 : options_.max_size + header_size;
        if (Done made = make_only_partition(destination_.disk.node, size); !made) return made;
    }
    return run_quietly({"udevadm", "settle"}, settle_limit);
}

Done Migration::make_volume() {
    auto volume = format_volume(destination_.node, *preflight_.cipher);
    if (!volume) return volume.error();
    order_.uuid = volume->uuid;
    order_.name = free_mapping();
    if (Done added = add_ways_in(*volume, ways_in(preflight_.request, options_.common)); !added)
        return added;
    // The module has to open it before anything depends on that.
    auto mapping = Mapping::by_token(destination_.node, order_.name);
    if (!mapping) return mapping.error();
    std::vector<std::string> words{"mkfs.ext4", "-q", "-F", mapping->node()};
    const std::uint64_t all = destination_.size - header_size;
    if (options_.max_size != 0 && options_.max_size < all)
        words.push_back(std::to_string(options_.max_size >> 10) + 'k');
    if (Done made = run_quietly(words); !made) return made;
    return mapping->close();
}

Done Migration::fill() {
    auto mapping = Mapping::by_token(destination_.node, order_.name);
    if (!mapping) return mapping.error();
    auto to = Mounted::mount(mapping->node(), new_point, "ext4");
    if (!to) return to.error();
    // What lies below other mounts is seen through a second mount of the root.
    auto from = Mounted::mount("/", live_point, nullptr, MS_BIND);
    if (!from) return from.error();
    const SystemClock clock;
    ProgressPrinter printer{"copying", clock, progress_path, say};
    const auto show = [&](std::uint64_t copied, std::uint64_t all) {
        printer.show(copied, all);
        return !enroll::interrupted();
    };
    if (Done copied = copy_tree(from->point(), to->point(), false, show); !copied) return copied;
    if (Done gone = from->unmount(); !gone) return gone;
    if (Done gone = to->unmount(); !gone) return gone;
    return mapping->close();
}

/// As far as it can be known: what fails after this can be taken back.
Done Migration::begin_order() {
    auto order = order_for(*preflight_.layout);
    if (!order) return order.error();
    order_ = std::move(*order);
    order_.erases = erase_;
    return done();
}

Done Migration::arm() {
    order_.target = partuuid_of(destination_.node);
    if (order_.target.empty())
        return Problem{"no PARTUUID of " + destination_.node +
                       " in /dev/disk/by-partuuid; the boot would not find it"};
    if (Done made = make_boot_directory(order_); !made) return made;
    if (Done made = make_blank_file(order_.directory() + "/log", log_size); !made) return made;
    if (Done built = build_initramfs(order_, *preflight_.cipher); !built) return built;
    if (Done switched = switch_tidying(true); !switched) return switched;
    if (Done on = enroll::go_on(); !on) return on;
    return store_move(order_.directory(), {MoveStage::copying, 0, {}});
}

Done Migration::take_back() const { return rootfs::take_back(order_); }

Outcome<Destination> find_destination(const Preflight& preflight, const MigrateOptions& options) {
    const Partition& root = preflight.layout->root;
    if (root.number != options.source_number)
        return Problem{"the root is " + root.node + "; say --source-partition=" +
                           std::to_string(root.number) + " if it is that which shall move",
                       enroll::exit_usage};
    const std::uint64_t needed = size_needed();
    if (options.max_size != 0 && options.max_size < needed)
        return Problem{"the root needs " + in_units(needed) + ", more than --max-size",
                       enroll::exit_usage};
    return examine_destination({options.disk, options.number, needed + header_size},
                               preflight.request.machine);
}

int migrate_held(const Preflight& preflight, const MigrateOptions& options) {
    if (Done free = make_way(); !free) return fail(free.error());
    auto destination = find_destination(preflight, options);
    if (!destination) return fail(destination.error());
    Migration migration{preflight, options, std::move(*destination)};
    if (Done agreed = migration.ask(); !agreed) return fail(agreed.error());
    Done went = migration.go();
    if (!went) {
        Done undone = migration.take_back();
        if (undone) return fail(Problem{went.error().text + "; this system is as it was"});
        return fail(
            Problem{went.error().text + "; taking it back failed as well: " + undone.error().text});
    }
    say("All is prepared. The next boot completes the copy, and boots from it: reboot when it "
        "suits.");
    say("Until then, hsm4-rootfs cancel takes it back.");
    return enroll::exit_done;
}

}  // namespace

int migrate(Request request, const MigrateOptions& options) {
    if (Done allowed = begin_with_secrets(options.common); !allowed) return fail(allowed.error());
    auto alone = keep_others_away();
    if (!alone) return fail(alone.error());
    request.moves = true;
    const Preflight preflight = examine(std::move(request));
    print_findings(preflight.findings);
    if (preflight.findings.refused())
        return fail(Problem{"this system cannot be moved as it is; nothing was changed"});
    return migrate_held(preflight, options);
}

}  // namespace hsm4::rootfs
