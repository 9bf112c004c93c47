// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// From a URI to the transport that it names.
#include "hsm4/open/open_transport.hpp"

#include "hsm4/open/unix_transport.hpp"

namespace hsm4::open {

Result<std::unique_ptr<Transport>> open_transport(const Uri& uri, Clock& clock) {
    if (uri.kind == Uri::Kind::unix_socket)
        return std::unique_ptr<Transport>{std::make_unique<UnixTransport>(uri.path, clock)};
    return Error{Errc::usage, "a module that speaks the open protocol"};
}

}  // namespace hsm4::open
