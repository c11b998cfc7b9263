"""A keypad's disk is full: a real file system that answers ENOSPC, with a real keypad on it."""

from collections.abc import Callable
from pathlib import Path

from tests.system.hall import SystemHall
from tests.system.one_broker import ON_ONE_BROKER

pytestmark = ON_ONE_BROKER

MountDisk = Callable[[Path, int], None]


def test_the_delegate_is_told_and_votes_once_there_is_room(hall: SystemHall, small_disk: MountDisk) -> None:
    """Nothing is shown as stored that is not; nothing that was is lost; the keypad needs no restart."""
    name = f"keypad-full-{hall.kind}"
    small_disk(hall.device(name), 1024)
    hall.provision(name, "keypad")
    hall.start_keypad(name)
    with hall.seated(name):
        _fills_up(hall, name)
    hall.processes.stop(name)
    hall.vote("abstain")


def _fills_up(hall: SystemHall, name: str) -> None:
    question = hall.open_question()
    hall.until_shows(name, "open", says=question)
    hall.press(name, "no", "ok")
    hall.until_shows(name, "recorded")
    ballast = hall.device(name) / "ballast"
    fill(ballast)
    hall.press(name, "yes", "ok")
    seen = hall.look(name)
    assert seen["state"] == "chosen"
    assert any("NOT STORED" in line for line in seen["screen"]), seen
    hall.press(name, "ok")
    assert len(hall.stored(name)) == 1
    ballast.unlink()
    hall.press(name, "ok")
    hall.until_shows(name, "recorded")
    assert hall.close_question(question)["choices"] == {name: "yes"}
    said = hall.processes.said(name)
    assert said.count("the storage of this device is full") >= 1
    assert "Traceback" not in said


def fill(ballast: Path) -> None:
    """To the last byte: SQLite's log has room that it takes anew with each record."""
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
