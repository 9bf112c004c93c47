// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Choosing the components of a binding.
#include "tools/ctl/components.hpp"

#include <algorithm>
#include <iterator>

namespace hsm4::ctl {

Result<std::vector<Component>> choose_components(const Options& options) {
    if (options.components.empty()) {
        std::optional<std::string> medium;
        if (!options.boot_medium.empty()) medium = options.boot_medium;
        return find_components(medium);
    }
    std::vector<Component> chosen;
    for (const std::string& text : options.components) {
        auto component = parse_component(text);
        if (!component) return component.error();
        chosen.push_back(std::move(*component));
    }
    return chosen;
}

std::vector<Component> late_components(const std::vector<Component>& components) {
    std::vector<Component> late;
    std::ranges::copy_if(components, std::back_inserter(late), lies_on_root);
    return late;
}

}  // namespace hsm4::ctl
