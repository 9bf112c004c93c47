# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Building the project for a suite and an architecture: in a chroot of that suite, with that suite's
compiler and libraries. arm64 is cross-built, because compiling under qemu-user takes an hour."""
import pathlib
import subprocess

from . import cache

TOP = pathlib.Path(__file__).resolve().parents[3]

TOOLS = ["build-essential", "debhelper", "dpkg-dev", "fakeroot", "meson", "ninja-build",
         "pkgconf", "scdoc", "libcli11-dev"]
LIBRARIES = ["libblkid-dev", "libcbor-dev", "libcryptsetup-dev", "libext2fs-dev", "libfdisk-dev", "libi2c-dev", "libinih-dev", "libjson-c-dev",
             "libqrencode-dev", "libssl-dev", "libusbredirparser-dev"]
# The build machine is amd64; what it builds for:
ARCHITECTURES = ["amd64", "arm64"]
GNU = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}

# What of the checkout is not source.
NOT_SOURCE = [".git", "build", "build-*", "*.pyc", "__pycache__"]


def cross_tools(arch):
    # The second brings aarch64-linux-gnu-pkg-config, which Debian's cross-building looks for.
    return [f"crossbuild-essential-{arch}", f"pkgconf:{arch}"]


def chroot(suite, arch):
    """The directory of the suite's build chroot for an architecture. One each, because some libraries cannot be
    there for two."""
    if arch not in ARCHITECTURES:
        raise ValueError(f"no build for {arch}")
    if arch == "amd64":
        packages = [*TOOLS, *LIBRARIES]
    else:
        packages = [*TOOLS, *cross_tools(arch), *(f"{name}:{arch}" for name in LIBRARIES)]
    return cache.entry(f"sdk-{suite}-{arch}", cache.key(suite, packages),
                       lambda path: make(suite, arch, packages, path))


def make(suite, arch, packages, path):
    command = ["mmdebstrap", "--variant=minbase",
               f"--architectures={','.join(dict.fromkeys(['amd64', arch]))}",
               f"--include={','.join(packages)}", "--dpkgopt=force-unsafe-io",
               "--aptopt=Acquire::Retries \"3\"",
               *(f"--dpkgopt=path-exclude=/usr/share/{part}/*"
                 for part in ("doc", "man", "info", "locale")),
               suite, path]
    subprocess.run(command, check=True)


def run_in(root, script, binds=(), environment=None):
    """Runs a shell script in the chroot, with directories of this machine mounted into it in a mount
    namespace of its own. `binds`: pairs of (directory here, path in the chroot)."""
    lines = ["set -eu", 'root=$1']
    for number, (_, inside) in enumerate(binds):
        lines += [f'mkdir -p "$root{inside}"', f'mount --bind "${{{number + 3}}}" "$root{inside}"']
    lines += ['mount -t proc proc "$root/proc"', 'exec chroot "$root" /bin/sh -euc "$2"']
    clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root",
             **(environment or {})}
    subprocess.run(["unshare", "--mount", "sh", "-c", "\n".join(lines), "sh", root, script,
                    *(here for here, _ in binds)], check=True, env=clean)


SOURCES = ["meson.build", "meson_options.txt", "hsm4", "plugin", "tools", "man", "debian"]


def source_digest(tops=SOURCES):
    """Over all files that the build reads."""
    parts = []
    for top in tops:
        start = TOP / top
        files = sorted(start.rglob("*")) if start.is_dir() else [start]
        for path in files:
            if path.is_file() and "__pycache__" not in path.parts:
                parts += [path.relative_to(TOP), path.read_bytes()]
    return cache.key(*parts)


def install_tree(suite, arch):
    """A directory with what `meson install` puts on a machine of `suite` and `arch`."""
    recipe = build_script(suite, arch)
    digest = cache.key(suite, arch, recipe, source_digest(), chroot(suite, arch).name)
    return cache.entry(f"project-{suite}-{arch}", digest, lambda path: build(chroot(suite, arch), recipe, path))


def stand_in_tree(suite):
    """A directory with the stand-in for a vendor's software, as it would lie on a PC of `suite`."""
    digest = cache.key(suite, STAND_IN, source_digest(["meson.build", "meson_options.txt", "hsm4", "tests/zymbit"]),
                       chroot(suite, "amd64").name)
    return cache.entry(f"stand-in-{suite}", digest, lambda path: build(chroot(suite, "amd64"), STAND_IN, path))


STAND_IN = "\n".join([
    "[ -f /build/build.ninja ] || meson setup --prefix=/usr --buildtype=release -Dtests=false -Dstand_in=true"
    " /build /source",
    "ninja -C /build " + " ".join(f"tests/zymbit/{name}" for name in (
        "libzk_app_utils.so", "zkunlockifs", "zklockifs", "zkgrifs")),
    "DESTDIR=/install meson install -C /build --no-rebuild --strip --tags stand-in",
])


def build_script(suite, arch):
    triplet = GNU[arch]
    cross = "" if arch == "amd64" else "--cross-file=/tmp/cross"
    lines = []
    if cross:
        lines += ["cat >/tmp/cross <<END", "[binaries]", f"c = '{triplet}-gcc'",
                  f"cpp = '{triplet}-g++'", f"ar = '{triplet}-ar'", f"strip = '{triplet}-strip'",
                  "pkg-config = 'pkg-config'", "[properties]",
                  f"pkg_config_libdir = ['/usr/lib/{triplet}/pkgconfig', '/usr/share/pkgconfig']",
                  "[host_machine]", "system = 'linux'",
                  "cpu_family = 'aarch64'", "cpu = 'aarch64'", "endian = 'little'", "END"]
    lines += [
        f"[ -f /build/build.ninja ] || meson setup {cross} --prefix=/usr --libdir=lib/{triplet} --sysconfdir=/etc"
        " --buildtype=release -Dtests=false /build /source",
        "meson compile -C /build",
        "DESTDIR=/install meson install -C /build --no-rebuild --strip",
    ]
    return "\n".join(lines)


def build(root, recipe, path):
    """In a build chroot. Ninja's folder stays, so that the next build compiles only what has changed."""
    objects = cache.root() / f"objects-{cache.key(root.name, recipe, TOP)}"
    with cache.locked(objects.name):
        objects.mkdir(exist_ok=True)
        path.mkdir()
        run_in(root, recipe, [(TOP, "/source"), (objects, "/build"), (path, "/install")])
