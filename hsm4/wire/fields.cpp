// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Big-endian fields.
#include "hsm4/wire/fields.hpp"

namespace hsm4::wire {

View Reader::take(std::size_t size) noexcept {
    if (short_ || size > rest_.size()) {
        short_ = true;
        return {};
    }
    const View taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
}

View Reader::rest() noexcept { return take(rest_.size()); }

Writer& Writer::put(View bytes) noexcept {
    if (overflow_ || bytes.size() > out_.size() - used_) {
        overflow_ = true;
        return *this;
    }
    std::copy(bytes.begin(), bytes.end(),
              out_.writable().begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += bytes.size();
    return *this;
}

Result<SecretBytes> Writer::take() noexcept {
    if (overflow_) return Error{Errc::malformed, "message too long"};
    out_.shorten(used_);
    used_ = 0;
    return std::move(out_);
}

}  // namespace hsm4::wire
