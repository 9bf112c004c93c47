// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Replays a corpus where there is no libFuzzer: each file as it stands, cut short at each byte,
// and with each byte spoiled.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/fuzz/law.hpp"

namespace {

using Input = std::vector<std::uint8_t>;

Input contents(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

/// From a buffer of just this size, so that a sanitizer sees each byte read beyond it.
void run(Input input) {
    input.shrink_to_fit();
    LLVMFuzzerTestOneInput(input.data(), input.size());
}

void run_with_damage(const Input& input) {
    run(input);
    for (std::size_t index = 0; index < input.size(); ++index) {
        run({input.begin(), input.begin() + static_cast<std::ptrdiff_t>(index)});
        for (const unsigned change : {0x01U, 0x80U, 0xffU}) {
            Input spoiled = input;
            spoiled[index] = static_cast<std::uint8_t>(spoiled[index] ^ change);
            run(std::move(spoiled));
        }
    }
}

}  // namespace

/// replay DIRECTORY: one line of TAP for each file.
int main(int argc, char** argv) {
    if (argc != 2) return 2;
    int number = 0;
    for (const auto& entry : std::filesystem::directory_iterator{argv[1]}) {
        run_with_damage(contents(entry.path()));
        std::printf("ok %d %s\n", ++number, entry.path().filename().c_str());
        std::fflush(stdout);
    }
    std::printf("1..%d\n", number);
    return number > 0 ? 0 : 1;
}
