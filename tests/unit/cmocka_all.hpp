// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// cmocka for C++: include it last, because its header lacks extern "C" and defines common words.
// others.
#pragma once

#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>

extern "C" {
#include <cmocka.h>
}

#undef fail  // a macro that would break std::ios::fail in headers that come later; fail_msg() stays
