"""Files and folders that a technician names by mistake, or under another account."""

import errno
import os
from pathlib import Path

import pytest

from provisioning.__main__ import main
from provisioning.errors import ConfigError
from provisioning.files import READ_BYTES_MAX, is_file, read_whole


def test_a_disk_image_named_by_mistake_is_refused_and_not_read_into_memory(tmp_path: Path) -> None:
    disk = tmp_path / "disk.img"
    with disk.open("wb") as file:
        file.truncate(1 << 36)  # a hole: on the disk it is nothing, in memory it would be 64 GiB
    with pytest.raises(ConfigError, match="is longer than 16 MiB: name the right file"):
        read_whole(disk, "the plan")
    with pytest.raises(ConfigError, match="zero is longer than 16 MiB"):
        read_whole(Path("/dev/zero"), "the plan")


def test_the_longest_file_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_bytes(bytes(READ_BYTES_MAX))
    assert len(read_whole(file, "the plan")) == READ_BYTES_MAX


def test_a_folder_of_another_account_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> bool:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "is_file", refused)
    with pytest.raises(ConfigError, match="Permission denied; run this as the account that owns the folder"):
        is_file(Path("authority/hall.toml"))


@pytest.mark.parametrize("words", [["status", "--authority"], ["root"]])
def test_a_name_that_no_folder_can_have_is_the_operators_mistake(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLWARD_ROOT_PASSPHRASE", "six random words for a root")
    assert main([*words, "x" * 300]) == 78
    assert "File name too long" in capsys.readouterr().err
