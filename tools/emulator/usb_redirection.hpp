// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// One connection to a virtual machine, over which the USB adapter is plugged into it: the device's
// end of the usbredir protocol. The adapter and its module outlive it.
#pragma once

#include <usbredirparser.h>

#include <memory>

#include "hsm4/files.hpp"
#include "tools/emulator/usb_adapter.hpp"

namespace hsm4::emulator {

class UsbRedirection {
public:
    /// `socket` does not block. `adapter` outlives the connection.
    UsbRedirection(Descriptor socket, UsbAdapter& adapter, bool plugged);
    UsbRedirection(const UsbRedirection&) = delete;  // the parser holds its address
    UsbRedirection& operator=(const UsbRedirection&) = delete;
    ~UsbRedirection() = default;

    int fd() const noexcept { return socket_.get(); }
    bool wants_to_write() const;
    /// Reads and writes what can be without waiting. False when the connection is over.
    bool serve();
    void plug();
    void unplug();

private:
    struct Destroy {
        void operator()(usbredirparser* parser) const noexcept { usbredirparser_destroy(parser); }
    };
    using Parser = std::unique_ptr<usbredirparser, Destroy>;
    struct Callbacks;  ///< what the parser calls

    Descriptor socket_;
    UsbAdapter* adapter_;
    Parser parser_;  ///< null when memory was short
    bool plugged_;
    bool greeted_ = false;  ///< the peer has said hello
    bool broken_ = false;   ///< the peer asked for what the device has not
};

}  // namespace hsm4::emulator
