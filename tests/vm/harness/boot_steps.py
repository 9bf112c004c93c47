# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""What the boot scenarios of all boards do: an encrypted root, opened in the initramfs by the module's
token, and what may come between them. Everything is installed from our Debian packages.

    initramfs: local-top/hsm4 -- cryptsetup -- plugin -- /dev/i2c-N -- usbredir -- hsm4-emulator
               local-top/cryptroot (asks, when the token did not open the volume)
"""
import re
import sys
import time

from . import disk as disks
from . import i2c_steps, limits, sdk

sys.path.insert(0, str(sdk.TOP / "tests/integration"))
import luks2_edit  # noqa: E402  pylint: disable=wrong-import-position

PASSPHRASE = "correct horse battery"
RECOVERY = "what stands on paper"
PROMPT = r"Please unlock disk root"
ANY_PROMPT = r"Please unlock|PIN of disk|assphrase"
# Seconds that an absent module may cost, beyond what the same machine takes to ask without a token: on a
# busy host that alone can be a minute.
PROMPT_WITHIN = 15
OURS = r"hsm4: [^\n]*"

CRYPTTAB = "root PARTUUID=48534d34-02 none luks,discard,initramfs\n"


def image(board, suite, **options):
    """An encrypted Debian with our packages, as an administrator would have it who types a passphrase
    at each boot so far."""
    files = {"/etc/crypttab": CRYPTTAB, **options.pop("files", {})}
    return disks.Recipe(board, suite, project="packages", root="/dev/mapper/root", files=files,
                        passphrase=PASSPHRASE, **{"size": 1024 * disks.MIB, **options})


def prompts(console):
    """How many there were. Plymouth writes its line anew for each character of the answer."""
    return len(re.findall(r"(?<!\x1b\[2K)" + PROMPT, console.text))


def answer_prompt(machine, passphrase=PASSPHRASE):
    """Switches on, answers the one prompt that comes, and gives the shell and what our scripts said."""
    console = machine.switch_on()
    console.wait_for(r"Running /scripts/local-top", limits.BOOT)
    start = time.monotonic()
    console.wait_for(PROMPT, limits.BOOT)
    seconds = time.monotonic() - start
    console.note(f"the prompt came {seconds:.1f} s after local-top began")
    said = re.findall(OURS, console.text)
    console.send(passphrase + "\n")
    shell = machine.log_in()
    assert prompts(console) == 1, "more than one prompt"
    return shell, said, seconds


def boot_without_prompt(machine):
    """Nothing may be asked before the login."""
    console = machine.switch_on()
    console.wait_for(r"login: |root@", limits.BOOT, but_not=ANY_PROMPT)
    console.position = 0
    shell = machine.log_in()
    assert not console.has_said(ANY_PROMPT)
    return shell


def boot_unattended(machine):
    """... and the root is encrypted."""
    shell = boot_without_prompt(machine)
    root = shell.run("findmnt -n -o SOURCE /; dmsetup table root").output
    assert "/dev/mapper/root" in root and " crypt " in root, root
    return shell


def power_off(machine, shell):
    shell.run("sync")
    shell.console.send("poweroff -f\n")
    machine.wait_off()


def few_modules(shell):
    """As Raspberry Pi OS has it: only the drivers that this machine's root needs, so none of a bus."""
    shell.run("echo MODULES=dep >/etc/initramfs-tools/conf.d/modules")


def add_token(shell, bind_options=""):
    """A module bound, a recovery passphrase, and the token; the initramfs is left as it is."""
    bus = i2c_steps.find_bus(shell)
    shell.run(f"hsm4ctl bind --hsm4-device=i2c:{bus}@0x30 {bind_options}")
    shell.run(f"""
        printf %s '{PASSPHRASE}' >/run/key; printf %s '{RECOVERY}' >/run/recovery
        source=$(blkid -t PARTUUID=48534d34-02 -o device)
        cryptsetup luksDump $source | grep -q '^  1: luks2' || cryptsetup luksAddKey -q \\
            --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file=/run/key $source /run/recovery
        hsm4-enroll --unlock-key-file=/run/key $source
        rm /run/key /run/recovery""")


def enrol(shell, bind_options=""):
    """From a system whose root asks for a passphrase to one that unlocks itself."""
    add_token(shell, bind_options)
    rebuild(shell)


def rebuild(shell):
    shell.run("update-initramfs -u -k all", seconds=5 * limits.COMMAND)


def asks_once(vm, machine, title, reason=OURS, passphrase=RECOVERY):
    """One test: one line that says why, one prompt, and the boot goes on. Gives the shell."""
    with vm.test(title, needed=True):
        shell, said, seconds = answer_prompt(machine, passphrase)
        assert said, "no line says why the module did not unlock"
        assert any(re.search(reason, line) for line in said), said
        assert len(set(said)) == 1, said
        assert seconds <= PROMPT_WITHIN + machine.usual_prompt, f"{seconds:.1f} s until the prompt"
    return shell


def first_boot(vm, machine, prepare=lambda shell: None):
    """`prepare(shell)` comes before the initramfs is made."""
    with vm.test("a root without token asks for its passphrase, as before", needed=True):
        shell, said, machine.usual_prompt = answer_prompt(machine)
        assert not said, said
    with vm.test("bind, enrol, update-initramfs", needed=True):
        prepare(shell)
        enrol(shell)
    power_off(machine, shell)


def unattended(vm, machine, title):
    with vm.test(title, needed=True):
        shell = boot_unattended(machine)
    return shell


def swap_header(disk, change):
    """What somebody does who has the card: the header's JSON is rewritten, with right checksums."""
    with open(disk.path, "r+b") as file:
        file.seek(disks.ROOT_START)
        header = file.read(disks.HEADER)
    copy = disk.path.with_suffix(".header")
    copy.write_bytes(header)
    luks2_edit.edit(copy, change)
    with open(disk.path, "r+b") as file:
        file.seek(disks.ROOT_START)
        file.write(copy.read_bytes())
    return header


def put_header(disk, header):
    with open(disk.path, "r+b") as file:
        file.seek(disks.ROOT_START)
        file.write(header)


def null_cipher(header):
    header["segments"]["0"].update(encryption="cipher_null-ecb")


def stays_closed(machine, title_pattern):
    """The volume is not opened by any means: a line says so, nobody is asked, nothing is mounted."""
    console = machine.switch_on()
    console.wait_for(title_pattern, limits.BOOT, but_not=PROMPT)
    console.wait_for(r"reboot: Restarting|Rebooting automatically|\(initramfs\)", limits.BOOT, but_not=PROMPT)
    assert not console.has_said(r"root@|Welcome to|set up successfully")
    machine.cut_power()
