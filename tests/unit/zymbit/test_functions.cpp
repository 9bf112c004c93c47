// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Our use of the vendor's functions against their published declarations (at compile time), and
// libraries of several ages.
#include <type_traits>

#include "hsm4/zymbit/functions.hpp"
#include "tests/zymbit/zk_app_utils.h"
// The vendor's header stands first: what follows must not be needed for it.
#include "tests/unit/cmocka_all.hpp"

using hsm4::zymbit::Functions;
using hsm4::zymbit::load_functions;
using hsm4::zymbit::LoadFailure;

static_assert(std::is_same_v<hsm4::zymbit::Context, zkCTX>);
static_assert(std::is_same_v<decltype(Functions::open), decltype(&zkOpen)>);
static_assert(std::is_same_v<decltype(Functions::close), decltype(&zkClose)>);
static_assert(std::is_same_v<decltype(Functions::lock), decltype(&zkLockDataB2B)>);
static_assert(std::is_same_v<decltype(Functions::unlock), decltype(&zkUnlockDataB2B)>);
static_assert(std::is_same_v<decltype(Functions::random), decltype(&zkGetRandBytes)>);
static_assert(
    std::is_same_v<decltype(Functions::binding_info), decltype(&zkGetCurrentBindingInfo)>);
static_assert(std::is_same_v<decltype(Functions::model), decltype(&zkGetModelNumberString)>);
static_assert(std::is_same_v<decltype(Functions::firmware), decltype(&zkGetFirmwareVersionString)>);
static_assert(std::is_same_v<decltype(Functions::serial), decltype(&zkGetSerialNumberString)>);
static_assert(std::is_same_v<decltype(Functions::led_off), decltype(&zkLEDOff)>);
static_assert(std::is_same_v<decltype(Functions::led_on), decltype(&zkLEDOn)>);
static_assert(std::is_same_v<decltype(Functions::led_flash), decltype(&zkLEDFlash)>);
static_assert(std::is_same_v<decltype(Functions::time), decltype(&zkGetTime)>);
static_assert(
    std::is_same_v<decltype(Functions::perimeter_action), decltype(&zkSetPerimeterEventAction)>);
static_assert(
    std::is_same_v<decltype(Functions::perimeter_info), decltype(&zkGetPerimeterDetectInfo)>);
static_assert(
    std::is_same_v<decltype(Functions::perimeter_clear), decltype(&zkClearPerimeterDetectEvents)>);

static void todays_library_has_everything(void** /*state*/) {
    Functions functions;
    assert_false(load_functions(STAND_IN "/libzk_app_utils.so", functions).has_value());
    assert_non_null(functions.unlock);
    assert_non_null(functions.random);
    assert_non_null(functions.binding_info);
    assert_non_null(functions.model);
    assert_non_null(functions.firmware);
    assert_non_null(functions.serial);
    assert_non_null(functions.led_off);
    assert_non_null(functions.led_on);
    assert_non_null(functions.led_flash);
    assert_non_null(functions.time);
    assert_non_null(functions.perimeter_action);
    assert_non_null(functions.perimeter_info);
    assert_non_null(functions.perimeter_clear);
}

static void an_old_library_has_what_is_needed(void** /*state*/) {
    Functions functions;
    assert_false(load_functions(STAND_IN "/libzk_app_utils-2020.so", functions).has_value());
    assert_non_null(functions.unlock);
    assert_null(functions.binding_info);
    assert_null(functions.serial);
}

static void without_unlock_nothing_works(void** /*state*/) {
    Functions functions;
    assert_true(load_functions(STAND_IN "/libzk_app_utils-crippled.so", functions) ==
                LoadFailure::missing_function);
    assert_true(load_functions("/nonexistent.so", functions) == LoadFailure::no_library);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(todays_library_has_everything),
        cmocka_unit_test(an_old_library_has_what_is_needed),
        cmocka_unit_test(without_unlock_nothing_works),
    };
    return cmocka_run_group_tests_name("functions", tests, nullptr, nullptr);
}
