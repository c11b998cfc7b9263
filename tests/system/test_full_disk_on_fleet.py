"""The fleet's disk is full: a small tmpfs under its whole data folder, so that store and broker meet ENOSPC.

A tmpfs and not a page limit of SQLite: other processes hold the connections, and a broker shares the disk.
"""

from collections.abc import Callable
from pathlib import Path

from tests.servers.brokers import require
from tests.system.hall import SystemHall

MountDisk = Callable[[Path, int], None]


def test_nothing_is_receipted_until_there_is_room_and_then_everything(small_disk: MountDisk) -> None:
    """On the broker that writes to this disk itself."""
    require("nats")
    hall = SystemHall("nats", 2)
    try:
        small_disk(hall.data, 48 * 1024)
        hall.start()
        _survives(hall)
    finally:
        hall.stop()


def _survives(hall: SystemHall) -> None:
    talker = hall.talker("gate-fleet-full")
    talker.say(20)
    hall.until_drained(talker)
    question = hall.open_question()
    name = hall.keypads[0]
    hall.until_shows(name, "open", says=question)
    since = len(hall.fleet_log())
    ballast = hall.data / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 65536, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    talker.say(400)
    hall.press(name, "yes", "ok")
    hall.until_said("its disk is full", since)
    hall.until_shows(name, "stored")
    held = {seq for seq, _, _ in hall.stored(talker.name)}
    assert talker.marked <= len(held)
    ballast.unlink()
    hall.until_drained(talker)
    hall.until_shows(name, "recorded")
    assert hall.close_question(question) == {"choices": {name: "yes"}, "uncounted": []}
    hall.once("Nothing is acknowledged until it works", since)
    hall.once("The store works again", since)
    assert "Traceback" not in hall.fleet_log()[since:]
    hall.vote("no")
    hall.audited()
