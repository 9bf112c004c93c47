// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Moves whole T=1' frames to and from an open module. One seam that tests replace (the other is
// Clock).
//
//   idle --write--> waiting --read--> idle        a timeout leaves it waiting
//
// reset() forgets half-read frames; the link sends S(RESYNCH) afterwards where is_shared_bus().
#pragma once

#include "hsm4/bytes.hpp"
#include "hsm4/clock.hpp"

namespace hsm4::open {

/// Not thread-safe. Errors: no_device (nothing there, or gone), timeout, bus (worth a retry), io.
class Transport {
public:
    virtual ~Transport() = default;
    /// Takes hold of the module for one exchange, and waits for it within the deadline.
    virtual Status acquire(const Deadline& deadline) = 0;
    /// Lets other processes have it; also done by the destructor.
    virtual void release() noexcept = 0;
    /// One whole frame.
    virtual Status write(View frame, const Deadline& deadline) = 0;
    /// One whole frame: its head is read first, then LEN more bytes. CRC and content are the
    /// link's.
    virtual Result<Bytes> read(const Deadline& deadline) = 0;
    /// Drops what is half-read.
    virtual void reset() noexcept = 0;
    /// True where the module's link state outlives the process (I2C): an exchange starts with
    /// S(RESYNCH).
    virtual bool is_shared_bus() const noexcept = 0;

    /// The link got an answer that only a module gives. For good: later damage is the bus's.
    void recognise() noexcept { recognised_ = true; }
    bool recognised() const noexcept { return recognised_; }

private:
    bool recognised_ = false;
};

}  // namespace hsm4::open
