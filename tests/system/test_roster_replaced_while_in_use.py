"""The roster of a running gate changes while people walk up to it: one withdraws, all of it is sent anew."""

import time
from itertools import cycle, islice

from edge.rollcall_gate.who.reception import AGAIN_MS
from tests.system.gate import Person, Station, SystemGate, issue_badges, stays
from tests.system.hall import SystemHall
from tests.system.one_broker import ON_ONE_BROKER
from wire.records import Deletion

pytestmark = ON_ONE_BROKER

ROUNDS = 3
TURNED_ROUND_S = AGAIN_MS / 1000
"""Who has just gone through is not admitted once more because they turn round."""


def test_who_withdraws_comes_by_badge_and_nobody_else_notices(hall: SystemHall, station: Station) -> None:
    gate = SystemGate(hall, "gate-withdrawn", firmware={"passback_s": 0})
    station.wrap(gate.name)
    first, second, third = station.people
    (badge,) = issue_badges(hall, third.member)
    gate.start(references=3)
    pid = gate.pid
    _comes_by_face(gate, third)
    held = len(station.bodies(third.member))

    hall.api.call("DELETE", f"/api/members/{third.member}/consent", {"channel": "desk"})
    try:
        gate.until(lambda now: now["references"] == 2, "forgets who withdrew")
        assert third.probe is not None
        gate.refuses(third.probe)
        gate.come_in(gate.badge(badge.text), third.member, "badge")
        gone_s = time.monotonic()
        _comes_by_face(gate, first)
        hall.until(lambda: _answer(hall, third, gate.name)["state"] == "deleted", "the gate's word is a leaf")
        answer = _answer(hall, third, gate.name)
        assert answer["references"] == held
        rows = hall.rows("SELECT device, kind FROM records WHERE leaf_index = :leaf", leaf=answer["leaf"])
        assert rows == [(gate.name, "deletion/1")]
        gate.until_drained()
        deletions = [(d.scope, d.member, d.references) for d in gate.leaves(Deletion)]
        assert deletions == [("member", bytes.fromhex(third.member), held)]
    finally:
        _consents_again(hall, station, third)
    gate.until(lambda now: now["references"] == 3, "learns of them again")
    _comes_by_face(gate, second)
    gate.until(lambda _: time.monotonic() > gone_s + TURNED_ROUND_S, "takes them for somebody who comes")
    _comes_by_face(gate, third)
    stays(gate, pid)
    gate.stop()


def test_a_whole_roster_sent_anew_admits_no_stranger_and_misses_nobody(
    hall: SystemHall, station: Station
) -> None:
    gate = SystemGate(hall, "gate-republished", firmware={"passback_s": 0})
    station.wrap(gate.name)
    gate.start(references=3)
    pid, said = gate.pid, gate.said().count("references of 3 members")
    came = []
    for number, person in enumerate(islice(cycle(station.people), 3 * ROUNDS)):
        assert person.probe is not None
        # Wrapped anew: a new base of all, while they stand there.
        seen = gate.walk(person.probe, lambda: station.wrap(gate.name))
        gate.come_in(seen, person.member, "face")
        came.append((person.member, "face"))
        if number % 3 == 2:
            station.wrap(gate.name)
            gate.refuses(station.strangers[number // 3 % len(station.strangers)])
    gate.until_drained()
    assert gate.passages() == came
    assert gate.alarms() == []
    assert gate.leaves(Deletion) == []  # who is on the new base too was never gone
    assert gate.said().count("references of 3 members") >= said + 3 * ROUNDS
    stays(gate, pid)
    gate.stop()


def _comes_by_face(gate: SystemGate, person: Person) -> None:
    assert person.probe is not None
    gate.come_in(gate.walk(person.probe), person.member, "face")


def _answer(hall: SystemHall, person: Person, gate: str) -> dict[str, object]:
    proof = hall.api.get(f"/api/members/{person.member}/withdrawal")
    return next(row for row in proof["gates"] if row["gate"] == gate)


def _consents_again(hall: SystemHall, station: Station, person: Person) -> None:
    terms = {
        "text_version": "1",
        "text_sha256": "00" * 32,
        "language": "en",
        "channel": "desk",
        "station": "desk",
    }
    hall.api.post(f"/api/members/{person.member}/consent", terms)
    station.send(person.member)
    station.publish()
