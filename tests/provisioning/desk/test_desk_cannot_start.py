"""A desk that cannot work says why in a sentence, and has issued nothing."""

import json
import time
from pathlib import Path

import pytest

from provisioning.__main__ import main
from provisioning.authority.folder import AuthorityFolder
from provisioning.desk.journal import FILE_NAME
from tests.provisioning.desk.conftest import DeskUnderTest

FLEET = ("--fleet", "http://127.0.0.1:1", "--account", "desk")


def _files(authority: AuthorityFolder) -> dict[str, bytes]:
    """All but the lock, which is empty."""
    return {file.name: file.read_bytes() for file in authority.path.iterdir() if file.suffix != ".lock"}


def test_a_clock_of_1970_is_said_and_not_even_the_desk_itself_is_certified(
    desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = _files(desk.authority)
    monkeypatch.setattr(time, "time_ns", lambda: 5_000_000_000)
    assert main(["desk", "--authority", str(desk.authority.path), *FLEET, "--port", "0"]) == 1
    assert "1970" in capsys.readouterr().err
    assert _files(desk.authority) == before


@pytest.mark.parametrize("host", ["../x", "x" * 300, "h\udce9"])
def test_a_host_that_is_none_is_said(
    desk: DeskUnderTest, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    words = ["desk", "--authority", str(desk.authority.path), *FLEET, "--host", host]
    assert main(words) == 78
    assert "no such address" in capsys.readouterr().err


@pytest.mark.parametrize("verb", [("status",), ("batch", "list"), ("desk", *FLEET)])
def test_a_folder_that_is_no_authoritys_is_said_and_left_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: tuple[str, ...]
) -> None:
    assert main([*verb, "--authority", str(tmp_path)]) == 78
    assert "no authority's folder" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        json.dumps({"act": "pressed", "claim": "0" * 32, "at_ms": 1}),
        json.dumps({"act": "opened", "claim": "0" * 32, "at_ms": 1}),
        json.dumps({"act": "no such act", "claim": "0" * 32, "at_ms": 1}),
        json.dumps({"act": "opened", "claim": "0" * 32, "at_ms": 1, "request": "ff"}),
    ],
)
@pytest.mark.parametrize("verb", [("status",), ("batch", "list")])
def test_a_damaged_journal_is_said_by_every_verb_that_reads_it(
    desk: DeskUnderTest, capsys: pytest.CaptureFixture[str], line: str, verb: tuple[str, ...]
) -> None:
    (desk.authority.path / FILE_NAME).write_text(f"{line}\n")
    assert main([*verb, "--authority", str(desk.authority.path)]) == 1
    assert "is damaged: restore" in capsys.readouterr().err
    with pytest.raises(Exception, match="is damaged"):
        desk.open()
