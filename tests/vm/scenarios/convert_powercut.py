# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC's power fails at random instants, again and again, while its root is encrypted: nothing is lost.

    hsm4-rootfs convert -- then HSM4_CUTS times (25): on, off, and its disk's write cache is gone --
    on, to the end: every file as before, and the raw partition shows nothing of them

HSM4_SEED=S plays the same instants and losses again, as far as a machine of another speed lets it. When a
conversion ends before the cuts do, its result is looked at, and another begins.
"""
import contextlib
import os
import random
import re
import time

from harness import convert_steps as steps
from harness import disk, limits
from harness.lossy_disk import LossyDisk

IMAGE = steps.image(disk.PC, "bookworm", options="modprobe.blacklist=i2c_i801")
CUTS = int(os.environ.get("HSM4_CUTS", "25"))
SEED = int(os.environ.get("HSM4_SEED") or time.time())
LONGEST = 25 * limits.PATIENCE  # seconds from the boot script's first line to a cut
BEGUN = r"hsm4: |root@"
DONE = r"root@"
STAGE = f"hsm4: ({'|'.join(steps.STAGES)})\\n"
NEVER = r"\(initramfs\)|Recovery key|Please unlock"


def let_run(console, seconds):
    """True when the system is up before."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        console.pump(min(0.2, end - time.monotonic()))
        if console.has_said(DONE):
            return True
    return False


def stages_of(console):
    return re.findall(STAGE, console.text)


def wait_for_next_stage(console):
    """Of the two that this boot comes to first, the second; or until the system is up."""
    for _ in range(2):
        if not console.has_said(DONE):
            console.wait_for(f"{STAGE}|{DONE}", 2 * limits.BOOT, but_not=NEVER)


def cut_once(pc, boot, chance):
    """One boot that ends by a cut: some time after the work has begun, or has come to its next stage, for
    the short ones would hardly ever be hit. True when the conversion was complete by then."""
    console = pc.switch_on()
    console.wait_for(BEGUN, limits.BOOT, but_not=NEVER)
    if chance.random() < 1 / 3:
        wait_for_next_stage(console)
    up = let_run(console, LONGEST * chance.random() ** 2)
    assert not console.has_said(NEVER), console.text[-1500:]
    pc.cut_power()
    lost = boot.lost
    boot.cut(chance)
    print(f"# cut while {'up' if up else (stages_of(console) or ['beginning'])[-1]}: {boot.lost - lost} sectors lost",
          flush=True)
    return up


def look(pc, boot):
    """Boots to the end, and compares."""
    console = pc.switch_on()
    console.wait_for(DONE, 2 * limits.BOOT, but_not=NEVER)
    console.position = 0
    shell = pc.log_in()
    steps.is_encrypted(shell)
    shell.run(steps.CHECK_FILES, seconds=3 * limits.COMMAND)
    steps.wait_until_tidy(shell)
    steps.power_off(pc, shell)
    boot.settle()
    assert not steps.plaintext_in(boot), steps.plaintext_in(boot)


@contextlib.contextmanager
def kept_if_it_fails(vm, boot):
    """A disk on which something went wrong can be looked at afterwards, beside the consoles' logs."""
    try:
        yield
    except AssertionError:
        kept = boot.copy_to(vm.logs / boot.path.name)
        print(f"# the disk as it is now: {kept.path}", flush=True)
        raise


def run(vm):
    print(f"# HSM4_CUTS={CUTS} HSM4_SEED={SEED}", flush=True)
    chance = random.Random(SEED)
    module = vm.module()
    prepared = vm.disk(IMAGE, "prepared.img")
    pc = vm.pc(prepared, module, serial="card-0001")
    with vm.test("a plain Debian is prepared", needed=True):
        shell = pc.boot()
        steps.prepare(shell)
        steps.power_off(pc, shell)

    cuts = conversions = 0
    while cuts < CUTS or not conversions:
        conversions += 1
        boot = LossyDisk(prepared.copy_to(vm.work / f"disk-{conversions}.img").path,
                         vm.work / f"disk-{conversions}.sock")
        pc.disk = boot
        before = cuts
        with (vm.test(f"conversion {conversions} goes on after each cut", needed=True),
              kept_if_it_fails(vm, boot)):
            done = False
            while cuts < CUTS and not done:
                cuts += 1
                done = cut_once(pc, boot, chance)
        with vm.test(f"after cuts {before + 1} to {cuts}, {boot.lost} lost sectors: every file is as before, and nothing"
                     " of them can be read on the raw partition", needed=True), kept_if_it_fails(vm, boot):
            look(pc, boot)
        boot.close()
        boot.path.unlink()
