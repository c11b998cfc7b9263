"""An usher's tap: the command, the audit line, and what became of it."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from fleet.db import reading
from fleet.desk.desk import COMMAND_LIFE_MS
from fleet.tables import audit_log, downlink
from tests.fleet.hall_under_test import HallUnderTest, members_of, ok, refused
from tests.fleet.lane.lane_at_gates import commands, heard, sitting_of
from wire.down import CommandMessage
from wire.ids import MemberRef, SittingId
from wire.records import Passage

pytestmark = pytest.mark.slow


class Lane:
    """A hall with two gates that are heard of, three members and an open sitting; and an usher's phone."""

    def __init__(self, hall: HallUnderTest) -> None:
        self.hall = hall
        self.chair = hall.client("secretariat", "technician", account="chair")
        for gate in ("gate-1", "gate-2"):
            hall.register(self.chair, gate, "gate")
        self.lan, self.minh, self.duc = members_of(
            hall, self.chair, ["Trần Thị Lan", "Lê Minh", "Nguyễn Văn Đức"]
        )
        roll = [{"member": member, "seat": f"A{n}"} for n, member in enumerate((self.lan, self.minh), 1)]
        sitting_of(self.chair, roll)
        hall.alive("gate-1", "gate-2")
        hall.append()
        self.usher = hall.client("usher")

    def tap(self, member: str, tap: str = "01" * 16, gate: str = "gate-1", **more: str) -> Any:
        order = {"id": tap, "member": member, "reason": "badge-forgotten"} | more
        return self.usher.post(f"/api/gates/{gate}/admit", json=order)

    def state(self, tap: str = "01" * 16, gate: str = "gate-1") -> str:
        return str(ok(self.usher.get(f"/api/gates/{gate}/admit/{tap}"))["state"])

    def passes(self, member: str, gate: str = "gate-1", way: str = "in", method: str = "usher") -> None:
        self.hall.append((gate, Passage(SittingId("s1"), MemberRef(bytes.fromhex(member)), way, method)))

    def lines(self) -> list[tuple[str, str, dict[str, Any]]]:
        with reading(self.hall.engine) as connection:
            rows = connection.execute(select(audit_log).where(audit_log.c.action == "gate.admit")).all()
        return [(row.account, row.subject, json.loads(row.detail)) for row in rows]


@pytest.fixture
def lane(any_hall: HallUnderTest) -> Lane:
    return Lane(any_hall)


def test_a_tap_becomes_a_command_that_names_member_and_sitting_and_lives_fifteen_seconds(lane: Lane) -> None:
    shown = ok(lane.tap(lane.lan), 202)
    assert (shown["gate"], shown["state"], shown["age_s"]) == ("gate-1", "pending", 0)
    (message,) = heard(lane.hall, "gate-1", CommandMessage.kind)
    assert message.body == CommandMessage(
        b"\x01" * 16, "admit", {"member": bytes.fromhex(lane.lan), "sitting": "s1"}
    )
    assert message.expires_ms - lane.hall.clock.now_ms == COMMAND_LIFE_MS == 15_000
    assert commands(lane.hall, "gate-2") == []
    with reading(lane.hall.engine) as connection:
        row = connection.execute(select(downlink).where(downlink.c.kind == CommandMessage.kind)).one()
    assert row.after_desk_seq == 0  # said at once: it waits for no leaf
    assert row.topic.endswith("/gate-1/down/cmd")


def test_the_audit_line_says_gate_reason_and_command_and_no_name(lane: Lane) -> None:
    ok(lane.tap(lane.lan, reason="other", note="hands full of papers"), 202)
    ((account, subject, detail),) = lane.lines()
    assert (account, subject) == ("usher", f"gate-1/{'01' * 16}")
    assert detail == {
        "gate": "gate-1", "member": lane.lan, "sitting": "s1", "reason": "other", "command": "01" * 16,
        "after_leaf": detail["after_leaf"], "note": "hands full of papers",
    }  # fmt: skip
    assert "Lan" not in json.dumps(detail, ensure_ascii=False)


def test_a_name_in_the_note_is_refused(lane: Lane) -> None:
    sentence = refused(lane.tap(lane.lan, reason="other", note="tran thi LAN, late"), 422, "bad-input")
    assert sentence.startswith("note:")
    assert lane.lines() == []


