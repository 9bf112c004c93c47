// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// From a URI to the transport that it names.
#pragma once

#include <memory>

#include "hsm4/open/transport.hpp"
#include "hsm4/uri.hpp"

namespace hsm4::open {

/// Nothing is opened before acquire(). `usage` for a module that does not speak the open protocol.
Result<std::unique_ptr<Transport>> open_transport(const Uri& uri, Clock& clock);

}  // namespace hsm4::open
