// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the C++ runtime inside the plugin holds is given back when libcryptsetup unloads it.

// NOLINTBEGIN(readability-identifier-naming): the names are libstdc++'s.
namespace __gnu_cxx {
/// libstdc++'s own, for memory checkers: frees the store for exceptions that must be thrown when
/// memory has run out. It is made when the plugin is loaded, and nothing else frees it.
void __freeres();
}  // namespace __gnu_cxx
// NOLINTEND(readability-identifier-naming)

[[gnu::destructor]] static void free_the_runtimes_store() { __gnu_cxx::__freeres(); }
