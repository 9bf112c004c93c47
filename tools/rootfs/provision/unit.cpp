// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
//   clear        no partition table any more: the target boots nowhere
//   bind         the module, to this board and this medium; its LED can be ordered from here on
//   fill         LUKS2 with token and recovery key, ext4, the image's files
//   compare      closed, opened again, and every file compared with the image
//   fit          boot partition, names, tables, hsm4.conf, initramfs: this unit's own
//   prove        closed, opened by the token, and every file that fit() wrote compared
//   lock         where it was asked for
//   table        the target boots
#include "tools/rootfs/provision/unit.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "hsm4/boot_medium.hpp"
#include "tools/enroll/interrupt.hpp"
#include "tools/rootfs/command.hpp"
#include "tools/rootfs/fsck.hpp"
#include "tools/rootfs/plan.hpp"
#include "tools/rootfs/provision/inside.hpp"
#include "tools/rootfs/provision/personal.hpp"
#include "tools/rootfs/text.hpp"
#include "tools/rootfs/tree.hpp"

namespace hsm4::rootfs {

namespace {

constexpr const char* root_point = "/run/hsm4-rootfs/provision/root";
constexpr const char* boot_point = "/run/hsm4-rootfs/provision/boot";
constexpr std::chrono::minutes settle_limit{3};
constexpr std::uint64_t room_for_ext4 = 64 * mebibyte;

/// For people, on standard error; standard output is the programs'.
void say(const std::string& line) { std::fprintf(stderr, "hsm4-rootfs: %s\n", line.c_str()); }

/// The module has been locked to a medium that lacks its table: that alone can be repaired by hand.
Problem after_lock(const Problem& problem, const Card& card) {
    const auto extent = [](const Extent& part) {
        return "start=" + std::to_string(part.start >> 10) +
               "KiB, size=" + std::to_string(part.size >> 10) + "KiB";
    };
    return Problem{problem.text +
                   "; the module is in production with this medium, and all but its "
                   "partition table is there: sfdisk can write it (label: dos; " +
                   extent(card.boot) + ", type=c; " + extent(card.root) + ", type=83)"};
}

/// What fit() wrote, to be found again on the disk.
struct Written {
    Sums root;
    Sums boot;
};

class Making {
public:
    Making(const UnitOrder& order, const Image& image, const Station& station, UnitFacts& facts)
        : order_{order}, image_{image}, station_{station}, facts_{facts} {}

    Done prepare();
    Done make();

private:
    Done choose();
    Done begin();
    Done format();
    Done fill();
    Done fit();
    Done fit_mounted(Mounted& root);
    Done remember(const std::string& root, const Stamps& before);
    Done fill_boot(const std::string& root);
    Done prove();
    Done prove_boot();
    Done finish();
    std::string root_device() const { return target_.partition(2); }
    std::string boot_device() const { return target_.partition(1); }

    const UnitOrder& order_;
    const Image& image_;
    const Station& station_;
    UnitFacts& facts_;

