"""`hallward provision accept` refuses what it cannot do before it troubles a device."""

import fcntl
from pathlib import Path

import pytest

from provisioning.__main__ import main
from provisioning.authority.folder import AuthorityFolder


def words(authority: AuthorityFolder, out: Path, *more: str) -> list[str]:
    fleet = ["--fleet", "http://127.0.0.1:9", "--account", "technician"]
    return ["accept", "--authority", str(authority.path), *fleet, "--out", str(out), *more]


def test_a_report_is_never_overwritten(
    authority: AuthorityFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.pdf"
    out.write_bytes(b"the report of last year")
    assert main(words(authority, out)) == 78
    assert "never overwritten: name another file" in capsys.readouterr().err
    assert out.read_bytes() == b"the report of last year"


def test_of_two_acceptances_that_name_one_file_the_second_is_told_before_it_asks_anybody(
    authority: AuthorityFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.pdf"
    with out.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # as the first one does while its devices test themselves
        assert main(words(authority, out)) == 78
    assert "is being written by another acceptance: name another file" in capsys.readouterr().err


def test_where_no_report_can_be_written_no_device_is_troubled(
    authority: AuthorityFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    for out, why in (
        (tmp_path / "file" / "report.pdf", "cannot be written"),
        (tmp_path, "never overwritten"),
    ):
        assert main(words(authority, out)) == 78
        told = capsys.readouterr().err
        assert (why in told, "fleet" in told) == (True, False), told
    link = tmp_path / "link.pdf"
    link.symlink_to(tmp_path / "elsewhere")
    assert main(words(authority, link)) == 78
    assert link.is_symlink()


def test_what_a_kill_left_is_no_report_and_the_same_words_go_on(
    authority: AuthorityFolder,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HALLWARD_PASSWORD", "four plain words here")
    out = tmp_path / "report.pdf"
    out.write_bytes(b"")
    assert main(words(authority, out)) == 1
    assert "does not answer" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("wait", ["0", "3601"])
def test_nobody_waits_for_nothing_or_all_day(
    authority: AuthorityFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str], wait: str
) -> None:
    assert main(words(authority, tmp_path / "report.pdf", "--wait", wait)) == 78
    assert "--wait must be 1 to 3600 seconds" in capsys.readouterr().err


def test_a_fleet_that_does_not_answer_leaves_no_report(
    authority: AuthorityFolder,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HALLWARD_PASSWORD", "four plain words here")
    before = sorted(tmp_path.iterdir())
    for out in (tmp_path / "report.pdf", tmp_path / "halls" / "hall-1" / "report.pdf"):
        assert main(words(authority, out)) == 1
        assert "does not answer" in capsys.readouterr().err
        assert sorted(tmp_path.iterdir()) == before, "no folder that was made for it either"
