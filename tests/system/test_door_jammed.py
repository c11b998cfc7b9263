"""The turnstile of a real gate cannot turn: the usher hands people past it, and the log knows."""

import secrets

from tests.system.gate import SystemGate, add_people, issue_badges, stays
from tests.system.hall import SystemHall
from tests.system.one_broker import ON_ONE_BROKER


@ON_ONE_BROKER
def test_the_usher_hands_people_past_and_each_is_recorded(hall: SystemHall) -> None:
    tapped, badged, after = add_people(hall, 3, "Jam")
    shown, later = issue_badges(hall, badged.member, after.member)
    gate = SystemGate(hall, "gate-jammed")
    gate.start()
    pid = gate.pid

    gate.do("jam")
    seen = gate.until_state("jammed")
    assert seen["code"] == "jammed"
    assert any("The gate is stuck." in line for line in seen["lines"]), seen
    gate.until_alarmed("door-jammed")
    assert gate.do("push") == {"passed": False}

    _tap(hall, gate, tapped.member)
    assert gate.badge(shown.text)["state"] == "jammed"
    gate.do("free")  # before they were handed past: they come again
    gate.until_state("secured")
    gate.come_in(gate.pin(shown), badged.member, "pin")
    gate.come_in(gate.badge(later.text), after.member, "badge")
    gate.until_drained()
    assert gate.passages() == [
        (tapped.member, "usher"), (badged.member, "pin"), (after.member, "badge"),
    ]  # fmt: skip
    assert gate.alarms() == ["door-jammed"]
    stays(gate, pid)
    gate.stop()


def _tap(hall: SystemHall, gate: SystemGate, member: str) -> None:
    """The usher admits by phone, and pulls the person through by hand; the log follows."""
    hall.until(lambda: _is_online(hall, gate), "the fleet has heard of the gate")
    tap, path = secrets.token_hex(16), f"/api/gates/{gate.name}/admit"
    hall.api.post(path, {"id": tap, "member": member, "reason": "device-fault"})
    seen = gate.until(lambda now: now["method"] == "usher", "hears the usher's word")
    assert (seen["state"], seen["member"]) == ("jammed", member)
    gate.do("let-go", people=1)
    hall.until(lambda: hall.api.get(f"{path}/{tap}")["state"] == "passed", "a passage follows the tap")
    assert gate.look()["state"] == "jammed"


def _is_online(hall: SystemHall, gate: SystemGate) -> bool:
    words = {row["gate"]: row["word"] for row in hall.api.get("/api/gates")}
    return bool(words[gate.name] == "online")
