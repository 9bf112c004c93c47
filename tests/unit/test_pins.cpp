// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Pins: the configuration wins over the header.
#include "hsm4/pins.hpp"
#include "tests/unit/cmocka_all.hpp"

using hsm4::Errc;

namespace {

hsm4::Config bound_config() {
    hsm4::Config config;
    config.binding.emplace();
    config.binding->module.public_key.fill(std::byte{1});
    return config;
}

hsm4::Token fitting_token() {
    hsm4::Token token;
    token.keyslot = 0;
    token.backend = "open";
    token.keys = bound_config().binding->module;
    return token;
}

bool mismatch(const hsm4::Status& status) {
    return !status && status.error().code == Errc::pin_mismatch;
}

}  // namespace

static void the_pinned_module_is_accepted(void** /*state*/) {
    assert_true(static_cast<bool>(hsm4::check_module_pin(bound_config(), fitting_token())));
}

static void a_replaced_key_or_id_is_refused(void** /*state*/) {
    for (auto change : {+[](hsm4::ModuleKeys& keys) { keys.module_id[15] ^= std::byte{1}; },
                        +[](hsm4::ModuleKeys& keys) { keys.public_key[0] ^= std::byte{1}; },
                        +[](hsm4::ModuleKeys& keys) { keys.verify_key[31] ^= std::byte{0x80}; }}) {
        hsm4::Token token = fitting_token();
        change(*token.keys);
        assert_true(mismatch(hsm4::check_module_pin(bound_config(), token)));
    }
}

static void without_a_binding_nothing_is_accepted(void** /*state*/) {
    hsm4::Status status = hsm4::check_module_pin(hsm4::Config{}, fitting_token());
    assert_true(!status && status.error().code == Errc::bad_config);
}

static void a_pinned_volume_must_fit_one_of_its_bindings(void** /*state*/) {
    hsm4::Config config = bound_config();
    hsm4::VolumeBinding first{};
    hsm4::VolumeBinding second{};
    second.fill(std::byte{2});
    hsm4::VolumeBinding other{};
    other.fill(std::byte{3});
    config.volumes["u"] = {first, second};
    assert_true(static_cast<bool>(hsm4::check_volume_pin(config, "u", first)));
    assert_true(static_cast<bool>(hsm4::check_volume_pin(config, "u", second)));
    assert_true(mismatch(hsm4::check_volume_pin(config, "u", other)));
    assert_true(static_cast<bool>(hsm4::check_volume_pin(config, "unpinned", other)));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_pinned_module_is_accepted),
        cmocka_unit_test(a_replaced_key_or_id_is_refused),
        cmocka_unit_test(without_a_binding_nothing_is_accepted),
        cmocka_unit_test(a_pinned_volume_must_fit_one_of_its_bindings),
    };
    return cmocka_run_group_tests_name("pins", tests, nullptr, nullptr);
}
