// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the services have in common. Each takes the fields of its request and gives those of its
// answer.
#pragma once

#include "hsm4/device/services.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::device {

/// A status, and fields: of success, or the tries left after a bad PIN.
struct Reply {
    wire::Answer status = wire::Answer::ok;
    SecretBytes fields;
};

inline Reply reject(wire::Answer status) { return {status, {}}; }

/// What was written, as the fields of a success.
Reply with_fields(wire::Writer& out);

/// Success without fields, or `failure` when the memory failed.
Reply done(const Status& saved);

// Keys (services_keys.cpp)
Reply on_lock(Core& core, Session& session, wire::Reader& in);
Reply on_lock_ahead(Core& core, Session& session, wire::Reader& in);
Reply on_unlock(Core& core, Session& session, wire::Reader& in);
Reply on_unlock_pin(Core& core, Session& session, wire::Reader& in);
Reply on_random(Core& core, Session& session, wire::Reader& in);
Reply on_pin(Core& core, Session& session, wire::Reader& in);
Reply on_revoke(Core& core, Session& session, wire::Reader& in);

// Binding (services_binding.cpp)
Reply on_attest(Core& core, Session& session, wire::Reader& in);
Reply on_bind_prepare(Core& core, Session& session, wire::Reader& in);
Reply on_bind_offer(Core& core, Session& session, wire::Reader& in);
Reply on_bind_lock(Core& core, Session& session, wire::Reader& in);

// Watching (services_watch.cpp)
Reply on_info(Core& core, Session& session, wire::Reader& in);
Reply on_status(Core& core, Session& session, wire::Reader& in);
Reply on_led(Core& core, Session& session, wire::Reader& in);
Reply on_events(Core& core, Session& session, wire::Reader& in);
Reply on_policy(Core& core, Session& session, wire::Reader& in);

}  // namespace hsm4::device
