"""The network of a real gate is pulled while people come by face, badge and PIN, and it is killed meanwhile.

The hour itself, with its clock in our hands: tests/edge/rollcall_gate/test_gate_offline_for_an_hour.py.
"""

import time
from itertools import cycle

from tests.system.gate import Badge, Station, SystemGate, add_people, issue_badges
from tests.system.hall import SITTING, SystemHall

NOTICES_S = 6.0
"""Longer than it takes until a sitting is said again."""


def test_every_passage_is_in_the_log_once_when_the_network_is_back(
    hall: SystemHall, station: Station
) -> None:
    guests = add_people(hall, 14, "Offline")
    badges = issue_badges(hall, *(guest.member for guest in guests))
    gate = SystemGate(hall, "gate-offline", cable=True)
    cable = gate.cable
    assert cable is not None
    station.wrap(gate.name)
    gate.start(references=len(station.people))

    first, second, _ = station.people
    assert first.probe is not None
    assert second.probe is not None
    cable.pull()
    gate.until(lambda now: not now["connected"], "notices that its network is gone")
    cut_s, known = time.monotonic(), len(hall.stored(gate.name))
    gate.come_in(gate.walk(first.probe), first.member, "face")
    came = [(first.member, "face"), *_come_in(gate, badges[:10])]
    gate.until(lambda _: time.monotonic() - cut_s > NOTICES_S, "goes on without any word of the fleet")
    assert gate.look()["sitting"] is not None
    gate.kill()
    assert len(hall.stored(gate.name)) == known
    gate.begin()
    gate.until(lambda now: now["last_seq"] >= len(came), "is back, and has kept what it said", 90.0)
    gate.until(lambda now: now["sitting"] == SITTING, "still knows the sitting")
    gate.come_in(gate.badge(badges[10].text), badges[10].member, "badge")
    came.append((badges[10].member, "badge"))
    assert not gate.look()["connected"]

    cable.plug()
    gate.until(lambda now: now["sitting"] and now["references"] == len(station.people), "knows all again")
    cable.pull()
    gate.until(lambda now: not now["connected"], "notices that its network is gone again")
    gate.come_in(gate.walk(second.probe), second.member, "face")
    came += [(second.member, "face"), *_come_in(gate, badges[11:])]
    cable.plug()
    gate.until_drained()
    assert gate.passages() == came
    gate.stop()
    hall.audited()


def _come_in(gate: SystemGate, badges: list[Badge]) -> list[tuple[str, str]]:
    """By badge and by PIN, in turn."""
    came = []
    for badge, method in zip(badges, cycle(("badge", "pin")), strict=False):
        gate.come_in(gate.badge(badge.text) if method == "badge" else gate.pin(badge), badge.member, method)
        came.append((badge.member, method))
    return came
