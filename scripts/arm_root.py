"""A small 64-bit Arm Debian for user-mode emulation: Python, its libraries, the pinned packages of the gate.

Made once under var/arm64 and kept; each part is made beside its place and moved there when it is whole, so
that whatever interrupts is answered by running again. What goes wrong is a SetupFailed: one sentence, and
status 78 where this machine lacks something.
"""

import fcntl
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from scripts.environment import ROOT, SetupFailed, fingerprint, meaning_of

SUITE: Final = "bookworm"
ABI: Final = "cp311"
PINS: Final = ROOT / "requirements" / "gate-py311.txt"
# The newest C library that a wheel may ask for is that of the suite.
GLIBC_MINORS: Final = range(17, 37)
TOOLS: Final = {
    "debootstrap": "debootstrap",
    "dpkg-deb": "dpkg",
    "qemu-aarch64-static": "qemu-user-static",
    "tar": "tar",
}
# Emulation falls back to this machine's own files where the root has none, which is how the checkout and the
# recordings are seen; so the root keeps its libraries and nothing that could hide one of those.
KEPT: Final = ("bin", "lib", "sbin", "usr")
INDEX_TARGETS: Final = ("apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(SITE)")
# What /proc/cpuinfo says on a Raspberry Pi 5 and on a 4: features, and variant, part, revision of MIDR_EL1.
# The emulation shows the file of this machine, and LiteRT, which finds no Arm core in that, dies of it.
PROCESSORS: Final = {
    "cortex-a76": (
        "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp",
        (0x4, 0xD0B, 1),
    ),
    "cortex-a72": ("fp asimd evtstrm crc32 cpuid", (0x0, 0xD08, 3)),
}
STAMP: Final = "hallward-arm64.stamp"
MISSING: Final = 78


def missing_tools(which: Callable[[str], str | None], machine: str, is_root: bool) -> str | None:
    """What this machine lacks, as one sentence with the line to type; None when it lacks nothing."""
    if machine == "aarch64":
        return "This machine is 64-bit Arm itself: there is nothing to emulate, run the tests"
    wanted = dict(TOOLS) if is_root else {**TOOLS, "fakeroot": "fakeroot"}  # debootstrap asks for root
    packages = sorted(package for tool, package in wanted.items() if which(tool) is None)
    if not packages:
        return None
    return f"The emulation of 64-bit Arm needs more tools: type `sudo apt install {' '.join(packages)}`"


def mirror_of(index_targets: str) -> str | None:
    """The Debian mirror that this machine itself installs from; None when apt knows none.

    index_targets: lines `ORIGIN|LABEL|SITE`, as `apt-get indextargets` prints them with that format.
    """
    for line in index_targets.splitlines():
        origin, _, rest = line.partition("|")
        label, _, site = rest.partition("|")
        if origin == label == "Debian" and site.startswith(("http://", "https://", "file:")):
            return site
    return None


def own_mirror() -> str:
    """Raises SetupFailed when apt names none."""
    try:
        printed = subprocess.run(INDEX_TARGETS, capture_output=True, check=False, text=True).stdout
    except FileNotFoundError:
        printed = ""
    found = mirror_of(printed)
    if found is None:
        raise SetupFailed(
            "The apt of this machine knows no Debian mirror (`apt update` may help): name one with --mirror",
            MISSING,
        )
    return found


def pins_for(machine: str, requirements: str) -> str:
    """The pins of one machine, without markers: pip reads them against the machine it runs on."""
    chosen = []
    for entry in requirements.replace(" \\\n", " ").splitlines():
        name, _, rest = entry.partition(" ")
        marker, _, hashes = rest.strip().partition("--hash=")
        if "platform_machine" in marker and f'"{machine}"' not in marker:
            continue
        chosen.append(f"{name} --hash={hashes}\n")
    return "".join(chosen)


def make_root(folder: Path, mirror: str | None) -> Path:
    """The root, unpacked and never configured: nothing in it is run but Python. Raises SetupFailed.

    mirror: of Debian; None: the one that apt uses.
    """
    root, archives = folder / "root", folder / "archives"
    wanted = f"{SUITE} arm64 python3"
    if _is_made(root, wanted):
        return root
    mirror = mirror or own_mirror()
    partial = _beside(root)
    archives.mkdir(parents=True, exist_ok=True)
    print(f"unpacking Debian {SUITE} for arm64 …", flush=True)
    _run(
        [
            *(() if os.geteuid() == 0 else ("fakeroot",)),
            *("debootstrap", "--foreign", "--arch=arm64", "--variant=minbase", "--include=python3"),
            *(f"--cache-dir={archives}", SUITE, str(partial), mirror),
        ],
        "Debian for arm64 could not be fetched: is apt's mirror reachable? (--mirror names another)",
        folder / "debootstrap.log",
    )
    _unpack_the_rest(partial)
    for path in partial.iterdir():
        if path.name not in KEPT:
            path.unlink() if path.is_symlink() else shutil.rmtree(path)
    _put(partial, root, wanted)
    shutil.rmtree(archives)
    return root


