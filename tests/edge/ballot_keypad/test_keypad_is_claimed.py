"""A keypad with nothing but a seed: scanned, placed, pressed, and the same process is a keypad."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.ballot_keypad import commands
from edge.device.errors import ConfigError
from edge.device.health import parse_rss_kb
from tests.edge.ballot_keypad.test_process import RSS_KB_MAX
from tests.edge.device.claim.desk_under_test import ClaimDesk, seeded
from tests.edge.device.claim.hands import Process
from tests.edge.device.hall_desk import Hall, make_hall

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Hall:
    return make_hall(tmp_path_factory.mktemp("hall"))


@pytest.fixture
def desk(hall: Hall) -> ClaimDesk:
    return ClaimDesk(hall, policy={"keypad": {"bounce_ms": 20}})


@pytest.fixture
def keypad(tmp_path: Path, desk: ClaimDesk) -> Iterator[Process]:
    with desk.serve() as served:
        running = Process(seeded(tmp_path / "k", desk.hall, served.port))
        yield running
        if running.process is not None and running.process.poll() is None:
            running.end(signal.SIGKILL)


def test_three_things_are_done_by_people_and_then_it_is_a_keypad(keypad: Process, desk: ClaimDesk) -> None:
    keypad.start()
    shown = keypad.reads("waiting")
    assert shown["code"] == desk.only.status.code
    assert shown["page"].startswith(desk.only.status.page.partition("#")[0])  # 1: scanned
    assert shown["code"] in shown["screen"]
    desk.place("Ghế A-12")  # 2: the place was tapped
    placed = keypad.reads("placed")
    assert "Ghế A-12" in placed["screen"]
    keypad.wish(do="press", button="ok")  # 3: its own button
    keypad.reads("idle")
    assert desk.only.installed
    assert keypad.process is not None
    status = Path(f"/proc/{keypad.process.pid}/status").read_text(encoding="ascii")
    rss_kb = parse_rss_kb(status)
    assert rss_kb is not None
    assert rss_kb <= RSS_KB_MAX
    assert keypad.end(signal.SIGTERM) == 0
    keypad.start()
    keypad.reads("idle")
    assert desk.heard.count("hello") == 1


def test_kill_9_while_the_code_is_shown_keeps_key_and_code(keypad: Process, desk: ClaimDesk) -> None:
    keypad.start()
    before = keypad.reads("waiting")
    keypad.end(signal.SIGKILL)
    keypad.start()
    assert keypad.reads("waiting") == before
    assert len(desk.claims) == 1


def test_another_key_than_ok_is_no_proof_of_presence(keypad: Process, desk: ClaimDesk) -> None:
    keypad.start()
    keypad.reads("waiting")
    desk.place("A-1")
    keypad.reads("placed")
    assert keypad.wish(do="press", button="yes")["state"] == "placed"
    assert "press" not in desk.heard


def test_sigterm_before_the_claim_ends_it_cleanly(keypad: Process) -> None:
    keypad.start()
    keypad.reads("waiting")
    assert keypad.end(signal.SIGTERM) == 0
    assert not (keypad.folder / "state" / "hands.sock").exists()
    assert not (keypad.folder / "device.toml").exists()


def test_check_says_how_far_it_is(tmp_path: Path, hall: Hall, capsys: pytest.CaptureFixture[str]) -> None:
    folder = seeded(tmp_path / "c", hall, 8443)
    assert commands.check(folder) == 1
    said = capsys.readouterr().out
    assert "nobody's device yet" in said
    assert "127.0.0.1:8443" in said
    assert "the first start makes it" in said
    with pytest.raises(ConfigError, match=r"seed\.toml"):
        commands.check(tmp_path)