def test_a_double_tap_admits_once(lane: Lane) -> None:
    first, second = (ok(lane.tap(lane.lan), 202) for _ in range(2))
    assert first == second
    assert len(commands(lane.hall, "gate-1")) == len(lane.lines()) == 1
    lane.hall.clock.step(60_000)
    ok(lane.tap(lane.lan), 202)  # even when the gate is silent by now: the answer of the first was lost
    assert len(lane.lines()) == 1


def test_the_id_of_one_person_admits_no_other(lane: Lane) -> None:
    ok(lane.tap(lane.lan), 202)
    refused(lane.tap(lane.minh), 409, "id-used")
    assert len(lane.lines()) == 1


def test_two_taps_at_one_gate_are_both_said_in_their_order(lane: Lane) -> None:
    ok(lane.tap(lane.lan, "01" * 16), 202)
    ok(lane.tap(lane.minh, "02" * 16), 202)
    said = heard(lane.hall, "gate-1", CommandMessage.kind)
    assert [message.body.arguments["member"].hex() for message in said] == [lane.lan, lane.minh]
    assert said[0].generation < said[1].generation
    lane.hall.clock.step(COMMAND_LIFE_MS + 1)
    lane.hall.alive("gate-1")
    ok(lane.tap(lane.duc, "03" * 16), 202)
    assert [command.id for command in commands(lane.hall, "gate-1")] == [b"\x03" * 16]


def test_a_command_is_neither_renewed_nor_said_again_after_a_restore(lane: Lane) -> None:
    ok(lane.tap(lane.lan), 202)
    with lane.hall.office.keep() as connection:
        lane.hall.office.desk.renew(connection)
    (message,) = heard(lane.hall, "gate-1", CommandMessage.kind)
    assert message.expires_ms - message.issued_ms == COMMAND_LIFE_MS
    assert message.issued_ms == lane.hall.clock.now_ms


def test_the_page_learns_that_they_passed_from_the_gates_own_record(lane: Lane) -> None:
    ok(lane.tap(lane.lan), 202)
    assert lane.state() == "pending"
    lane.passes(lane.lan)
    assert lane.state() == "passed"


@pytest.mark.parametrize(
    ("who", "gate", "way", "method"),
    [
        ("minh", "gate-1", "in", "usher"), ("lan", "gate-2", "in", "usher"),
        ("lan", "gate-1", "out", "usher"), ("lan", "gate-1", "in", "face"),
    ],
)  # fmt: skip
def test_another_passage_is_not_this_one(lane: Lane, who: str, gate: str, way: str, method: str) -> None:
    ok(lane.tap(lane.lan), 202)
    lane.passes(getattr(lane, who), gate, way, method)
    assert lane.state() == "pending"


def test_a_passage_before_the_tap_is_not_this_one(lane: Lane) -> None:
    lane.passes(lane.lan)
    ok(lane.tap(lane.lan), 202)
    assert lane.state() == "pending"
    lane.passes(lane.lan)
    assert lane.state() == "passed"


def test_without_a_passage_it_expires_after_thirty_seconds(lane: Lane) -> None:
    ok(lane.tap(lane.lan), 202)
    lane.hall.clock.step(30_000)
    assert lane.state() == "pending"
    lane.hall.clock.step(1)
    assert lane.state() == "expired"


def test_a_silent_gate_is_refused_with_what_to_do(lane: Lane) -> None:
    lane.hall.clock.step(15_001)
    sentence = refused(lane.tap(lane.lan), 409, "gate-silent")
    assert "open the door by hand and write the name down" in sentence
    assert commands(lane.hall, "gate-1") == []
    lane.hall.alive("gate-1")
    ok(lane.tap(lane.lan), 202)


def test_without_a_sitting_there_is_nothing_to_attend(lane: Lane) -> None:
    ok(lane.chair.post("/api/sittings/s1/close", json={}))
    assert "secretariat" in refused(lane.tap(lane.lan), 409, "no-sitting")


