"""The congress is over: references are destroyed by one call, and no old letter brings them back."""

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.servers.credentials import Credentials
from tests.servers.mqtt_client import client
from tests.system.conftest import HallFactory
from tests.system.gate import Station, SystemGate, issue_badges, stays
from tests.system.hall import CONGRESS, SITTING, SystemHall
from wire.records import Deletion

NEXT = "sitting-2"


def test_the_gate_forgets_signs_it_and_obeys_no_old_letter(private_hall: HallFactory) -> None:
    hall = private_hall()
    station = Station(hall)
    gate = SystemGate(hall, "gate-1")
    station.wrap(gate.name)
    first, second, _ = station.people
    assert first.probe is not None
    assert second.probe is not None
    (badge,) = issue_badges(hall, second.member)
    gate.start(references=3)
    pid = gate.pid
    gate.come_in(gate.walk(first.probe), first.member, "face")
    letters, key = _letters(hall, gate), _sealing_key(hall, gate)
    assert {kind for kind, *_ in letters} == {"references/1", "references-delta/1", "lane-list/1"}

    hall.asked(f"/api/sittings/{SITTING}/close", {})
    hall.api.post("/api/references/destroy", {"confirm": CONGRESS})
    gate.until(lambda now: (now["references"], now["lane"]) == (0, 0), "forgets everybody")
    hall.until(lambda: _answer(hall)["state"] == "destroyed", "its word is in the log")
    answer = _answer(hall)
    assert answer["references"] == len(station.bodies())
    assert answer["sealing_key"] == _sealing_key(hall, gate) != key
    deletions = [(d.scope, d.member, d.references) for d in gate.leaves(Deletion)]
    assert deletions == [("congress", None, len(station.bodies()))]
    assert hall.rows("SELECT 1 FROM face_references") == hall.rows("SELECT 1 FROM wrapped_keys") == []

    _say_again(hall, letters)
    _open_another(hall)
    gate.until(lambda now: now["sitting"] == NEXT, "learns of the next sitting")
    assert gate.look()["references"] == 0
    gate.refuses(first.probe)
    gate.come_in(gate.badge(badge.text), second.member, "badge")
    stays(gate, pid)

    gate.stop()
    gate.begin()
    gate.until(lambda now: now["sitting"] == NEXT, "is started again", 90.0)
    _say_again(hall, letters)
    gate.until_drained()
    gate.refuses(first.probe)
    assert gate.look()["references"] == 0
    assert _sealing_key(hall, gate) == answer["sealing_key"]
    assert len(gate.leaves(Deletion)) == 1
    assert gate.alarms() == []  # they are not even tried
    gate.stop()
    hall.audited()


def _answer(hall: SystemHall) -> dict[str, object]:
    (row,) = hall.api.get("/api/references/destruction")["gates"]
    return dict(row)


def _sealing_key(hall: SystemHall, gate: SystemGate) -> str:
    """Public half of the one in the gate's folder, hex."""
    key = load_pem_private_key((hall.device(gate.name) / "state" / "sealing.key").read_bytes(), None)
    return key.public_key().public_bytes_raw().hex()  # type: ignore[union-attr]  # X25519


def _letters(hall: SystemHall, gate: SystemGate) -> list[tuple[str, str, bytes]]:
    """(kind, topic, envelope) of all that was said of people, as whoever listens at the broker keeps it."""
    query = "SELECT kind, topic, envelope FROM downlink WHERE audience = :gate AND kind IN "
    kinds = "('references/1', 'references-delta/1', 'lane-list/1')"
    return [(kind, topic, bytes(e)) for kind, topic, e in hall.rows(query + kinds, gate=gate.name)]


def _say_again(hall: SystemHall, letters: list[tuple[str, str, bytes]]) -> None:
    """By whoever has taken the broker: with the fleet's own certificate."""
    config = hall.config
    ingest = Credentials("ingest", config.ingest_certificate, config.ingest_key, config.ca_certificate)
    with client(config.broker_port, ingest) as taken:
        for _, topic, envelope in letters:
            taken.publish(topic, envelope)


def _open_another(hall: SystemHall) -> None:
    roll = [{"member": member, "device": name, "seat": name} for name, member in hall.members.items()]
    sitting = {"sitting": NEXT, "title": "Another", "quorum_num": 1, "quorum_den": 2, "roll": roll}
    hall.api.post("/api/sittings", sitting)
    hall.api.post(f"/api/sittings/{NEXT}/open")
