"""`hallward provision accept` refuses what it cannot do before it troubles a device."""

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
    assert main(words(authority, tmp_path / "report.pdf")) == 1
    assert "does not answer" in capsys.readouterr().err
    assert list(tmp_path.glob("*.pdf")) == []
