// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Frames over a unix socket: in pieces, damaged, late, and not at all.
#include "hsm4/open/unix_transport.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hsm4/wire/t1.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/scratch_directory.hpp"

using hsm4::Bytes;
using hsm4::Deadline;
using hsm4::Errc;
using hsm4::open::UnixTransport;
using namespace std::chrono_literals;

namespace {

/// A listening socket, and the connection that the transport makes to it.
struct World {
    ScratchDirectory scratch;
    std::string path = scratch.path("s");
    hsm4::Descriptor listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    hsm4::Descriptor peer;
    hsm4::SystemClock clock;
    UnixTransport transport{path, clock};

    World() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(&address.sun_path[0], path.size());
        assert_int_equal(
            ::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        assert_int_equal(::listen(listener.get(), 1), 0);
        assert_true(static_cast<bool>(transport.acquire(soon())));
        peer = hsm4::Descriptor{::accept(listener.get(), nullptr, nullptr)};
    }
    Deadline soon(std::chrono::milliseconds time = 5000ms) { return Deadline{clock, time}; }
    void say(const Bytes& bytes) {
        assert_int_equal(::send(peer.get(), bytes.data(), bytes.size(), 0), bytes.size());
    }
};

const Bytes frame = *hsm4::wire::t1::encode({0x12, 0x00, Bytes(100, std::byte{3})});

}  // namespace

static void frames_go_both_ways(void** /*state*/) {
    World world;
    assert_true(static_cast<bool>(world.transport.write(frame, world.soon())));
    Bytes got(frame.size());
    assert_int_equal(::recv(world.peer.get(), got.data(), got.size(), MSG_WAITALL), got.size());
    assert_true(got == frame);
    Bytes two = frame;
    hsm4::append(two, frame);
    world.say(two);
    for (int at = 0; at < 2; ++at) assert_true(*world.transport.read(world.soon()) == frame);
}

static void half_a_frame_is_a_timeout_and_is_dropped(void** /*state*/) {
    World world;
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{3}, std::size_t{6}, frame.size() - 1}) {
        world.say({frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size)});
        auto got = world.transport.read(world.soon(20ms));
        assert_true(!got && got.error().code == Errc::timeout);
        world.transport.reset();
        world.say(frame);
        assert_true(*world.transport.read(world.soon()) == frame);
    }
}

static void a_length_that_no_block_has_is_malformed(void** /*state*/) {
    for (const char* head : {"120000ff0000", "12000ff90000", "12000ffa0000", "1200ffff0000"}) {
        World world;
        world.say(*hsm4::from_hex(head));
        auto got = world.transport.read(world.soon());
        assert_true(!got && got.error().code == Errc::malformed);
    }
}

static void a_module_that_hangs_up_is_a_fault_of_the_link(void** /*state*/) {
    World world;
    world.peer.close();
    auto got = world.transport.read(world.soon());
    assert_true(!got && got.error().code == Errc::bus);
    // Closed for good, until the next acquire().
    assert_true(world.transport.write(frame, world.soon()).error().code == Errc::bus);
    assert_true(static_cast<bool>(world.transport.acquire(world.soon())));
    assert_true(static_cast<bool>(world.transport.write(frame, world.soon())));
}

static void a_module_that_reads_nothing_is_a_timeout(void** /*state*/) {
    World world;
    const Bytes much(4U << 20);
    auto sent = world.transport.write(much, world.soon(50ms));
    assert_true(!sent && sent.error().code == Errc::timeout);
}

static void where_nobody_listens_there_is_no_module(void** /*state*/) {
    const ScratchDirectory scratch;
    hsm4::SystemClock clock;
    const Deadline deadline{clock, 5s};
    scratch.write("file", "");
    for (const auto& path :
         {scratch.path("missing"), scratch.path("file"), scratch.path("file/x")}) {
        UnixTransport transport{path, clock};
        auto held = transport.acquire(deadline);
        assert_true(!held && held.error().code == Errc::no_device);
    }
    for (const auto& path : {std::string{}, std::string(200, 'x')}) {
        UnixTransport transport{path, clock};
        assert_true(transport.acquire(deadline).error().code == Errc::usage);
    }
}

static void a_full_queue_is_waited_for_within_the_deadline(void** /*state*/) {
    World world;
    std::vector<std::unique_ptr<UnixTransport>> others;
    hsm4::Status held = hsm4::ok();
    for (int at = 0; at < 8 && held; ++at) {
        others.push_back(std::make_unique<UnixTransport>(world.path, world.clock));
        held = others.back()->acquire(world.soon(30ms));
    }
    assert_true(!held && held.error().code == Errc::timeout);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(frames_go_both_ways),
        cmocka_unit_test(half_a_frame_is_a_timeout_and_is_dropped),
        cmocka_unit_test(a_length_that_no_block_has_is_malformed),
        cmocka_unit_test(a_module_that_hangs_up_is_a_fault_of_the_link),
        cmocka_unit_test(a_module_that_reads_nothing_is_a_timeout),
        cmocka_unit_test(where_nobody_listens_there_is_no_module),
        cmocka_unit_test(a_full_queue_is_waited_for_within_the_deadline),
    };
    return cmocka_run_group_tests_name("unix_transport", tests, nullptr, nullptr);
}
