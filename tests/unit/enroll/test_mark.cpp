// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Marks of interrupted runs: what makes a slot ours, and nothing else.
#include "tools/enroll/mark.hpp"

#include "tests/unit/cmocka_all.hpp"

namespace {

using namespace hsm4;
using namespace hsm4::enroll;

const View passphrase = view_of("the slot's passphrase");
const View volume_key = view_of("0123456789abcdef0123456789abcdef");

Mark made() {
    auto mark = make_mark(3, passphrase, volume_key);
    assert_true(static_cast<bool>(mark));
    return std::move(*mark);
}

void gives_the_passphrase_back(void** /*state*/) {
    auto opened = open_mark(made(), volume_key);
    assert_true(opened && equal_secret(opened->view(), passphrase));
}

void for_its_slot_and_volume_only(void** /*state*/) {
    Mark mark = made();
    mark.keyslot = 4;
    assert_false(static_cast<bool>(open_mark(mark, volume_key)));
    assert_false(static_cast<bool>(open_mark(made(), view_of("another key"))));
}

void any_damage_is_seen(void** /*state*/) {
    const Mark mark = made();
    for (std::size_t i = 0; i < mark.sealed.size() * 8; ++i) {
        Mark damaged = mark;
        damaged.sealed[i / 8] ^= std::byte{1} << (i % 8);
        assert_false(static_cast<bool>(open_mark(damaged, volume_key)));
    }
}

void survives_json(void** /*state*/) {
    Mark mark = made();
    mark.escrow = crypto::Hash{};
    auto pending = pending_token_json(mark);
    auto final_json = with_mark("{\"type\":\"zzz\",\"keyslots\":[\"3\"]}", mark);
    assert_true(pending && final_json);
    for (const std::string& json : {*pending, *final_json}) {
        assert_true(is_marked(json));
        auto read = mark_of(json);
        assert_true(read && read->keyslot == 3 && read->sealed == mark.sealed);
        assert_true(read->escrow == mark.escrow);
    }
    assert_string_equal(without_mark(*final_json)->c_str(),
                        "{\"type\":\"zzz\",\"keyslots\":[\"3\"]}");
}

void a_removal_is_marked_without_a_slot(void** /*state*/) {
    auto json = with_removal_mark("{\"type\":\"zzz\",\"keyslots\":[]}");
    assert_true(json && is_marked(*json));
    assert_false(static_cast<bool>(mark_of(*json)));
}

void what_is_no_mark(void** /*state*/) {
    for (const char* json :
         {"", "{}", "[]", "{\"pending-hsm4\":1}", "{\"pending-hsm4\":{}}",
          "{\"pending-hsm4\":{\"keyslot\":\"32\",\"salt\":\"00\",\"sealed\":\"AAAA\"}}"})
        assert_false(static_cast<bool>(mark_of(json)));
    assert_false(is_marked("{\"type\":\"hsm4\"}"));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_passphrase_back),
        cmocka_unit_test(for_its_slot_and_volume_only),
        cmocka_unit_test(any_damage_is_seen),
        cmocka_unit_test(survives_json),
        cmocka_unit_test(a_removal_is_marked_without_a_slot),
        cmocka_unit_test(what_is_no_mark),
    };
    return cmocka_run_group_tests_name("mark", tests, nullptr, nullptr);
}
