/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: 2026 The hsm4 authors
 *
 * The interface of the vendor's libzk_app_utils.so as its documentation publishes it, as far as it
 * concerns this project. For tests: the stand-in implements it, and a test compares our use with it.
 */
#ifndef HSM4_TESTS_ZK_APP_UTILS_H
#define HSM4_TESTS_ZK_APP_UTILS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void* zkCTX;

#define ZK_PERIMETER_EVENT_ACTION_NOTIFY (1 << 0)
#define ZK_PERIMETER_EVENT_ACTION_SELF_DESTRUCT (1 << 1)

int zkOpen(zkCTX* ctx);
int zkClose(zkCTX ctx);
int zkGetRandBytes(zkCTX ctx, uint8_t** rdata, int rdata_sz);
int zkLockDataB2B(zkCTX ctx, const uint8_t* src_pt, int src_pt_sz, uint8_t** dst_ct, int* dst_ct_sz,
                  bool use_shared_key);
int zkUnlockDataB2B(zkCTX ctx, const uint8_t* src_ct, int src_ct_sz, uint8_t** dst_pt,
                    int* dst_pt_sz, bool use_shared_key);
int zkGetCurrentBindingInfo(zkCTX ctx, bool* binding_is_locked, bool* is_bound);
int zkLockBinding(zkCTX ctx);
int zkGetModelNumberString(zkCTX ctx, char** model_str);
int zkGetFirmwareVersionString(zkCTX ctx, char** fw_ver_str);
int zkGetSerialNumberString(zkCTX ctx, char** serial_num_str);
int zkLEDOff(zkCTX ctx);
int zkLEDOn(zkCTX ctx);
int zkLEDFlash(zkCTX ctx, uint32_t on_ms, uint32_t off_ms, uint32_t num_flashes);
int zkGetTime(zkCTX ctx, uint32_t* epoch_time_sec, bool precise_time);
int zkSetPerimeterEventAction(zkCTX ctx, int channel, uint32_t action_flags);
int zkWaitForPerimeterEvent(zkCTX ctx, uint32_t timeout_ms);
int zkGetPerimeterDetectInfo(zkCTX ctx, uint32_t** timestamps_sec, int* num_timestamps);
int zkClearPerimeterDetectEvents(zkCTX ctx);

#ifdef __cplusplus
}
#endif

#endif
