// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Header, copies, order, initramfs; then the record that arms it.
#include "tools/rootfs/begin.hpp"

#include <sys/statvfs.h>
#include <unistd.h>

#include "tools/ctl/confirm.hpp"
#include "tools/enroll/interrupt.hpp"
#include "tools/enroll/run_safely.hpp"
#include "tools/rootfs/alone.hpp"
#include "tools/rootfs/boot_log.hpp"
#include "tools/rootfs/convert.hpp"
#include "tools/rootfs/durable_record.hpp"
#include "tools/rootfs/growing_back.hpp"
#include "tools/rootfs/opener.hpp"
#include "tools/rootfs/phase.hpp"
#include "tools/rootfs/prepare.hpp"
#include "tools/rootfs/system_files.hpp"
#include "tools/rootfs/text.hpp"
#include "tools/rootfs/tidying.hpp"
#include "tools/rootfs/ways_in.hpp"

namespace hsm4::rootfs {

namespace {

constexpr std::uint32_t large_sector = 4096;
constexpr std::uint32_t small_sector = 512;

/// Large sectors are faster, where the file system and the partition consist of them.
std::uint32_t sector_size_for(const Partition& root) {
    struct statvfs figures = {};
    const bool large = ::statvfs("/", &figures) == 0 && figures.f_bsize >= large_sector &&
                       root.size % large_sector == 0;
    return large ? large_sector : small_sector;
}

Outcome<Order> order_for(const Preflight& preflight) {
    auto order = order_for(*preflight.layout);
    if (!order) return order;
    order->uuid = first_line("/proc/sys/kernel/random/uuid");
    order->partition = preflight.plan->partition;
    order->file_system = preflight.plan->file_system;
    order->shrunk = preflight.plan->shrunk;
    order->encrypted = preflight.plan->encrypted;
    return order;
}

/// The header with its two ways in, each of them tried.
Done make_header(const Preflight& preflight, const Order& order, const ConvertOptions& options) {
    const std::string& device = preflight.layout->root.node;
    const HeaderShape shape{device, order.directory() + "/header", order.uuid, *preflight.cipher,
                            sector_size_for(preflight.layout->root)};
    auto volume_key = format_header(shape);
    if (!volume_key) return volume_key.error();
    auto volume = enroll::Volume::open({device, shape.file});
    if (!volume) return volume.error();
    return add_ways_in(*volume, *volume_key, ways_in(preflight.request, options));
}

/// As the initramfs will use it: by the copy, through the module.
Done try_header(const Preflight& preflight, const Order& order) {
    const std::string finished = order.directory() + "/finished";
    if (Done copied = copy_durably(order.directory() + "/header", finished); !copied) return copied;
    auto key = key_from_module(preflight.layout->root.node, finished);
    return key ? done() : Done{key.error()};
}

Done prepare(const Preflight& preflight, const Order& order, const ConvertOptions& options) {
    const std::string directory = order.directory();
    if (Done made = make_boot_directory(order); !made) return made;
    say("Preparing the header of the encrypted volume...");
    if (Done made = make_header(preflight, order, options); !made) return made;
    if (Done tried = try_header(preflight, order); !tried) return tried;
    if (Done made = make_blank_file(directory + "/store", store_size); !made) return made;
    if (Done made = make_blank_file(directory + "/log", log_size); !made) return made;
    if (Done ready = make_room_in_command_line(order.boot_mount, order); !ready) return ready;
    if (Done built = build_initramfs(order, *preflight.cipher); !built) return built;
    if (Done switched = switch_tidying(true); !switched) return switched;
    if (Done on = enroll::go_on(); !on) return on;
    return arm(directory);
}

bool is_agreed(const ConvertOptions& options, const Order& order) {
    if (options.yes) return true;
    return ctl::confirm("The next boot encrypts the root file system in place (" +
                            in_units(order.encrypted) +
                            " are read and written).\nIt takes its time, and survives a power cut, "
                            "but not a broken card: have a backup.",
                        "encrypt");
}

int convert_held(const Preflight& preflight, const ConvertOptions& options) {
    if (Done free = make_way(); !free) return fail(free.error());
    auto order = order_for(preflight);
    if (!order) return fail(order.error());
    if (!is_agreed(options, *order)) return fail(Problem{"not agreed to; nothing was changed"});
    Done prepared = prepare(preflight, *order, options);
    if (!prepared) {
        Done undone = take_back(*order);
        if (undone) return fail(Problem{prepared.error().text + "; nothing was changed"});
        return fail(Problem{prepared.error().text +
                            "; taking it back failed as well: " + undone.error().text});
    }
    say("All is prepared. The root file system is encrypted at the next boot: reboot when it "
        "suits.");
    say("Until then, hsm4-rootfs cancel takes it back.");
    return enroll::exit_done;
}

}  // namespace

Done make_way() {
    auto order = load_order();
    if (!order) return done();
    auto begun = has_begun(*order);
    if (!begun) return begun.error();
    if (*begun)
        return Problem{
            "the next boot goes on with what was prepared already; see hsm4-rootfs status and "
            "hsm4-rootfs cancel"};
    return take_back(*order);
}

WaysIn ways_in(const Request& request, const ConvertOptions& options) {
    return {request.module_uri,
            {options.escrow_certificates, options.escrow_to},
            options.shows_recovery_key()};
}

Done begin_with_secrets(const ConvertOptions& options) {
    enroll::keep_secrets_in_memory();
    enroll::remember_interrupts();
    if (options.escrow_certificates.empty() != options.escrow_to.empty())
        return Problem{"--recovery-escrow=CERT and --escrow-to=FILE go together",
                       enroll::exit_usage};
    if (options.shows_recovery_key() && enroll::output_is_logged())
        return Problem{
            "standard output goes to the journal, which must not hold a recovery key; use "
            "--recovery-escrow"};
    return done();
}

int convert(Request request, const ConvertOptions& options) {
    if (Done allowed = begin_with_secrets(options); !allowed) return fail(allowed.error());
    auto alone = keep_others_away();
    if (!alone) return fail(alone.error());
    const Preflight preflight = examine(std::move(request));
    print_findings(preflight.findings);
    if (preflight.findings.refused())
        return fail(Problem{"this system cannot be converted as it is; nothing was changed"});
    return convert_held(preflight, options);
}

int cancel() {
    auto alone = keep_others_away();
    if (!alone) return fail(alone.error());
    auto order = load_order();
    if (!order) return fail(order.error());
    if (is_root(*order)) return fail(Problem{"the root file system is encrypted already"});
    if (Done grown = grow_back(*order); !grown) return fail(grown.error());
    if (Done undone = take_back(*order); !undone) return fail(undone.error());
    say("The conversion will not take place; nothing was changed.");
    return enroll::exit_done;
}

}  // namespace hsm4::rootfs
