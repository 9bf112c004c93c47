# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Debian packages of the project for a suite and an architecture, by dpkg-buildpackage in a chroot of
that suite that holds the build dependencies and nothing else."""
import shutil
import subprocess

from . import cache, sdk


# In a root that holds repository()'s tree: installed by name, with nothing but that repository and what
# the root has already.
INSTALL = """
cp /srv/hsm4/hsm4.sources /etc/apt/sources.list.d/
ours='-o Dir::Etc::SourceList=/srv/hsm4/hsm4.sources -o Dir::Etc::SourceParts=/dev/null'
export DEBIAN_FRONTEND=noninteractive
apt-get $ours -q update
apt-get $ours -q install -y --no-install-recommends hsm4-tools hsm4-initramfs
"""


def directory(suite, arch):
    """A directory with the .deb files and their .changes."""
    root = sdk.chroot(suite, arch)
    recipe = build_script(arch)
    digest = cache.key(suite, arch, recipe, sdk.source_digest(), root.name)
    return cache.entry(f"packages-{suite}-{arch}", digest,
                       lambda path: build(root, recipe, path))


def repository(suite, arch):
    """A tree with /srv/hsm4, an apt repository of the packages."""
    built = directory(suite, arch)
    maker = sdk.TOP / "tools/make-apt-repo"
    return cache.entry(f"repository-{suite}-{arch}", cache.key(built.name, maker.read_bytes(), 1),
                       lambda path: make_repository(built, maker, path))


def make_repository(built, maker, path):
    target = path / "srv/hsm4"
    target.mkdir(parents=True)
    subprocess.run([maker, target, *sorted(built.glob("*.deb"))], check=True,
                   stdout=subprocess.DEVNULL)
    sources = target / "hsm4.sources"
    sources.write_text(sources.read_text().replace(str(target), "/srv/hsm4"))


def build_script(arch):
    cross = "" if arch == "amd64" else f"-a{arch} -Pcross,nocheck"
    return "\n".join([
        "cd /area/source",
        "export DEB_BUILD_OPTIONS=noautodbgsym",
        # The sources are fresh each time; only the compiler's output of before lies among them.
        f"dpkg-buildpackage -b -us -uc -nc {cross}",
        "mv ../*.deb ../*.changes ../*.buildinfo /packages/",
    ])


def build(root, recipe, path):
    area = cache.root() / f"objects-packages-{cache.key(root.name, recipe, sdk.TOP)}"
    with cache.locked(area.name):
        area.mkdir(exist_ok=True)
        unpack_source(area / "source")
        path.mkdir()
        sdk.run_in(root, recipe, [(area, "/area"), (path, "/packages")])


def unpack_source(target):
    """What git knows of, with its time stamps, around the folder of objects that ninja goes on with."""
    target.mkdir(exist_ok=True)
    for entry in target.iterdir():
        if not entry.name.startswith("obj-"):
            cache.remove(entry)
    listed = subprocess.run(["git", "-C", sdk.TOP, "ls-files", "-z", "--cached", "--others",
                             "--exclude-standard"], check=True, capture_output=True)
    for name in listed.stdout.decode().split("\0"):
        file = sdk.TOP / name
        if name and file.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, target / name, follow_symlinks=False)
