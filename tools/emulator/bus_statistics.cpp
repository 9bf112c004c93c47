// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Counting the bus.
#include "tools/emulator/bus_statistics.hpp"

#include "hsm4/json.hpp"
#include "hsm4/wire/t1.hpp"

namespace hsm4::emulator {

namespace {

constexpr std::uint64_t us_per_byte = 90;  // nine bits at 100 kHz

bool add(json_object* object, const char* name, std::uint64_t value) {
    return json_object_object_add(object, name, json_object_new_uint64(value)) == 0;
}

bool add(json_object* object, const char* name, std::string_view value) {
    return json_object_object_add(object, name,
                                  json_object_new_string(std::string{value}.c_str())) == 0;
}

}  // namespace

void BusStatistics::count_transfer(std::size_t bytes) noexcept {
    ++transfers_;
    clocked_bytes_ += bytes + 1;  // and the address
}

void BusStatistics::count_write(std::size_t bytes) noexcept {
    bytes_written_ += bytes;
    count_transfer(bytes);
}

void BusStatistics::count_read(std::size_t bytes) noexcept {
    bytes_read_ += bytes;
    count_transfer(bytes);
}

void BusStatistics::count_block_read(std::size_t bytes) noexcept {
    const std::size_t first = std::min(bytes, wire::t1::overhead);
    count_read(first);
    if (bytes > first) count_read(bytes - first);
}

void BusStatistics::count_poll() noexcept {
    ++polls_;
    ++clocked_bytes_;
}

std::string BusStatistics::to_json(const device::Device& device) const {
    const device::Statistics& counted = device.core().statistics();
    const json::Owner object{json_object_new_object()};
    const bool done = add(object.get(), "transfers", transfers_) &&
                      add(object.get(), "bytes_written", bytes_written_) &&
                      add(object.get(), "bytes_read", bytes_read_) &&
                      add(object.get(), "polls", polls_) &&
                      add(object.get(), "unlocks", counted.unlocks) &&
                      add(object.get(), "refusals", counted.refusals) &&
                      add(object.get(), "bus_time_us", clocked_bytes_ * us_per_byte) &&
                      add(object.get(), "led", to_text(device.led()));
    return done ? json_object_to_json_string_ext(object.get(), JSON_C_TO_STRING_PLAIN)
                : std::string{};
}

}  // namespace hsm4::emulator
