"""The image of a FAT32 volume, read back by a reader of our own; and where none can be made."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from provisioning.errors import ConfigError
from provisioning.media.adapters.mtools import FatImage
from provisioning.media.boot_files import MEDIUM_LABEL, boot_files
from tests.provisioning.media.conftest import Order
from tests.provisioning.media.fat32 import Fat32

pytestmark = pytest.mark.usefixtures("mtools")


def test_it_is_fat32_and_carries_the_label_that_cloud_init_looks_for(tmp_path: Path, order: Order) -> None:
    file = tmp_path / "medium.img"
    FatImage(file, label=MEDIUM_LABEL, size_mib=40).write(boot_files(order()), frozenset())
    assert file.stat().st_size == 40 << 20
    assert file.stat().st_mode & 0o777 == 0o600
    volume = Fat32(file)
    assert volume.label == "CIDATA"
    assert volume.clusters >= 65525  # fewer, and a reader takes it for FAT16
    assert volume.files() == boot_files(order())


def test_the_same_order_makes_the_same_bytes(tmp_path: Path, order: Order) -> None:
    made = [tmp_path / name for name in ("a.img", "b.img")]
    for file in made:
        FatImage(file, label=MEDIUM_LABEL, size_mib=40).write(boot_files(order()), frozenset())
    assert made[0].read_bytes() == made[1].read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir() if file.suffix == ".img") == ["a.img", "b.img"]


def test_a_file_that_is_no_such_image_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "thesis.doc"
    file.write_bytes(b"three years of work")
    with pytest.raises(ConfigError, match="name another file, or move it away"):
        FatImage(file, label=MEDIUM_LABEL).read("user-data")
    assert file.read_bytes() == b"three years of work"


def test_without_mtools_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="apt install mtools"):
        FatImage(tmp_path / "medium.img", label=MEDIUM_LABEL)


def test_a_disk_that_takes_nothing_leaves_no_half_image(tmp_path: Path, order: Order) -> None:
    file = tmp_path / "absent" / "medium.img"
    with pytest.raises(ConfigError, match="cannot be written: No such file or directory"):
        FatImage(file, label=MEDIUM_LABEL, size_mib=40).write(boot_files(order()), frozenset())
    assert not file.parent.exists()


def test_a_kill_in_the_middle_leaves_no_copy_of_a_secret_and_no_image(
    tmp_path: Path, root_file: Path
) -> None:
    tools, scratch = tmp_path / "tools", tmp_path / "scratch"
    tools.mkdir()
    scratch.mkdir()
    (tools / "mcopy").write_text("#!/bin/sh\nkill -9 $PPID\n")
    (tools / "mcopy").chmod(0o755)
    (tmp_path / "passphrase").write_text("correct horse")
    image = tmp_path / "medium.img"
    words = ["image", "--class", "keypad", "--root", root_file, "--fat-image", image, "--wifi-ssid", "hall"]
    around = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "TMPDIR": str(scratch)}
    before = sorted(tmp_path.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-m", "provisioning", *words, "--wifi-passphrase-file", tmp_path / "passphrase"],
        env=around,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert sorted(tmp_path.rglob("*")) == before


def test_a_large_image_is_mostly_hole(tmp_path: Path, order: Order) -> None:
    file = tmp_path / "medium.img"
    FatImage(file, label=MEDIUM_LABEL, size_mib=1024).write(boot_files(order()), frozenset())
    assert file.stat().st_size == 1 << 30
    assert file.stat().st_blocks * 512 < 64 << 20
    assert Fat32(file).files() == boot_files(order())


@pytest.mark.parametrize("size", [0, 39, 4097])
def test_a_size_that_is_no_fat32_is_refused(tmp_path: Path, size: int) -> None:
    with pytest.raises(ConfigError, match="40 to 4096 MiB"):
        FatImage(tmp_path / "medium.img", label=MEDIUM_LABEL, size_mib=size)


def test_a_system_that_gives_no_memory_for_it_is_said_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(_name: str) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(os, "memfd_create", none_left)
    with pytest.raises(ConfigError, match="cannot be written: Too many open files"):
        FatImage(tmp_path / "medium.img", label=MEDIUM_LABEL).write({}, frozenset())
    assert list(tmp_path.glob("*medium*")) == []
