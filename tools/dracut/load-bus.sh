#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
#
# Sourced by dracut's init before udev starts: no udev rule makes /dev/i2c-N by itself, and words of
# the kernel command line must not lead the plugin elsewhere.
unset -v HSM4_DEVICE HSM4_CONFIG
modprobe -q i2c-dev
