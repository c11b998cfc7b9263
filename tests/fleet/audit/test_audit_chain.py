"""Every change leaves a line; a line that is changed, left out or put elsewhere is named."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, update

from fleet.audit.rules import Line, after, first_broken
from fleet.db import writing
from fleet.tables import audit_log
from tests.fleet.hall_under_test import HallUnderTest, members_of, ok


def chain(length: int) -> list[Line]:
    lines: list[Line] = []
    for number in range(length):
        lines.append(
            after(lines[-1] if lines else None, 1000 + number, "lan", "device.revoked", f"d{number}", "{}")
        )
    return lines


def test_a_whole_chain_has_no_broken_line() -> None:
    assert first_broken(chain(5)) is None
    assert first_broken([]) is None


@pytest.mark.parametrize(
    "changes",
    [{"at_ms": 1}, {"account": "minh"}, {"action": "x"}, {"subject": "x"}, {"detail": "{1}"}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_line_that_was_changed_is_named(changes: dict[str, object]) -> None:
    lines = chain(5)
    lines[2] = replace(lines[2], **changes)  # type: ignore[arg-type]  # every field in turn
    assert first_broken(lines) == (3, "line 3 was changed after it was written")


def test_a_line_that_is_missing_and_lines_that_changed_places_are_named() -> None:
    lines = chain(5)
    assert first_broken(lines[:2] + lines[3:]) == (3, "line 3 is missing; line 4 follows line 2")
    forged = after(lines[1], 5, "eve", "x", "x", "{}")
    assert first_broken([*lines[:2], forged, *lines[3:]]) == (
        4,
        "line 4 does not continue the hash of line 3",
    )


def test_every_act_leaves_its_line_with_who_and_what_and_no_name_of_a_person(any_hall: HallUnderTest) -> None:
    chair = any_hall.client("secretariat")
    members_of(any_hall, chair, ["Nguyễn Thị Lan"])
    auditor = any_hall.client("auditor")
    lines = ok(auditor.get("/api/audit"))
    assert [(line["account"], line["action"]) for line in lines] == [
        ("secretariat", "account.signed-in"),
        ("secretariat", "members.imported"),
        ("auditor", "account.signed-in"),
    ]
    assert "Lan" not in str(lines)
    assert ok(auditor.get("/api/audit/verify"))["broken"] is None
    assert [line["line"] for line in ok(auditor.get("/api/audit?after=1&limit=1"))] == [2]


def test_an_act_that_fails_leaves_neither_change_nor_line(hall: HallUnderTest) -> None:
    class Interrupted(Exception):
        pass

    def broken() -> None:
        with hall.office.act("lan", "x.done", "x") as act:
            act.note(half=True)
            raise Interrupted

    with pytest.raises(Interrupted):
        broken()
    assert ok(hall.client("auditor").get("/api/audit"))[0]["action"] == "account.signed-in"


def test_a_database_changed_by_another_hand_is_named_by_its_line(any_hall: HallUnderTest) -> None:
    auditor = any_hall.client("auditor")
    for number in range(3):
        with any_hall.office.act("lan", "x.done", f"x{number}"):
            pass
    with writing(any_hall.engine) as connection:
        connection.execute(update(audit_log).where(audit_log.c.line == 3).values(account="minh"))
    assert ok(auditor.get("/api/audit/verify"))["broken"] == 3
    with writing(any_hall.engine) as connection:
        connection.execute(delete(audit_log).where(audit_log.c.line == 2))
    found = ok(auditor.get("/api/audit/verify"))
    assert (found["broken"], found["sentence"]) == (
        2, "The audit log is broken: line 2 is missing; line 3 follows line 1.",
    )  # fmt: skip
