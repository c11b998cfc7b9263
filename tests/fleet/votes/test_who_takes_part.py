"""Absent, recused, corrected: whose ballot counts, what their keypad is told, what never changes again."""

import pytest

from fleet.db import reading
from fleet.devices import store as devices
from fleet.votes.watch import Watch
from tests.fleet.hall_under_test import HallUnderTest, ok, refused
from tests.fleet.votes.assembly import Assembly
from wire.voting import Annotation, Recusal

pytestmark = pytest.mark.slow


@pytest.fixture
def assembly(hall: HallUnderTest) -> Assembly:
    return Assembly(hall)


def twin(assembly: Assembly, number: int) -> dict[str, object]:
    with reading(assembly.hall.engine) as connection:
        found = devices.twin(connection, f"keypad-{number}")
    return {key: value for key, value in found.items() if key in ("enabled", "why")}


def recuse(assembly: Assembly, number: int, reason: str = "liên quan lợi ích") -> None:
    path = f"/api/questions/q1/recusals/{assembly.members[number - 1]}"
    ok(assembly.chair.put(path, json={"reason": reason}))
    assembly.hall.append()


OFF_ABSENT = {"enabled": False, "why": "absent"}


def test_only_who_is_inside_at_that_leaf_counts_where_presence_is_asked(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.enter(1, 2)
    assembly.prepare(presence=True)
    assembly.step("open")
    assembly.press(1, "yes")
    assembly.press(3, "yes")
    assembly.leave(2)
    assembly.press(2, "no")
    assembly.step("close")
    result = assembly.result()
    assert [(row["seat"], row["choice"]) for row in result["choices"]] == [("A1", "yes")]
    assert [(row["seat"], row["why"]) for row in result["uncounted"]] == [("A3", "absent"), ("A2", "absent")]


def test_a_keypad_is_told_when_its_member_leaves_and_when_they_are_back(assembly: Assembly) -> None:
    watch = Watch(assembly.hall.office)
    assembly.open_sitting()
    assembly.enter(1, 2)
    assembly.prepare(presence=True)
    watch.tick()
    assert twin(assembly, 3) == {}
    assembly.step("open")
    watch.tick()
    assert [twin(assembly, number) for number in (1, 3)] == [{}, OFF_ABSENT]
    assembly.leave(1)
    watch.tick()
    assert twin(assembly, 1) == OFF_ABSENT
    assembly.enter(1, 3)
    watch.tick()
    assert [twin(assembly, number) for number in (1, 3)] == [{}, {}]


def test_who_went_out_and_in_between_two_ticks_is_told_nothing(assembly: Assembly) -> None:
    watch = Watch(assembly.hall.office)
    assembly.open_sitting()
    assembly.enter(1, 2, 3, 4)
    assembly.prepare(presence=True)
    assembly.step("open")
    watch.tick()
    assembly.leave(1)
    assembly.enter(1)
    watch.tick()
    lines = ok(assembly.hall.client("auditor").get("/api/audit"))
    assert "keypads.enabled" not in {line["action"] for line in lines}


def test_a_new_seating_does_not_make_an_absent_members_keypad_vote(assembly: Assembly) -> None:
    watch = Watch(assembly.hall.office)
    assembly.open_sitting()
    assembly.enter(1)
    assembly.prepare(presence=True)
    assembly.step("open")
    watch.tick()
    technician = assembly.hall.client("technician")
    assembly.hall.register(technician, "keypad-5")
    watch.tick()
    assert twin(assembly, 5) == {"enabled": False, "why": "no-seat"}
    body = {"member": assembly.members[1]}
    ok(technician.put("/api/sittings/s1/seats/keypad-5", json=body))
    watch.tick()
    assert twin(assembly, 5) == OFF_ABSENT
    assert twin(assembly, 2) == {"enabled": False, "why": "no-seat"}


def test_a_recused_member_is_left_out_and_their_keypad_says_so(assembly: Assembly) -> None:
    watch = Watch(assembly.hall.office)
    assembly.open_sitting()
    assembly.enter(1, 2, 3, 4)
    assembly.prepare(rule={"base": "present_at_close", "num": 1, "den": 2, "recused_in_base": False})
    assembly.step("open")
    assembly.press(1, "yes")
    assembly.press(2, "yes")
    recuse(assembly, 2)
    assembly.press(3, "no")
    watch.tick()
    assert twin(assembly, 2) == {"enabled": False, "why": "recused"}
    assembly.press(2, "yes")
    assert ok(assembly.chair.get("/api/questions/q1"))["seated"] == 3
    assembly.step("close")
    watch.tick()
    assert twin(assembly, 2) == {}
    result = assembly.result()
    assert (result["yes"], result["no"], result["base"]) == (1, 1, 3)
    assert [row["why"] for row in result["uncounted"]] == ["recused", "recused"]
    assert result["recused"] == [assembly.members[1]]
    said = [body for body in assembly.hall.desk_bodies() if isinstance(body, Recusal)]
    assert [(body.recused, body.reason) for body in said] == [(True, "liên quan lợi ích")]


def test_who_takes_part_again_may_vote_again(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.prepare(revote=False)
    assembly.step("open")
    assembly.press(1, "yes")
    recuse(assembly, 1)
    assert ok(assembly.chair.delete(f"/api/questions/q1/recusals/{assembly.members[0]}")) == []
    assembly.hall.append()
    assembly.press(1, "no")
    assembly.step("close")
    assert [(row["choice"]) for row in assembly.result()["choices"]] == ["no"]


def test_who_takes_part_changes_only_before_the_close(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.prepare()
    stranger = f"/api/questions/q1/recusals/{'00' * 16}"
    refused(assembly.chair.put(stranger, json={"reason": "x"}), 404, "not-found")
    assembly.step("open")
    assembly.step("close")
    path = f"/api/questions/q1/recusals/{assembly.members[0]}"
    refused(assembly.chair.put(path, json={"reason": "x"}), 409, "wrong-state")


def test_a_correction_stands_beside_the_result_and_changes_nothing(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.enter(1, 2)
    assembly.prepare()
    body = {"member": assembly.members[0], "choice": "no", "text": "bấm nhầm phím"}
    refused(assembly.chair.post("/api/questions/q1/corrections", json=body), 409, "no-result")
    assembly.step("open")
    assembly.press(1, "yes")
    assembly.step("close")
    before = assembly.result()
    assert assembly.chair.post("/api/questions/q1/corrections", json=body).status_code == 201
    after = assembly.result()
    (correction,) = after.pop("corrections")
    assert (correction["name"], correction["choice"], correction["text"]) == ("Lan", "no", "bấm nhầm phím")
    assert before.pop("corrections") == []
    assert after == before
    assert any(isinstance(said, Annotation) for said in assembly.hall.desk_bodies())
