"""A valid device connects with another's client id."""

import pytest

from tests.system.hall import SystemHall
from tests.system.intruder import with_the_certificate_of


def test_nobody_is_evicted(hall: SystemHall) -> None:
    """Ids are random and of one connection; a device's name, which everybody knows, is none."""
    talker = hall.talker("gate-client-id")
    hall.provision("thief-1", "gate")
    hall.until(lambda: talker.connected, "the device connects")
    for known in ("gate-client-id", *hall.keypads, "ingest"):
        with with_the_certificate_of(hall, "thief-1", client_id=known):
            talker.say(5)
            hall.until_drained(talker)
    assert talker.runtime.counters.reconnects == 0
    hall.vote("yes")
    talker.stop()


def test_a_thief_who_learns_the_very_id_keeps_nobody_out(
    hall: SystemHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nats-server binds no id to a certificate: there it costs the victim one connection, and no record."""
    stolen = "c0ffee" * 5 + "00"
    with monkeypatch.context() as guessed:
        guessed.setattr("edge.device.adapters.mqtt_link.secrets.token_hex", lambda _: stolen)
        talker = hall.talker("gate-client-id-2")
        hall.until(lambda: talker.connected, "the device connects")
    hall.provision("thief-2", "gate")
    with with_the_certificate_of(hall, "thief-2", client_id=stolen):
        talker.say(50)
        hall.until_drained(talker)
        assert talker.runtime.counters.reconnects <= (1 if hall.kind == "nats" else 0)
        assert hall.stored("thief-2") == []
    talker.stop()
