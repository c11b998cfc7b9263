"""Debian's stock kernel and the modules that stand in for hardware, fetched and built under `var/`.

All is fetched by `apt-get download`, so that apt's own signatures vouch for it, and is unpacked without being
installed. Debian leaves the kernel's GPIO simulator out of its configuration; it is compiled here, beside the
kernel, from Debian's own source package, and so are the buses of `listening_buses.c`. None of that source is
kept: a folder holds the kernel, the modules and lgpio, about 14 MB, and is used again as long as it is there
and was made by these very recipes.
"""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
CACHE: Final = ROOT / "var" / "virtual-bench"
RELEASE = Path("/etc/os-release")
PYTHON = sys.version_info[:2]
PROGRAMS: Final = {
    "qemu-system-x86_64": "qemu-system-x86",
    "busybox": "busybox-static",
    "gcc-12": "gcc-12",
    "make": "make",
    "xz": "xz-utils",
    "apt-get": "apt",
    "dpkg-deb": "dpkg",
    "setpriv": "util-linux",
}
"""What must be installed, and the Debian 12 package that brings it."""
SIMULATED_GPIO: Final = "simulated-gpio"
LISTENING_BUSES: Final = "listening-buses"
FREE_BYTES_MIN: Final = 2_000_000_000
"""For what is fetched and unpacked: 840 MB with kernel 6.1.0-56."""
MODULES: Final = {
    "virtio_pci": "",
    "9pnet_virtio": "",
    "9p": "",
    "overlay": "",
    # one camera that captures (bit 0), as a webcam (0): Linux, `Documentation/admin-guide/media/vivid.rst`
    "vivid": "n_devs=1 node_types=0x1 num_inputs=1 input_types=0",
    "softdog": "nowayout=0",
    "i2c-dev": "",
    "i2c-stub": "chip_addr=0x60,0x3c",
    "evdev": "",
    "uinput": "",
    "configfs": "",
}
"""Loaded in this order, each after what it needs, with these parameters; those that are compiled come last.
"""
_SOURCES: Final = ("drivers/gpio/gpio-sim.c", "drivers/gpio/gpiolib.h", "kernel/irq/irq_sim.c")
_BUSES: Final = Path(__file__).with_name("listening_buses.c")
_LGPIO: Final = Path(__file__).with_name("lgpio.txt")
_KBUILD: Final = (
    f"obj-m := {SIMULATED_GPIO}.o {LISTENING_BUSES}.o\n"
    f"{SIMULATED_GPIO}-y := gpio-sim.o irq_sim.o irq_to_desc.o\n"
)
# The simulator calls irq_to_desc(), which the kernel keeps to itself; it can be asked for in two steps.
_IRQ_TO_DESC: Final = """#include <linux/irq.h>
#include <linux/irqdesc.h>

struct irq_desc *irq_to_desc(unsigned int irq)
{
    struct irq_data *data = irq_get_irq_data(irq);

    return data ? irq_data_to_desc(data) : NULL;
}
"""


class CannotRun(Exception):
    """This machine cannot run the bench; the words say why, and what would help."""


class DoesNotCompile(Exception):
    """What is compiled beside the kernel: nothing that this machine lacks, but a mistake of ours."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a virtual machine is made of. modules: in the order of loading, each with its parameters."""

    kernel: Path
    modules: tuple[tuple[Path, str], ...]
    site: Path
    busybox: Path

    @property
    def version(self) -> str:
        return self.kernel.parent.name


def missing() -> list[tuple[str, str]]:
    """Programs that are not there, each with the package that brings it. Raises CannotRun where none would
    help."""
    if platform.machine() != "x86_64" or sys.platform != "linux":
        raise CannotRun("the virtual bench is a PC's: it needs Linux on x86_64")
    if PYTHON != (3, 11):
        raise CannotRun("lgpio has a wheel for Python 3.11 alone; run the bench with that")
    release = dict(re.findall(r"^(\w+)=\"?([^\"\n]*)", RELEASE.read_text("utf-8"), re.MULTILINE))
    if (release.get("ID"), release.get("VERSION_ID")) != ("debian", "12"):
        raise CannotRun("the GPIO simulator was compiled with the kernel of Debian 12 alone")
    gone = [(program, package) for program, package in PROGRAMS.items() if shutil.which(program) is None]
    busybox = shutil.which("busybox")
    if busybox and _is_dynamic(Path(busybox)):
        gone.append(("a static busybox", "busybox-static"))
    return gone


