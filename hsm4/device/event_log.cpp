// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Adding and clearing events.
#include "hsm4/device/event_log.hpp"

#include <algorithm>
#include <limits>

namespace hsm4::device {

namespace {

bool is_of_perimeter(wire::EventKind kind) {
    return kind == wire::EventKind::perimeter || kind == wire::EventKind::self_destructed;
}

void count_up(std::uint32_t& counter) noexcept {
    if (counter < std::numeric_limits<std::uint32_t>::max()) ++counter;
}

/// The newest event that is not of the perimeter goes.
void make_room(EventLog& log) {
    const auto found = std::find_if(log.events.rbegin(), log.events.rend(),
                                    [](const Event& old) { return !is_of_perimeter(old.kind); });
    if (found == log.events.rend()) return;
    log.events.erase(std::next(found).base());
    count_up(log.lost);
}

}  // namespace

void add_event(EventLog& log, wire::EventKind kind, std::uint8_t detail, std::uint64_t time) {
    count_up(log.last_number);
    if (log.events.size() >= wire::most_events && is_of_perimeter(kind)) make_room(log);
    if (log.events.size() >= wire::most_events) {
        count_up(log.lost);
        return;
    }
    log.events.push_back({log.last_number, kind, detail, time});
}

void clear_events(EventLog& log, std::uint32_t through) {
    std::erase_if(log.events, [through](const Event& event) { return event.number <= through; });
    if (through >= log.last_number) log.lost = 0;
}

bool has_perimeter_event(const EventLog& log, std::size_t channel) {
    return std::ranges::any_of(log.events, [channel](const Event& event) {
        return is_of_perimeter(event.kind) && event.detail == channel;
    });
}

}  // namespace hsm4::device
