# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Root file systems of stock Debian, as compressed tar archives in the cache."""
import os
import pathlib
import platform
import shutil
import subprocess
import tempfile

from . import cache

HERE = pathlib.Path(__file__).resolve().parent

COMMON = """
    systemd-sysv udev kmod login procps
    initramfs-tools busybox zstd cryptsetup cryptsetup-bin cryptsetup-initramfs dmsetup
    e2fsprogs logsave dosfstools fdisk parted rsync openssl
    i2c-tools libi2c0 usbutils
    libcryptsetup12 libjson-c5 libssl3 libinih1 libqrencode4
""".split()

SUITES = {
    "bookworm": COMMON + ["libcbor0.8"],
    "trixie": [name for name in COMMON if name != "libssl3"]
              + ["libssl3t64", "libcbor0.10", "systemd-cryptsetup"],
}
KERNELS = {"amd64": "linux-image-amd64", "arm64": "linux-image-arm64"}

# What no scenario looks at. Modules of the stock kernel that are not there make no other kernel.
EXCLUDED = [
    "/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*",
    "/usr/share/i18n/*", "/usr/share/zoneinfo/*", "/usr/share/bug/*", "/usr/share/lintian/*",
] + [
    f"{lib}/modules/*/kernel/{part}/*" for lib in ("/lib", "/usr/lib") for part in (
        "sound", "net/bluetooth", "net/mac80211", "net/netfilter", "net/wireless",
        "drivers/bluetooth", "drivers/gpu", "drivers/iio", "drivers/infiniband", "drivers/media",
        "drivers/net", "drivers/staging", "drivers/isdn", "drivers/hwmon", "drivers/comedi",
        "drivers/accel", "fs/ocfs2", "fs/xfs", "fs/btrfs", "fs/ceph", "fs/nfsd", "fs/gfs2")
]


def customize_script():
    return HERE / "customize"


def archive(suite, arch):
    """The tar archive (zstd) of `suite` on `arch`, with kernel and initramfs in its /boot."""
    packages = [*SUITES[suite], KERNELS[arch]]
    digest = cache.key(suite, arch, packages, EXCLUDED, customize_script().read_bytes())
    return cache.entry(f"rootfs-{suite}-{arch}.tar.zst", digest,
                       lambda path: build(suite, arch, packages, path))


def build(suite, arch, packages, path):
    foreign(arch)
    command = [
        "mmdebstrap", "--variant=minbase", f"--architectures={arch}",
        f"--include={','.join(packages)}",
        "--dpkgopt=force-unsafe-io", "--dpkgopt=force-confold",
        "--aptopt=Acquire::Retries \"3\"", "--aptopt=APT::Install-Recommends \"false\"",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in EXCLUDED),
        # Each initramfs takes minutes under qemu-user: one, at the end.
        "--essential-hook=mkdir -p \"$1/etc/initramfs-tools\" && "
        "echo update_initramfs=no > \"$1/etc/initramfs-tools/update-initramfs.conf\"",
        f"--customize-hook={customize_script()} \"$1\"",
        suite, "-",
    ]
    with tempfile.TemporaryDirectory(dir=cache.scratch(3000)) as scratch:
        environment = {**os.environ, "TMPDIR": scratch, "INITRD": "No", "LC_ALL": "C.UTF-8"}
        with open(path, "wb") as out:
            maker = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd="/")
            subprocess.run(["zstd", "-q", "-T0", "-3"], stdin=maker.stdout, stdout=out, check=True)
        if maker.wait() != 0:
            raise RuntimeError(f"mmdebstrap {suite} {arch} failed")


def foreign(arch):
    """Lets this machine run programs of `arch`, by qemu-user and binfmt_misc."""
    machines = {"amd64": "x86_64", "arm64": "aarch64"}
    machine = machines[arch]
    if platform.machine() == machine:
        return
    control = pathlib.Path("/proc/sys/fs/binfmt_misc")
    if not (control / "register").exists():
        subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", control], check=True)
    if (control / f"qemu-{machine}").exists():
        return
    if shutil.which(f"qemu-{machine}-static") is None:
        raise RuntimeError("package qemu-user-static is missing")
    rule = pathlib.Path(f"/usr/lib/binfmt.d/qemu-{machine}.conf").read_bytes()
    (control / "register").write_bytes(rule.strip())


def unpack(suite, arch, directory):
    subprocess.run(["tar", "--zstd", "--numeric-owner", "--xattrs", "-xf", archive(suite, arch),
                    "-C", directory], check=True)
