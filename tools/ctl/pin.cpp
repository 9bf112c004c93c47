// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl pin.
#include "tools/ctl/pin.hpp"

#include "tools/ctl/host.hpp"

namespace hsm4::ctl {

namespace {

json_object* json_of(const PinRecord& record) {
    json_object* object = json_object_new_object();
    json_object_object_add(object, "id", json_object_new_int64(record.id));
    json_object_object_add(object, "generation", json_object_new_int64(record.generation));
    json_object_object_add(object, "tries-left", json_object_new_int64(record.tries_left));
    json_object_object_add(object, "used", json_object_new_boolean(record.used ? 1 : 0));
    return object;
}

Status print(const std::vector<PinRecord>& records, bool as_json) {
    json_object* list = json_object_new_array();
    Facts facts;
    for (const PinRecord& record : records) {
        json_object_array_add(list, json_of(record));
        facts.add("", "Key " + std::to_string(record.id),
                  "tries left: " + std::to_string(record.tries_left) + ", generation " +
                      std::to_string(record.generation) + (record.used ? "" : ", never unlocked"));
    }
    if (records.empty()) facts.add("", "Keys with PIN", "none");
    return facts.add("pins", list).print(as_json);
}

}  // namespace

int run_pin(const Options& options) {
    auto host = load_host(options);
    if (!host) return complain(host.error());
    SystemClock clock;
    auto module = reach(*host, Proof::needed, clock);
    if (!module) return complain(module.error(), host->uri);
    if (options.action == "forget") {
        if (!options.pin_id) {
            notice("forget which key? See `hsm4ctl pin list`");
            return exit_usage;
        }
        if (Status forgotten = (*module)->forget_pin(*options.pin_id); !forgotten)
            return complain(forgotten.error(), host->uri);
    }
    auto records = (*module)->pin_records();
    if (!records) return complain(records.error(), host->uri);
    Status printed = print(*records, options.json);
    return printed ? exit_done : complain(printed.error());
}

}  // namespace hsm4::ctl
