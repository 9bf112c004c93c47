# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Time limits in seconds, against hanging only: a PC boots in 60 s on an idle machine of two cores, a
Pi in 90 s. HSM4_VM_PATIENCE=N multiplies them."""
import os

PATIENCE = float(os.environ.get("HSM4_VM_PATIENCE", "1"))

BOOT = 900 * PATIENCE
COMMAND = 240 * PATIENCE
HALT = 300 * PATIENCE
SILENCE = 120 * PATIENCE
