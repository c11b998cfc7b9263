"""The first file system of the virtual machine: busybox, the kernel's modules, and what its first process
does.

The machine sees this one's files read-only over 9p, and writes over them into its own memory (overlayfs): the
very checkout and the very environment that the tests here run with. One folder goes back to the host.
"""

import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.virtual_bench.debian import ROOT, Parts

LINES: Final = 28
"""GPIO 0 to 27: those that a Raspberry Pi has on its header."""
OUT: Final = "/run/bench"
"""Where the guest finds the folder that goes back to the host."""
_FOLDERS: Final = ("bin", "dev", "proc", "sys", "modules", "host", "memory", "both")
_BEGIN: Final = """#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
"""
_BENCH: Final = f"""
mount -t configfs configfs /sys/kernel/config
chip=/sys/kernel/config/gpio-sim/header
mkdir -p $chip/bank
echo {LINES} >$chip/bank/num_lines
echo header >$chip/bank/label
echo 1 >$chip/live
mount -t debugfs debugfs /sys/kernel/debug
echo spidev >/sys/bus/spi/devices/spi0.0/driver_override
echo spi0.0 >/sys/bus/spi/drivers/spidev/bind

nine=trans=virtio,version=9p2000.L,msize=524288,cache=loose
mount -t 9p -o ro,$nine host /host
mount -t tmpfs tmpfs /memory
mkdir /memory/upper /memory/work
mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work overlay /both
for each in proc sys dev; do mount --rbind /$each /both/$each; done
mkdir -p /both/dev/shm /both{OUT}
mount -t tmpfs tmpfs /both/dev/shm
mount -t 9p -o rw,trans=virtio,version=9p2000.L,msize=524288 out /both{OUT}
ip link set lo up
echo "bench: booted after $(cut -d' ' -f1 /proc/uptime) s"
"""
_END: Final = """
sync
echo "bench: powering off after $(cut -d' ' -f1 /proc/uptime) s"
poweroff -f
"""


def first_process(parts: Parts, commands: Mapping[str, str]) -> str:
    """A script: load, wire, run each command in the checkout, power off.

    commands: a name and the words for a shell; the exit status goes to `OUT/NAME.status`.
    """
    loads = [f"insmod /modules/{path.name} {parameters}\n" for path, parameters in parts.modules]
    words = {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/tmp",  # noqa: S108  # of the guest, in its memory
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": f"{ROOT}:{parts.site}",
        "LG_WD": "/run",  # where lgpio makes its pipes
        "HALLWARD_PINS": "gpio-sim",
        "OPENBLAS_NUM_THREADS": "1",
    }
    environment = " ".join(f"{name}={shlex.quote(value)}" for name, value in words.items())
    runs = []
    for name, command in commands.items():
        inside = shlex.quote(f"cd {shlex.quote(str(ROOT))} && exec {shlex.quote(sys.executable)} {command}")
        runs.append(f"chroot /both /usr/bin/env -i {environment} /bin/sh -c {inside}\n")
        runs.append(f"echo $? >/both{OUT}/{name}.status\n")
    return "".join([_BEGIN, *loads, _BENCH, *runs, _END])


def write_image(parts: Parts, commands: Mapping[str, str], work: Path) -> Path:
    """The archive that the kernel unpacks (newc, not compressed), made in `work`."""
    tree, image = work / "tree", work / "initramfs"
    for folder in _FOLDERS:
        (tree / folder).mkdir(parents=True)
    shutil.copy(parts.busybox, tree / "bin" / "busybox")
    for path, _ in parts.modules:
        shutil.copy(path, tree / "modules")
    init = tree / "init"
    init.write_text(first_process(parts, commands), "utf-8")
    init.chmod(0o755)
    names = "".join(f"{path.relative_to(tree)}\n" for path in sorted(tree.rglob("*")))
    with image.open("wb") as archive:
        subprocess.run(
            [parts.busybox, "cpio", "-o", "-H", "newc"],
            input=names.encode(),
            cwd=tree,
            stdout=archive,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    return image
