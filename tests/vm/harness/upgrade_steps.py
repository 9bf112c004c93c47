# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""What a machine's packages go through in the field: newer versions, another kernel."""
import pathlib

KERNEL = "/srv/kernel"
# As raspi-firmware does: what is installed last is what boots.
TO_BOOT_PARTITION = """#!/bin/sh
# to-boot-partition VERSION IMAGE
mountpoint -q /boot/firmware && cp "$2" /boot/firmware/vmlinuz
"""
# For a recipe of a PC's disk: another kernel's packages lie in it.
FILES = {
    "/etc/resolv.conf": pathlib.Path("/etc/resolv.conf").read_text(encoding="utf-8"),
    "/etc/kernel/postinst.d/zz-to-boot-partition": TO_BOOT_PARTITION,
}
SCRIPT = ("apt-get -q update"
          f" && mkdir -p {KERNEL}/partial && apt-get -q install -y --no-install-recommends --download-only"
          f" -o Dir::Cache::Archives={KERNEL} linux-image-rt-amd64 && rm -rf /var/lib/apt/lists/*")


def newer_version(shell):
    """The same packages under a higher version, by apt: what a release does to a machine."""
    shell.run("mkdir /root/newer && cd /root/newer && for deb in /srv/hsm4/*.deb; do rm -rf tree;"
              " dpkg-deb -R $deb tree;"
              " version=$(sed -n 's/^Version: //p' tree/DEBIAN/control);"
              " sed -i \"s/^Version: .*/&+newer/; s/(= $version)/(= $version+newer)/g\" tree/DEBIAN/control;"
              " dpkg-deb -Zgzip -b tree . >/dev/null; done && rm -rf tree && ls", seconds=600)
    shell.run("DEBIAN_FRONTEND=noninteractive apt-get install -q -y"
              " $(dpkg-query -W -f '${Package}\\n' | grep hsm4 | sed 's|.*|/root/newer/&_*.deb|')", seconds=1200)
    versions = shell.run("dpkg-query -W -f '${Package} ${Version} ${db:Status-Abbrev}\\n' | grep hsm4").output
    assert versions.count("+newer ii") >= 3 and versions.count("+newer") == versions.count("hsm4"), versions


def other_kernel(shell):
    """Installs it. Gives the version that runs now."""
    old = shell.run("uname -r").output.strip()
    shell.run(f"DEBIAN_FRONTEND=noninteractive apt-get install -q -y {KERNEL}/*.deb", seconds=2400)
    return old
