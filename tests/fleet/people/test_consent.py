"""The ledger says who agreed to what; a withdrawal takes the references alone, and is proved by the gates'
own words."""

from typing import Any

import pytest
from sqlalchemy import select

from fleet.db import reading
from fleet.tables import consents, downlink, face_references, members
from tests.fleet.hall_under_test import HallUnderTest, TestClient, members_of, ok, refused
from tests.fleet.people.gate_view import CONSENT, at_gate, enrol, give_key, upload
from wire.ids import MemberRef
from wire.records import Alarm, Deletion

pytestmark = pytest.mark.slow


def unconsenting(chair: TestClient, *names: str) -> list[str]:
    rows = [{"name": name} for name in names]
    return [row["member"] for row in ok(chair.post("/api/members", json={"members": rows}), 201)]


def agree(chair: TestClient, member: str, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = ok(chair.post(f"/api/members/{member}/consent", json={**CONSENT, **changes}), 201)
    return found


def take_back(chair: TestClient, member: str, channel: str = "desk") -> Any:
    return chair.request("DELETE", f"/api/members/{member}/consent", json={"channel": channel})


def deleted(member: str, references: int, generation: int) -> Deletion:
    return Deletion("member", MemberRef(bytes.fromhex(member)), references, generation, None)


def test_a_consent_stands_in_the_ledger_with_its_words_and_opens_enrolment(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    (lan,) = unconsenting(chair, "Lan")
    refused(chair.post("/api/references", json=upload([lan])), 409, "no-consent")
    row = agree(chair, lan)
    expected = {**CONSENT, "given_ms": any_hall.clock.now_ms, "account": "secretariat"}
    assert row == {"id": row["id"], "withdrawn_ms": None, "withdrawn_channel": None, **expected}
    assert ok(chair.get(f"/api/members/{lan}/consent")) == {
        "member": lan, "in_force": True, "consents": [row],
    }  # fmt: skip
    ok(chair.post("/api/references", json=upload([lan])), 201)
    assert [view["consent"] for view in ok(chair.get("/api/members"))] == [True]


def test_a_list_that_says_they_agree_leaves_a_row_without_the_words(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    any_hall.clock.step(1000)
    row = {"name": "Lan again", "member": lan, "consent": True}
    ok(chair.post("/api/members", json={"members": [row]}), 201)
    (only,) = ok(chair.get(f"/api/members/{lan}/consent"))["consents"]
    assert (only["text_version"], only["text_sha256"], only["language"], only["channel"]) == (
        "unstated", None, None, "import",
    )  # fmt: skip
    assert only["given_ms"] == any_hall.clock.now_ms - 1000, "who agrees already does not agree anew"
    ok(chair.post("/api/members", json={"members": [{**row, "consent": False}]}), 201)
    (only,) = ok(chair.get(f"/api/members/{lan}/consent"))["consents"]
    assert (only["withdrawn_ms"], only["withdrawn_channel"]) == (any_hall.clock.now_ms, "import")


def test_a_withdrawal_takes_the_references_everywhere_and_leaves_name_and_badge(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    lan, minh = members_of(any_hall, chair, ["Lan", "Minh"])
    enrol(chair, [lan, minh])
    ok(chair.post("/api/badges", json={"members": [lan]}), 201)
    with reading(any_hall.engine) as connection:
        twins = select(downlink.c.envelope).where(downlink.c.kind == "twin/1")
        before = connection.execute(twins).scalars().all()
    ok(take_back(chair, lan, "paper"))
    assert at_gate(any_hall).held.keys() == {minh}
    with reading(any_hall.engine) as connection:
        left = connection.execute(select(face_references.c.member)).scalars().all()
        assert {member.hex() for member in left} == {minh}
        assert connection.execute(twins).scalars().all() == before, "no gate refuses their badge"
        mirrored = connection.execute(
            select(members.c.consent_ms).where(members.c.member == bytes.fromhex(lan))
        ).scalar_one()
    assert mirrored is None
    view = ok(chair.get(f"/api/members/{lan}/consent"))
    assert (view["in_force"], view["consents"][0]["withdrawn_channel"]) == (False, "paper")
    refused(chair.post("/api/references", json=upload([lan])), 409, "no-consent")
    refused(take_back(chair, lan), 409, "no-consent")
    assert [row["name"] for row in ok(chair.get("/api/members"))] == ["Lan", "Minh"]


def test_who_agrees_again_after_a_withdrawal_is_told_to_the_gates_as_present(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    ok(take_back(chair, lan))
    agree(chair, lan, language="en", channel="form")
    enrol(chair, [lan], sealed=b"new")
    assert at_gate(any_hall).held == {lan: dict.fromkeys(range(3), b"new")}
    assert [row["channel"] for row in ok(chair.get(f"/api/members/{lan}/consent"))["consents"]] == [
        "import", "form",
    ]  # fmt: skip


def test_a_withdrawal_is_proved_by_each_gates_signed_word_of_that_withdrawal_or_later(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    any_hall.register(any_hall.client("technician"), "gate-2", "gate")
    any_hall.register(any_hall.client("technician"), "gate-3", "gate")
    give_key(chair, "gate-2")
    lan, minh = members_of(any_hall, chair, ["Lan", "Minh"])
    enrol(chair, [lan, minh])
    refused(chair.get(f"/api/members/{lan}/withdrawal"), 404, "not-found")
    told_before = at_gate(any_hall).delta
    proof = ok(take_back(chair, lan))
    waiting = {"state": "waiting", "references": None, "leaf": None, "at_ms": None}
    assert proof == {
        "member": lan,
        "withdrawn_ms": any_hall.clock.now_ms,
        "gates": [{"gate": "gate-1", **waiting}, {"gate": "gate-2", **waiting}],
    }, "gate-3 has no key: it was told nothing and holds nothing"
    generation = at_gate(any_hall).delta
    any_hall.clock.step(700)
    any_hall.append(
        ("gate-1", deleted(lan, 3, told_before)),
        ("gate-1", deleted(minh, 3, generation)),
        ("gate-1", Alarm("door-forced", "x")),
        ("gate-2", deleted(lan, 0, generation)),
        ("gate-2", deleted(lan, 2, generation)),
    )
    proof = ok(chair.get(f"/api/members/{lan}/withdrawal"))
    assert proof["gates"][0] == {"gate": "gate-1", **waiting}
    leaf = proof["gates"][1].pop("leaf")
    assert proof["gates"][1] == {
        "gate": "gate-2", "state": "deleted", "references": 0, "at_ms": any_hall.clock.now_ms,
    }  # fmt: skip
    any_hall.append(("gate-1", deleted(lan, 3, generation)))
    first = ok(chair.get(f"/api/members/{lan}/withdrawal"))["gates"][0]
    assert (first["state"], first["references"]) == ("deleted", 3)
    assert first["leaf"] == leaf + 2


def test_a_withdrawal_is_proved_after_the_name_is_gone(any_hall: HallUnderTest, chair: TestClient) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    ok(chair.delete(f"/api/members/{lan}"))
    any_hall.append(("gate-1", deleted(lan, 3, at_gate(any_hall).delta)))
    assert ok(chair.get(f"/api/members/{lan}/withdrawal"))["gates"][0]["state"] == "deleted"
    (row,) = ok(chair.get(f"/api/members/{lan}/consent"))["consents"]
    assert row["withdrawn_channel"] == "desk"


def test_a_second_withdrawal_is_not_proved_by_the_words_of_the_first(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    """All of it in one millisecond: the clock of this hall stands still."""
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    ok(take_back(chair, lan))
    any_hall.append(("gate-1", deleted(lan, 3, at_gate(any_hall).delta)))
    agree(chair, lan)
    enrol(chair, [lan])
    ok(take_back(chair, lan))
    assert ok(chair.get(f"/api/members/{lan}/withdrawal"))["gates"][0]["state"] == "waiting"


def test_a_gate_that_was_revoked_before_it_answered_stays_on_the_list(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    ok(take_back(chair, lan))
    any_hall.clock.step(1000)
    ok(any_hall.client("technician").post("/api/devices/gate-1/revoke", json={"reason": "stolen"}))
    gates = ok(chair.get(f"/api/members/{lan}/withdrawal"))["gates"]
    assert [(gate["gate"], gate["state"]) for gate in gates] == [("gate-1", "revoked")]


@pytest.mark.parametrize(
    "change",
    [
        {"text_version": ""},
        {"text_version": "x" * 65},
        {"text_sha256": "cd" * 31},
        {"language": "fr"},
        {"channel": "import"},
        {"station": "a\nb"},
        {"more": 1},
    ],
)
def test_what_is_no_consent_is_refused(hall: HallUnderTest, change: dict[str, Any]) -> None:
    chair = hall.client("secretariat")
    (lan,) = unconsenting(chair, "Lan")
    refused(chair.post(f"/api/members/{lan}/consent", json={**CONSENT, **change}), 422, "bad-input")
    refused(take_back(chair, lan, "import"), 422, "bad-input")
    with reading(hall.engine) as connection:
        assert connection.execute(select(consents)).all() == []


def test_nobody_who_is_not_known_agrees_or_withdraws(hall: HallUnderTest) -> None:
    chair = hall.client("secretariat")
    nobody = "00" * 16
    refused(chair.post(f"/api/members/{nobody}/consent", json=CONSENT), 404, "not-found")
    refused(take_back(chair, nobody), 404, "not-found")
    refused(chair.get(f"/api/members/{nobody}/consent"), 404, "not-found")
    refused(chair.get(f"/api/members/{nobody}/withdrawal"), 404, "not-found")