@contextmanager
def alone() -> Iterator[None]:
    """One run at a time: the next one waits. What a run that was killed left lying is thrown away. Raises
    CannotRun."""
    try:
        CACHE.mkdir(parents=True, exist_ok=True)
        file = os.open(CACHE / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as err:
        raise CannotRun(f"{CACHE} cannot be written: {err}") from err
    try:
        fcntl.flock(file, fcntl.LOCK_EX)  # the kernel lets go of it when the process ends, however it ends
        for kind in ("making-*", "image-*"):
            for left in CACHE.glob(kind):
                shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(file)


def prepare() -> Parts:
    """The parts, made where they are not there yet: 224 MB are fetched, some 40 seconds. Raises CannotRun."""
    if gone := missing():
        packages = " ".join(sorted({package for _, package in gone}))
        raise CannotRun(f"{', '.join(program for program, _ in gone)} missing: apt install {packages}")
    recipe = _recipe()
    try:
        made = sorted(path.parent for path in CACHE.glob(f"{recipe}/*/complete"))
        folder = made[-1] if made else _make(_kernel_version(), recipe)
    except OSError as err:
        raise CannotRun(f"{CACHE} cannot be filled: {err}") from err
    loads = [line.partition(" ") for line in (folder / "complete").read_text("ascii").splitlines()]
    return Parts(
        kernel=folder / "vmlinuz",
        modules=tuple((folder / name, parameters) for name, _, parameters in loads),
        site=folder / "site",
        busybox=Path(shutil.which("busybox") or ""),
    )


def _is_dynamic(program: Path) -> bool:
    """Whether a 64-bit ELF program asks for a loader: a program header of type PT_INTERP (elf(5))."""
    head = program.read_bytes()[:4096]
    at, size, count = (int.from_bytes(head[a:b], "little") for a, b in ((32, 40), (54, 56), (56, 58)))
    return any(head[at + n * size : at + n * size + 4] == b"\3\0\0\0" for n in range(count))


def _recipe() -> str:
    """What the parts are made by: parts of another recipe are not used."""
    read = hashlib.sha256(repr((MODULES, _SOURCES, _KBUILD, _IRQ_TO_DESC)).encode())
    for file in (_BUSES, _LGPIO):
        read.update(file.read_bytes())
    return read.hexdigest()[:16]


def _kernel_version() -> str:
    """As in 6.1.0-56-amd64: what Debian's `linux-image-amd64` stands for today."""
    said = _said(["apt-cache", "depends", "linux-image-amd64"])
    found = re.search(r"Depends: linux-image-(\S+-amd64)$", said, re.MULTILINE)
    if found is None:
        raise CannotRun("apt knows no linux-image-amd64: apt-get update")
    return found[1]


def _make(version: str, recipe: str) -> Path:
    free = shutil.disk_usage(CACHE).free
    if free < FREE_BYTES_MIN:
        raise CannotRun(f"{CACHE} has {free >> 20} MiB free, and {FREE_BYTES_MIN >> 20} MiB are needed")
    before = [path.parents[1] for path in CACHE.glob("*/*/complete")]
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="making-") as temporary:
        work, made = Path(temporary), Path(temporary) / version
        made.mkdir()
        _fetch(version, work)
        kernel = work / "root" / "lib" / "modules" / version / "kernel"
        shutil.copy(work / "root" / "boot" / f"vmlinuz-{version}", made / "vmlinuz")
        loads = []
        for path, parameters in _in_order(kernel):
            shutil.copy(path, made)
            loads.append(f"{path.name} {parameters}")
        for path in _compiled(version, work):
            shutil.copy(path, made)
            loads.append(f"{path.name} ")
        _install_lgpio(made / "site", work)
        (made / "complete").write_text("".join(f"{line}\n" for line in loads), "ascii")
        for folder in before:
            shutil.rmtree(folder, ignore_errors=True)
        (CACHE / recipe).mkdir(exist_ok=True)
        return made.rename(CACHE / recipe / version)


