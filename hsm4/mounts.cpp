// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Lines of mountinfo.
#include "hsm4/mounts.hpp"

#include <fstream>
#include <sstream>

namespace hsm4 {

std::vector<Mount> mounts(const Machine& machine) {
    std::vector<Mount> found;
    std::ifstream table{machine.proc + "/self/mountinfo"};
    for (std::string line; std::getline(table, line);) {
        std::istringstream fields{line};
        Mount mount;
        std::string id;
        std::string parent;
        std::string word;
        if (!(fields >> id >> parent >> mount.device >> mount.subtree >> mount.point)) continue;
        // Options, and then any number of optional fields, up to a hyphen.
        while (fields >> word && word != "-") continue;
        fields >> mount.type;
        found.push_back(std::move(mount));
    }
    return found;
}

}  // namespace hsm4