def test_unknown_gates_keypads_revoked_gates_and_unknown_members_are_not_found(lane: Lane) -> None:
    lane.hall.register(lane.chair, "keypad-1")
    lane.hall.alive("keypad-1")
    refused(lane.tap(lane.lan, gate="gate-9"), 404, "not-found")
    refused(lane.tap(lane.lan, gate="keypad-1"), 404, "not-found")
    refused(lane.tap("ff" * 16), 404, "not-found")
    ok(lane.chair.post("/api/devices/gate-2/revoke", json={"reason": "stolen"}))
    refused(lane.tap(lane.lan, gate="gate-2"), 404, "not-found")
    assert lane.lines() == []
    refused(lane.usher.get(f"/api/gates/gate-1/admit/{'01' * 16}"), 404, "not-found")


def test_who_has_withdrawn_is_let_in_by_hand(lane: Lane) -> None:
    ok(lane.chair.delete(f"/api/members/{lane.lan}"))
    assert "by hand" in refused(lane.tap(lane.lan), 409, "member-withdrawn")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reason", "because"), ("reason", ""), ("note", "x" * 101), ("note", "a\nb"), ("id", "01"),
        ("id", "AB" * 16), ("member", "zz"), ("surprise", "x"),
    ],
)  # fmt: skip
def test_every_field_has_its_limits(lane: Lane, field: str, value: str) -> None:
    order = {"id": "01" * 16, "member": lane.lan, "reason": "badge-forgotten"} | {field: value}
    refused(lane.usher.post("/api/gates/gate-1/admit", json=order), 422, "bad-input")
    assert lane.lines() == []


@pytest.mark.parametrize("note", ["", "   "])
def test_another_reason_wants_a_few_words(lane: Lane, note: str) -> None:
    assert "reason" in refused(lane.tap(lane.lan, reason="other", note=note), 422, "bad-input")


def test_the_gates_are_shown_with_their_age_and_revoked_ones_are_not(lane: Lane) -> None:
    lane.hall.clock.step(20_000)
    lane.hall.alive("gate-1")
    lane.hall.clock.step(3000)
    assert ok(lane.usher.get("/api/gates")) == [
        {
            "gate": "gate-1",
            "place": "place of gate-1",
            "word": "online",
            "colour": "green",
            "age_s": 3,
            "held": False,
        },
        {
            "gate": "gate-2",
            "place": "place of gate-2",
            "word": "stale",
            "colour": "grey",
            "age_s": 23,
            "held": False,
        },
    ]
    ok(lane.chair.post("/api/devices/gate-2/revoke", json={"reason": "stolen"}))
    assert [gate["gate"] for gate in ok(lane.usher.get("/api/gates"))] == ["gate-1"]


def test_people_are_found_with_seat_and_whether_they_are_in(lane: Lane) -> None:
    lane.passes(lane.lan)
    lane.passes(lane.minh)
    lane.passes(lane.minh, way="out")

    def found(typed: str) -> list[tuple[str, str, str]]:
        answer = ok(lane.usher.post("/api/members/search", json={"q": typed}))
        assert answer["more"] is False
        return [(row["name"], row["seat"], row["where"]) for row in answer["rows"]]

    assert found("lan") == [("Trần Thị Lan", "A1", "present")]
    assert found("le mi") == [("Lê Minh", "A2", "left")]
    assert found("nguyen d") == [("Nguyễn Văn Đức", "", "absent")]
    assert found("A2") == [("Lê Minh", "A2", "left")]
    assert found("nobody") == found("  ") == []


def test_a_search_shows_twenty_and_says_that_there_are_more(lane: Lane) -> None:
    members_of(lane.hall, lane.chair, [f"Phạm Văn {chr(65 + number)}" for number in range(21)])
    answer = ok(lane.usher.post("/api/members/search", json={"q": "pham"}))
    assert (len(answer["rows"]), answer["more"]) == (20, True)
    refused(lane.usher.post("/api/members/search", json={"q": "p"}), 422, "bad-input")


@pytest.mark.parametrize("role", ["technician", "staff", "auditor", "admin", "trustee", "board"])
def test_only_ushers_and_the_secretariat_admit(lane: Lane, role: str) -> None:
    lane.usher = lane.hall.client(role)
    refused(lane.tap(lane.lan), 403, "forbidden")
    refused(lane.usher.post("/api/members/search", json={"q": "lan"}), 403, "forbidden")
    assert lane.lines() == []
