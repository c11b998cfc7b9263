"""*Stored* and *recorded* are different things: the second is the fleet's signed word, and nobody else's."""

import signal
import time

from tests.system.hall import SystemHall

WATCH_S = 3.0


def _never_recorded(hall: SystemHall, name: str) -> None:
    """For as long as an uplink waits before it tries again, and longer."""
    until_s = time.monotonic() + WATCH_S
    while time.monotonic() < until_s:
        assert hall.look(name)["state"] == "stored"


def test_a_brokers_acknowledgement_is_no_receipt(hall: SystemHall) -> None:
    """Ingest stands still; the broker takes the vote and acknowledges it."""
    name = hall.keypads[0]
    question = hall.open_question()
    hall.until_shows(name, "open", says=question)
    stored = len(hall.stored(name))
    ingest = hall.pid("ingest")
    hall.signal("ingest", signal.SIGSTOP)
    try:
        hall.press(name, "yes", "ok")
        hall.until_shows(name, "stored")
        _never_recorded(hall, name)
        assert len(hall.stored(name)) == stored
    finally:
        hall.signal("ingest", signal.SIGCONT)
    hall.until_shows(name, "recorded")
    assert len(hall.stored(name)) == stored + 1
    assert hall.pid("ingest") == ingest
    assert hall.close_question(question)["choices"] == {name: "yes"}


def test_a_keypad_whose_cable_is_pulled_says_so_and_catches_up(hall: SystemHall) -> None:
    name = f"keypad-cable-{hall.kind}"
    cable = hall.provision(name, "keypad", cable=True)
    assert cable is not None
    hall.start_keypad(name)
    with hall.seated(name):
        question = hall.open_question()
        hall.until_shows(name, "open", says=question)
        cable.pull()
        hall.press(name, "abstain", "ok")
        hall.until_shows(name, "stored")
        hall.until(lambda: not hall.look(name)["connected"], "the keypad notices")
        _never_recorded(hall, name)
        cable.plug()
        hall.until_shows(name, "recorded")
        assert hall.close_question(question)["choices"] == {name: "abstain"}
    hall.processes.stop(name)
