"""Pipes, devices, links and reports made by hand: a sentence, no hang, and nothing replaced."""

import json
import math
import os
import stat
from pathlib import Path

import pytest

from models.cache import require_writable, sha256_of
from models.errors import ModelsMissing
from models.evaluation import report
from models.evaluation.attacks import presentations_in
from models.evaluation.tables import read_pairs
from models.trial import read_report

REPORT = Path(report.__file__).parents[1] / "reports" / "recognition_int8.json"


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def test_a_pipe_is_not_waited_for(pipe: Path) -> None:
    with pytest.raises(ModelsMissing, match="not a plain file"):
        sha256_of(pipe)
    with pytest.raises(ModelsMissing, match="plain file"):
        read_pairs(pipe)
    with pytest.raises(ModelsMissing, match="plain file"):
        read_report(pipe)


def test_a_device_that_never_ends_is_not_read() -> None:
    with pytest.raises(ModelsMissing, match="not a plain file"):
        sha256_of(Path("/dev/zero"))


def test_nothing_but_a_plain_file_of_ours_is_replaced(tmp_path: Path, pipe: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    (tmp_path / "locked").write_text("kept")
    (tmp_path / "locked").chmod(0o444)
    for path in (pipe, tmp_path / "link", tmp_path / "locked", tmp_path, Path("/dev/null")):
        with pytest.raises(ModelsMissing, match="cannot be written"):
            require_writable(path)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert (tmp_path / "link").is_symlink()
    require_writable(tmp_path / "new" / "report.json")
    assert (tmp_path / "new").is_dir()


def edited(value: object, *keys: str | int) -> dict:
    data = json.loads(REPORT.read_text())
    rate = {"value": 0.1, "interval": [0.0, 0.2]}
    group = {
        "group": "a",
        "photographs": 7,
        "persons": 3,
        "genuine": 4,
        "impostor": 9,
        "fnmr": rate,
        "fmr": rate,
    }
    data["recognition"]["groups"] = [group, {**group, "group": "b"}]
    place = data
    for key in keys[:-1]:
        place = place[key]
    if keys:
        place[keys[-1]] = value
    return data


GROUPS = ("recognition", "groups")


def test_a_report_with_groups_is_read() -> None:
    assert [one.group for one in report.from_json(edited(None), REPORT).groups] == ["a", "b"]


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        (None, (*GROUPS, 0, "fnmr")),
        (-5, (*GROUPS, 0, "fnmr", "value")),
        ("0.0", (*GROUPS, 0, "fnmr", "value")),
        (True, (*GROUPS, 0, "fmr", "value")),
        (math.nan, (*GROUPS, 0, "fmr", "value")),
        ([0, math.inf], (*GROUPS, 0, "fmr", "interval")),
        ([0.3, 0.1], (*GROUPS, 0, "fmr", "interval")),
        ("01", (*GROUPS, 0, "fmr", "interval")),
        (7.9, (*GROUPS, 0, "photographs")),
        ("7", (*GROUPS, 0, "photographs")),
        (10**400, (*GROUPS, 0, "fnmr", "value")),
        ("b", (*GROUPS, 0, "group")),
        (math.nan, ("recognition", "threshold")),
        (None, ("recognition",)),
    ],
)
def test_a_report_made_by_hand_is_refused(value: object, keys: tuple[str | int, ...]) -> None:
    with pytest.raises(ModelsMissing, match="damaged report"):
        report.from_json(edited(value, *keys), REPORT)


@pytest.mark.parametrize(
    "text", ["", "[" * 200_000, '{"format": NaN}', "{}", "null", '{"format": "other/1"}']
)
def test_what_is_no_report_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(ModelsMissing, match="not a report of"):
        read_report(tmp_path / "report.json")


def test_names_that_a_terminal_would_obey_are_refused(tmp_path: Path) -> None:
    for name in ("live", "esc\x1b[31m"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").write_bytes(b"")
    with pytest.raises(ModelsMissing, match=r"'esc\\x1b\[31m' is a name that cannot be printed"):
        presentations_in(tmp_path)
