// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Library or programs.
#include "hsm4/zymbit/choose.hpp"

#include <unistd.h>

#include "hsm4/zymbit/library.hpp"
#include "hsm4/zymbit/programs.hpp"

namespace hsm4::zymbit {

namespace {

/// Empty when none of the usual places has it.
std::string find_library(const VendorFiles& files) {
    for (const std::string& path : files.libraries)
        if (::access(path.c_str(), R_OK) == 0) return path;
    return {};
}

}  // namespace

Choice choose(const Uri& uri, const VendorFiles& files) {
    if (uri.kind == Uri::Kind::zymbit_exec)
        return {uri.kind, uri.path.empty() ? files.unlock_program : uri.path};
    const bool have_programs = ::access(files.unlock_program.c_str(), X_OK) == 0;
    const bool named = !uri.path.empty();
    if (named && (!have_programs || ::access(uri.path.c_str(), R_OK) == 0))
        return {uri.kind, uri.path};
    const std::string library = named ? std::string{} : find_library(files);
    if (have_programs && (library.empty() || !zkifc_runs(files)))
        return {Uri::Kind::zymbit_exec, files.unlock_program};
    return {Uri::Kind::zymbit, library.empty() ? "libzk_app_utils.so" : library};
}

std::unique_ptr<Access> open_access(const Choice& choice, const VendorFiles& files, Clock& clock,
                                    std::chrono::milliseconds budget) {
    if (choice.kind == Uri::Kind::zymbit_exec)
        return std::make_unique<Programs>(choice.path, files, clock, budget);
    return std::make_unique<Library>(choice.path, files, clock, budget);
}

}  // namespace hsm4::zymbit
