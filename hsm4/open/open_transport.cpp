// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// From a URI to the transport that it names.
#include "hsm4/open/open_transport.hpp"

#include "hsm4/open/i2c_transport.hpp"
#include "hsm4/open/unix_transport.hpp"

namespace hsm4::open {

Result<std::unique_ptr<Transport>> open_transport(const Uri& uri, Clock& clock) {
    switch (uri.kind) {
        case Uri::Kind::i2c: {
            auto bus = std::make_unique<LinuxI2cBus>(uri.path, uri.address);
            return std::unique_ptr<Transport>{
                std::make_unique<I2cTransport>(std::move(bus), clock)};
        }
        case Uri::Kind::unix_socket:
            return std::unique_ptr<Transport>{std::make_unique<UnixTransport>(uri.path, clock)};
        case Uri::Kind::zymbit:
        case Uri::Kind::zymbit_exec: break;
    }
    return Error{Errc::usage, "a module that speaks the open protocol"};
}

}  // namespace hsm4::open
