"""One virtual machine, from power-on to power-off, and what it left behind."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.virtual_bench.debian import CACHE, Parts
from tests.virtual_bench.image import write_image

LAST: Final = CACHE / "last"
"""What the last machine wrote: its console, its results."""
_CORES: Final = 2
_MEMORY_MIB: Final = 1024
_VGA_MODE: Final = 0x344
"""1024 x 768 pixels of 32 bits, with the linear framebuffer: QEMU's VGA BIOS numbers it so."""
_KERNEL_WORDS: Final = (
    f"console=ttyS0 quiet panic=-1 mitigations=off no_timer_check vga={_VGA_MODE:#x} "
    "vt.global_cursor_default=0"
)
"""no_timer_check: at its start the kernel looks whether the timer ticks within a moment, and panics where an
emulator whose host is busy had no turn in it ("disables the code which tests for broken timer IRQ sources",
Documentation/admin-guide/kernel-parameters.txt)."""


@dataclass(frozen=True, slots=True)
class Run:
    """out: what came back. console: what the kernel and the commands printed. ended: by itself, in time."""

    out: Path
    console: str
    seconds: float
    ended: bool

    def status(self, name: str) -> int | None:
        """Exit status of a command; None: it never ended."""
        try:
            return int((self.out / f"{name}.status").read_text("ascii"))
        except (OSError, ValueError):
            return None


def run(parts: Parts, commands: Mapping[str, str], limit_s: float) -> Run:
    """Boot, run the commands, power off. The machine is gone when this returns, whatever it did."""
    shutil.rmtree(LAST, ignore_errors=True)
    LAST.mkdir(parents=True)
    console = LAST / "console.log"
    start = time.monotonic()
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="image-") as work:
        image = write_image(parts, commands, Path(work))
        with (LAST / "qemu.log").open("wb") as said:
            machine = subprocess.Popen(_words(parts, image, console), stdin=subprocess.DEVNULL, stderr=said)
        try:
            ended = machine.wait(limit_s) == 0
        except subprocess.TimeoutExpired:
            ended = False
        finally:
            machine.kill()
            machine.wait()
    text = console.read_text("utf-8", "replace") if console.exists() else ""
    text += (LAST / "qemu.log").read_text("utf-8", "replace")
    return Run(LAST, text, time.monotonic() - start, ended)


def _words(parts: Parts, image: Path, console: Path) -> list[str]:
    """No KVM: in a virtual machine of a continuous integration service there often is none.

    Whoever started it may be killed: then the kernel kills the machine, too.
    """
    share = "security_model=none,multidevs=remap"
    return [
        "setpriv", "--pdeathsig", "KILL", "--",
        "qemu-system-x86_64", "-machine", "pc,accel=tcg", "-cpu", "Nehalem", "-smp", str(_CORES),
        "-m", str(_MEMORY_MIB), "-nodefaults", "-display", "none", "-no-reboot",
        "-device", "VGA", "-serial", f"file:{console}",
        "-virtfs", f"local,path=/,mount_tag=host,readonly=on,{share}",
        "-virtfs", f"local,path={LAST},mount_tag=out,{share}",
        "-kernel", str(parts.kernel), "-initrd", str(image),
        "-append", _KERNEL_WORDS,
    ]  # fmt: skip