def _fetch(version: str, work: Path) -> None:
    """Five packages, unpacked under `root/`."""
    series = ".".join(version.split(".")[:2])
    common = version.replace("-amd64", "-common")
    packages = [f"linux-{kind}-{version}" for kind in ("image", "headers")]
    packages += [f"linux-headers-{common}", f"linux-kbuild-{series}", f"linux-source-{series}"]
    _said(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", *packages], work)
    for package in sorted(work.glob("*.deb")):
        _said(["dpkg-deb", "-x", str(package), str(work / "root")], work)
        package.unlink()


def _in_order(kernel: Path) -> Iterator[tuple[Path, str]]:
    """The modules that are asked for, each after those it names as what it needs."""
    files = {path.stem.replace("-", "_"): path for path in kernel.rglob("*.ko")}
    done: set[str] = set()

    def one(name: str) -> Iterator[Path]:
        if name in done or name not in files:  # what is no file is compiled into the kernel
            return
        done.add(name)
        needs = re.search(rb"\0depends=([^\0]*)\0", files[name].read_bytes())
        for need in needs[1].decode().split(",") if needs else []:
            yield from one(need.replace("-", "_"))
        yield files[name]

    for module, parameters in MODULES.items():
        name = module.replace("-", "_")
        for path in one(name):
            yield path, parameters if path == files.get(name) else ""


def _compiled(version: str, work: Path) -> list[Path]:
    """The kernel's GPIO simulator and our listening buses, compiled against Debian's headers."""
    source, build = work / "root" / "usr" / "src", work / "build"
    build.mkdir()
    series = ".".join(version.split(".")[:2])
    names = [f"linux-source-{series}/{name}" for name in _SOURCES]
    archive = str(source / f"linux-source-{series}.tar.xz")
    _said(["tar", "-xJf", archive, "-C", str(build), "--transform", "s,.*/,,", *names], work)
    (build / "Kbuild").write_text(_KBUILD, "ascii")
    (build / "irq_to_desc.c").write_text(_IRQ_TO_DESC, "ascii")
    shutil.copy(_BUSES, build / f"{LISTENING_BUSES}.c")
    headers = source / f"linux-headers-{version}"
    makefile = headers / "Makefile"  # it names where the package would be installed
    makefile.write_text(makefile.read_text("ascii").replace("/usr/src/", f"{source}/"), "ascii")
    try:
        _said(["make", "-s", "-C", str(headers), f"M={build}", "modules"], work)
    except CannotRun as err:
        raise DoesNotCompile(str(err)) from err
    return [build / f"{name}.ko" for name in (SIMULATED_GPIO, LISTENING_BUSES)]


def _install_lgpio(site: Path, work: Path) -> None:
    """On a Raspberry Pi it comes with the system, so that no role's requirements carry it."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "install", "--no-deps"]
    _said(
        [*pip, "--only-binary", ":all:", "--require-hashes", "--target", str(site), "-r", str(_LGPIO)], work
    )


def _said(command: Sequence[str], folder: Path = CACHE) -> str:
    """What a program printed. It works in `folder`, and leaves nothing elsewhere. Raises CannotRun with its
    first error or its last words."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TMPDIR": str(folder)}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, check=False, text=True, timeout=300
        )
    except (OSError, subprocess.TimeoutExpired) as err:
        raise CannotRun(f"{command[0]}: {err}") from err
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()
        words = next((line for line in lines if "error:" in line), lines[-1])
        raise CannotRun(f"{command[0]} failed with status {done.returncode}: {words}")
    return done.stdout
