"""`hallward fleet rollout …`: every verb against a fleet that is served, its tables and its exit status."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fleet.__main__ import main
from tests.fleet.hall_under_test import PASSWORD, HallUnderTest
from tests.fleet.rollout.floor import QUICK, Floor, target
from tests.fleet.rollout.served import served

pytestmark = pytest.mark.slow

NEW = target()
Terminal = Callable[..., tuple[int, str]]


@pytest.fixture
def floor(hall: HallUnderTest) -> Floor:
    hall.targets.append(NEW)
    floor = Floor(hall)
    floor.stand(8)
    return floor


@pytest.fixture
def terminal(floor: Floor, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")

    with served(floor.hall) as url:

        def run(*words: str) -> tuple[int, str]:
            known = ["--url", url, "--account", "staff", "--password-file", str(file)]
            status = main(["rollout", *words, *known])
            said = capsys.readouterr()
            return status, said.out + said.err

        yield run


def test_a_rollout_is_planned_started_followed_and_taken_back(
    floor: Floor, terminal: Terminal, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"waves": [{"name": "all at once"}], **QUICK}))
    words = ("create", "fw-4", NEW.path, "--plan", str(plan))
    assert terminal("list") == (0, "No rollout yet.\n")
    status, said = terminal(*words, "--dry-run")
    assert status == 0
    assert "8 devices would change, 0 are not eligible." in said
    assert "all at once" in said
    assert terminal("list")[1] == "No rollout yet.\n"
    assert "Nothing has begun" in terminal(*words)[1]
    assert terminal("start", "fw-4") == (0, "fw-4 is running: started\n")
    assert terminal("pause", "fw-4")[1].startswith("fw-4 is paused: paused; 0 devices hold")
    assert terminal("resume", "fw-4")[1].startswith("fw-4 is running:")
    floor.run(NEW, "fw-4")
    status, said = terminal("show", "fw-4", "--follow")
    assert status == 0
    assert f"[{'#' * 40}] 8 of 8 done" in said
    assert "fw-4  firmware/keypad-4  done      8   8       0" in terminal("list")[1]
    status, said = terminal("retry", "fw-4")
    assert (status, "nothing to try again" in said) == (1, True)
    assert terminal("roll-back", "fw-4")[1] == "fw-4 is aborting: rolled back by staff\n"
    floor.run(NEW, "fw-4")
    assert terminal("show", "fw-4", "--follow")[0] == 1
    assert "firmware/keypad-4: eligible" in terminal("why", "keypad-0")[1]
    floor.report(["keypad-0"], "applying: waits for the end of sitting sitting-1")
    said = terminal("why", "keypad-0")[1]
    assert said.startswith("keypad-0 says: applying: waits for the end of sitting sitting-1\n")


def test_who_was_never_ordered_before_a_stop_is_not_said_to_wait(
    floor: Floor, terminal: Terminal, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"waves": [{"name": "one", "percent": 25}, {"name": "rest"}], **QUICK}))
    terminal("create", "fw-4", NEW.path, "--plan", str(plan))
    assert re.search(r"^waiting +- +2 +6 +8$", terminal("show", "fw-4")[1], re.MULTILINE)
    terminal("start", "fw-4")
    floor.executor.tick()
    terminal("abort", "fw-4")
    shown = terminal("show", "fw-4")[1]
    assert re.search(r"^never ordered +- +0 +6 +6$", shown, re.MULTILINE)
    assert "waiting" not in shown


def test_a_release_that_lets_nobody_go_back_says_so_before_it_is_made(
    floor: Floor, terminal: Terminal
) -> None:
    hole = target("firmware/keypad-5", counter=5, minimum=5)
    floor.hall.targets.append(hole)
    said = terminal("create", "fw-5", hole.path, "--dry-run")[1]
    assert "8 of these devices cannot be brought back once they have it" in said
    assert "brought back" not in terminal("create", "fw-4", NEW.path, "--dry-run")[1]


def test_what_is_refused_is_said_in_both_languages_and_ends_with_1(terminal: Terminal) -> None:
    status, said = terminal("start", "unknown")
    assert (status, said) == (
        1,
        "fleet: Không có đợt cập nhật unknown.\nThere is no rollout unknown. [fleet-refused]\n",
    )
    for words in (("show", "f\udce9"), ("why", "f\udce9"), ("start", "f\udce9")):
        status, said = terminal(*words)
        assert status == 1
        assert "must be 1 to 32 of a-z" in said
    status, said = terminal("create", "x", "firmware/unknown")
    assert status == 1
    assert "There is no release firmware/unknown" in said


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--url", "ftp://somewhere"], "--url must look like"),
        (["--url", "http://["], "--url must look like"),
        (["--url", "http://a b"], "--url must look like"),
        (["--url", "http://here:99999"], "--url must look like"),
        (["--url", "http://h\udce9"], "--url must look like"),
        (["--password-file", "missing/file"], "--password-file missing/file cannot be read"),
        (["--url", "https://127.0.0.1:1", "--ca", "missing.pem"], "no certificate of an authority"),
    ],
)
def test_wrong_words_end_with_78(words: list[str], what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rollout", "list", "--account", "staff", *words]) == 78
    assert what in capsys.readouterr().err


def test_a_fleet_that_does_not_answer_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "password"
    file.write_text("x")
    words = ["--url", "http://127.0.0.1:1", "--account", "staff", "--password-file", str(file)]
    assert main(["rollout", "list", *words]) == 1
    assert "the fleet does not answer at http://127.0.0.1:1" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"waves":' * 50_000, b"\xff", b"9" * 5000, b""])
def test_a_plan_that_is_no_json_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    plan = tmp_path / "plan.json"
    plan.write_bytes(content)
    words = ["rollout", "create", "fw-4", "firmware/keypad-4", "--account", "staff", "--plan", str(plan)]
    assert main(words) == 78
    assert "plan.json is no JSON" in capsys.readouterr().err