    Target target_;
    Card card_;
    const Cipher* cipher_ = nullptr;
    Cipher named_;
    std::optional<OpenTarget> disk_;
    std::optional<NewVolume> volume_;
    Personal personal_;
    Written written_;
};

Done Making::choose() {
    cipher_ = &cipher_for_cpu(whole_text("/proc/cpuinfo").value_or(""));
    if (order_.cipher.empty()) return done();
    auto named = cipher_by_name(order_.cipher);
    if (!named) return named.error();
    named_ = std::move(*named);
    cipher_ = &named_;
    return done();
}

/// Everything that can be refused before the target changes.
Done Making::prepare() {
    facts_.serial = serial_of_board();
    if (!order_.host.empty()) {
        auto host = host_name(order_.host, facts_.serial);
        if (!host) return host.error();
        facts_.host = personal_.host = *host;
    }
    if (Done chosen = choose(); !chosen) return chosen;
    auto target = examine_target(order_.target);
    if (!target) return target.error();
    facts_.bytes = target->size;
    const std::uint64_t root = image_.root_size() / 10 * 11 + header_size + room_for_ext4;
    auto card = lay_out(target->size, image_.boot_size(), root);
    if (!card) return Problem{target->node + " is " + card.error().text};
    card_ = *card;
    auto medium = measure_medium(target->node, {});
    if (!medium)
        return Problem{target->node +
                       " tells no serial number, so the module cannot be bound to it"};
    facts_.medium = {reinterpret_cast<const char*>(medium->view().data()), medium->size()};
    auto module = station_.new_module();
    if (!module) return module.error();
    facts_.module = *module;
    target_ = std::move(*target);
    return done();
}

Done Making::make() {
    const std::array<std::pair<std::string, Done (Making::*)()>, 6> steps{
        {{"clearing " + target_.node + " and binding the module to it", &Making::begin},
         {"formatting", &Making::format},
         {"writing the image, and comparing it", &Making::fill},
         {"making it this unit's own", &Making::fit},
         {"reading it back through the token", &Making::prove},
         {"finishing", &Making::finish}}};
    for (const auto& [name, step] : steps) {
        if (Done on = enroll::go_on("the target stays without partition table"); !on) return on;
        say(name + "...");
        if (Done made = (this->*step)(); !made) return made;
    }
    return done();
}

Done Making::begin() {
    auto disk = OpenTarget::clear(target_);
    if (!disk) return disk.error();
    disk_.emplace(std::move(*disk));
    if (Done bound = station_.bind(target_.node); !bound) return bound;
    station_.show(Light::busy);
    return done();
}

Done Making::format() {
    if (Done shown = disk_->show(card_); !shown) return shown;
    auto volume = format_volume(root_device(), *cipher_);
    if (!volume) return volume.error();
    volume_.emplace(std::move(*volume));
    facts_.uuid = volume_->uuid;
    personal_.order.uuid = volume_->uuid;
    personal_.order.name = free_mapping();
    return add_ways_in(*volume_, {station_.module_uri(), order_.escrow, false, true});
}

Done Making::fill() {
    auto mapping = Mapping::by_key(*volume_, personal_.order.name);
    if (!mapping) return mapping.error();
    if (Done made = run_quietly({"mkfs.ext4", "-q", "-L", "rootfs", mapping->node()}); !made)
        return made;
    auto root = Mounted::mount(mapping->node(), root_point, "ext4");
    if (!root) return root.error();
    if (Done unpacked = image_.unpack(root->point()); !unpacked) return unpacked;
    if (Done gone = root->unmount(); !gone) return gone;
    if (Done closed = mapping->close(); !closed) return closed;
    if (Done forgotten = disk_->forget_cache(); !forgotten) return forgotten;

    auto again = Mapping::by_key(*volume_, personal_.order.name);
    if (!again) return again.error();
    auto read = Mounted::mount(again->node(), root_point, "ext4", Mounted::usual | MS_RDONLY);
    if (!read) return read.error();
    if (Done same = image_.compare(read->point()); !same) return same;
    if (Done gone = read->unmount(); !gone) return gone;
    return again->close();
}

Done Making::fit() {
    auto mapping = Mapping::by_key(*volume_, personal_.order.name);
    if (!mapping) return mapping.error();
    auto root = Mounted::mount(mapping->node(), root_point, "ext4");
    if (!root) return root.error();
    if (Done fitted = fit_mounted(*root); !fitted) return fitted;
    if (Done gone = root->unmount(); !gone) return gone;
    if (Done closed = mapping->close(); !closed) return closed;
    return disk_->forget_cache();
}

Done Making::fit_mounted(Mounted& root) {
    if (Done can = check_can_unlock(root.point()); !can) return can;
    auto before = stamps_of(root.point());
    if (!before) return before.error();
    personal_.boot_point = boot_point_of(whole_text(root.point() + "/etc/fstab").value_or(""));
    if (Done filled = fill_boot(root.point()); !filled) return filled;
    auto boot = Mounted::mount(boot_device(), root.point() + personal_.boot_point, "vfat");
    if (!boot) return boot.error();
    auto config = load_config(config_path());
    if (!config) return Problem{config.error()};
    personal_.config = std::move(*config);
    if (Done written = personalise(root.point(), personal_); !written) return written;
    // udev has to have seen the new volume, which crypttab names by its UUID.
    if (Done settled = run_quietly({"udevadm", "settle"}, settle_limit); !settled) return settled;
    if (Done built = build_inside(root.point(), personal_, *cipher_); !built) return built;
    auto boot_sums = sums_of(boot->point(), Compared::content);
    if (!boot_sums) return boot_sums.error();
    written_.boot = std::move(*boot_sums);
    if (Done gone = boot->unmount(); !gone) return gone;
    return remember(root.point(), *before);
}

Done Making::remember(const std::string& root, const Stamps& before) {
    auto after = stamps_of(root);
    if (!after) return after.error();
    auto sums = sums_of(root, written_since(before, *after), Compared::everything);
    if (!sums) return sums.error();
    written_.root = std::move(*sums);
    return done();
}

/// The boot partition with the image's boot files: in an archive they lie in the root, where the
/// partition is going to be mounted.
Done Making::fill_boot(const std::string& root) {
    std::array<std::byte, 4> random{};
    if (Status drawn = crypto::random_bytes(random); !drawn) return Problem{drawn.error()};
    std::string id = to_hex(random);
    std::ranges::transform(id, id.begin(), [](unsigned char letter) {
        return static_cast<char>(std::toupper(letter));
    });
    personal_.boot_uuid = id.substr(0, 4) + '-' + id.substr(4);
    if (Done made = run_quietly({"mkfs.vfat", "-F", "32", "-n", "bootfs", "-i", id, boot_device()});
        !made)
        return made;
    auto boot = Mounted::mount(boot_device(), boot_point, "vfat");
    if (!boot) return boot.error();
    const std::string in_root = root + personal_.boot_point;
    const std::string source = image_.is_archive() ? in_root : image_.boot_files();
    if (Done copied = run_quietly({"cp", "--recursive", source + "/.", boot->point()}); !copied)
        return copied;
    auto there = sums_of(source, Compared::content);
    if (!there) return there.error();
    auto here = sums_of(boot->point(), Compared::content);
    if (!here) return here.error();
    if (const std::string path = first_difference(*there, *here); !path.empty())
        return Problem{"the boot partition has another " + path + " than the image"};
    if (image_.is_archive())
        if (Done gone = run_quietly({"find", in_root, "-mindepth", "1", "-delete"}); !gone)
            return gone;
    return boot->unmount();
}

Done Making::prove() {
    auto mapping = Mapping::by_token(root_device(), personal_.order.name);
    if (!mapping) return mapping.error();
    if (Done clean = is_clean(mapping->node()); !clean) return clean;
    auto root = Mounted::mount(mapping->node(), root_point, "ext4", Mounted::usual | MS_RDONLY);
    if (!root) return root.error();
    std::vector<std::string> paths;
    for (const auto& [path, sum] : written_.root) paths.push_back(path);
    auto sums = sums_of(root->point(), paths, Compared::everything);
    if (!sums) return sums.error();
    if (const std::string path = first_difference(written_.root, *sums); !path.empty())
        return Problem{"read back otherwise than written: /" + path};
    if (Done gone = root->unmount(); !gone) return gone;
    if (Done closed = mapping->close(); !closed) return closed;
    return prove_boot();
}

Done Making::prove_boot() {
    if (Done checked = run_quietly({"fsck.vfat", "-n", boot_device()}); !checked) return checked;
    auto boot = Mounted::mount(boot_device(), boot_point, "vfat", Mounted::usual | MS_RDONLY);
    if (!boot) return boot.error();
    auto sums = sums_of(boot->point(), Compared::content);
    if (!sums) return sums.error();
    if (const std::string path = first_difference(written_.boot, *sums); !path.empty())
        return Problem{"read back otherwise than written, on the boot partition: " + path};
    return boot->unmount();
}

/// What cannot be taken back comes when nothing else can fail but one sector.
Done Making::finish() {
    if (order_.lock) {
        if (Done locked = station_.lock(); !locked) return locked;
        facts_.locked = true;
    }
    auto table = write_partition_table(target_.node, card_);
    if (!table) {
        static_cast<void>(disk_->unmake());
        return order_.lock ? after_lock(table.error(), card_) : table.error();
    }
    facts_.table = *table;
    return disk_->forget_cache();
}

}  // namespace

Done make_unit(const UnitOrder& order, const Image& image, const Station& station,
               UnitFacts& facts) {
    Making making{order, image, station, facts};
    if (Done prepared = making.prepare(); !prepared) return prepared;
    return making.make();
}

}  // namespace hsm4::rootfs
