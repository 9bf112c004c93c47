// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A QR code in half-block characters, light on dark whatever the terminal's colours are.
#include "tools/enroll/qr_code.hpp"

#include <qrencode.h>

#include <cstdio>
#include <memory>

namespace hsm4::enroll {

namespace {

constexpr int border = 2;  // modules of silence around the code
constexpr const char* white_on_black = "\x1b[40;37;1m";
constexpr const char* normal = "\x1b[0m";

struct FreeCode {
    void operator()(QRcode* code) const noexcept {
        wipe(std::as_writable_bytes(
            std::span{code->data, static_cast<std::size_t>(code->width * code->width)}));
        QRcode_free(code);
    }
};

/// Outside the code everything is light, as the standard wants it.
bool is_light(const QRcode& code, int x, int y) {
    if (x < 0 || y < 0 || x >= code.width || y >= code.width) return true;
    return (code.data[y * code.width + x] & 1U) == 0;
}

const char* half_blocks(bool upper, bool lower) {
    if (upper && lower) return "\u2588";
    if (upper) return "\u2580";
    return lower ? "\u2584" : " ";
}

}  // namespace

void print_qr_code(View text) {
    const std::unique_ptr<QRcode, FreeCode> code{
        QRcode_encodeData(static_cast<int>(text.size()),
                          reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_L)};
    if (!code) return;
    for (int y = -border; y < code->width + border; y += 2) {
        std::fputs(white_on_black, stdout);
        for (int x = -border; x < code->width + border; ++x)
            std::fputs(half_blocks(is_light(*code, x, y), is_light(*code, x, y + 1)), stdout);
        std::printf("%s\n", normal);
    }
}

}  // namespace hsm4::enroll