def _unpack_the_rest(root: Path) -> None:
    """debootstrap unpacks what is essential and leaves the rest, Python among it, to a machine that runs."""
    names = (root / "debootstrap" / "base").read_text(encoding="utf-8").split()
    paths = dict(
        line.split() for line in (root / "debootstrap" / "debpaths").read_text(encoding="utf-8").splitlines()
    )
    # dpkg-deb -x would put a folder in the place of the link /lib, and with that hide the C library.
    tar = ["tar", "--extract", "--keep-directory-symlink", "--directory", str(root)]
    for name in names:
        command = ["dpkg-deb", "--fsys-tarfile", f"{root}{paths[name]}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as archive:
            unpacked = subprocess.run(tar, stdin=archive.stdout, check=False)
        if archive.returncode or unpacked.returncode:
            raise SetupFailed(f"The Debian package {name} could not be unpacked: is the disk full?")


def make_site(folder: Path) -> Path:
    """The gate's pinned packages for arm64, hashes checked, unpacked and not run. Raises SetupFailed."""
    site = folder / "site"
    wanted = fingerprint((PINS,), f"{ABI} aarch64")
    if _is_made(site, wanted):
        return site
    partial = _beside(site)
    wheels = folder / f"wheels-{wanted[:12]}"
    wheels.mkdir(parents=True, exist_ok=True)
    pins = folder / "pins.txt"
    pins.write_text(pins_for("aarch64", PINS.read_text(encoding="ascii")), encoding="ascii")
    print("fetching the pinned packages for arm64, hashes checked …", flush=True)
    platforms = [f"--platform=manylinux_2_{minor}_aarch64" for minor in GLIBC_MINORS]
    _run(
        [
            *(sys.executable, "-m", "pip", "download", "--no-input", "--disable-pip-version-check"),
            *("--require-hashes", "--no-deps", "--only-binary=:all:", "--dest", str(wheels)),
            *("--implementation=cp", f"--python-version={ABI[2]}.{ABI[3:]}", f"--abi={ABI}"),
            *("--platform=manylinux2014_aarch64", *platforms, "-r", str(pins)),
        ],
        None,
        folder / "pip.log",
    )
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(partial)
    _put(partial, site, wanted)
    shutil.rmtree(wheels)
    return site


def cpuinfo(cpu: str, cores: int) -> str:
    """/proc/cpuinfo of one of PROCESSORS, as Linux prints it on 64-bit Arm."""
    features, (variant, part, revision) = PROCESSORS[cpu]
    return "".join(
        f"processor\t: {core}\nBogoMIPS\t: 108.00\nFeatures\t: {features}\n"
        f"CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x{variant:x}\n"
        f"CPU part\t: 0x{part:03x}\nCPU revision\t: {revision}\n\n"
        for core in range(cores)
    )


def show_processor(folder: Path, cpu: str) -> None:
    """Let the root have the /proc/cpuinfo of that processor; the rest of /proc stays this machine's."""
    shown = folder / "root" / "proc" / "cpuinfo"
    shown.parent.mkdir(exist_ok=True)
    shown.write_text(cpuinfo(cpu, os.cpu_count() or 1), encoding="ascii")


def python_words(folder: Path, cpu: str, environment: Mapping[str, str]) -> list[str]:
    """The words that begin a command of the emulated Python. It cannot start another program.

    Without `site` (-S): the packages of this machine's own Python would be found through the fall-back.
    """
    variables = {
        "PYTHONPATH": f"{folder / 'site'}{os.pathsep}{ROOT}",
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        **environment,
    }
    assignments = [word for name, value in variables.items() for word in ("-E", f"{name}={value}")]
    root = folder / "root"
    return [
        *("qemu-aarch64-static", "-cpu", cpu, "-L", str(root), *assignments),
        *(str(root / "usr" / "bin" / "python3"), "-S"),
    ]


def require_tools() -> None:
    """Raises SetupFailed, status 78, with the line to type."""
    lacking = missing_tools(_which, platform.machine(), os.geteuid() == 0)
    if lacking:
        raise SetupFailed(lacking, MISSING)


def _which(tool: str) -> str | None:
    """As the shell finds it, and where Debian keeps what only an administrator needs."""
    return shutil.which(tool, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other run makes anything in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _beside(place: Path) -> Path:
    """Where to make it. What an interrupted run left is removed: a debootstrap that outlived it fails."""
    for left in place.parent.glob(f"{place.name}.partial-*"):
        shutil.rmtree(left, ignore_errors=True)
    return place.with_name(f"{place.name}.partial-{os.getpid()}")


def _is_made(place: Path, wanted: str) -> bool:
    stamp = place / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted


def _put(partial: Path, place: Path, wanted: str) -> None:
    (partial / STAMP).write_text(wanted, encoding="utf-8")
    shutil.rmtree(place, ignore_errors=True)
    partial.rename(place)


def _run(command: Sequence[str], sentence: str | None, log: Path) -> None:
    """Raises SetupFailed: with `sentence` and status 78 when it is given, else with what the output means."""
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    result = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
        errors="replace",
    )
    log.write_text(result.stdout, encoding="utf-8")
    if result.returncode:
        status = MISSING if sentence else 1
        raise SetupFailed(f"{sentence or meaning_of(result.stdout)} (Details: {log})", status)
