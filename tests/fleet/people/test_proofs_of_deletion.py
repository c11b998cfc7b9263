"""Every gate that may hold somebody's references is asked, revoked ones too; and no gate's word counts that
was signed before it was asked, or that answers what it was never told."""

import pytest

from fleet.desk import store as desk_store
from tests.fleet.hall_under_test import CONGRESS, HallUnderTest, TestClient, members_of, ok, refused
from tests.fleet.people.gate_view import CONSENT, at_gate, enrol, give_key, messages, upload
from wire.down import Forget
from wire.ids import Epoch, MemberRef
from wire.records import Deletion

pytestmark = pytest.mark.slow

LARGEST = 2**53 - 1


def take_back(chair: TestClient, member: str) -> None:
    ok(chair.request("DELETE", f"/api/members/{member}/consent", json={"channel": "desk"}))


def confirmed(chair: TestClient, what: str) -> None:
    ok(chair.post(f"/api/references/{what}", json={"confirm": CONGRESS}))


def revoke(hall: HallUnderTest, gate: str) -> None:
    ok(hall.client("technician").post(f"/api/devices/{gate}/revoke", json={"reason": "stolen"}))


def gone(member: str, generation: int, references: int = 3) -> Deletion:
    return Deletion("member", MemberRef(bytes.fromhex(member)), references, generation, None)


def all_gone(generation: int) -> Deletion:
    return Deletion("congress", None, 3, generation, b"n" * 32)


def forget_of(hall: HallUnderTest, gate: str = "gate-1") -> int:
    (message,) = messages(hall, gate, Forget.kind)
    assert isinstance(message.body, Forget)
    return message.body.generation


def withdrawal(chair: TestClient, member: str) -> dict[str, str]:
    gates = ok(chair.get(f"/api/members/{member}/withdrawal"))["gates"]
    return {gate["gate"]: gate["state"] for gate in gates}


def destruction(chair: TestClient) -> dict[str, str]:
    return {gate["gate"]: gate["state"] for gate in ok(chair.get("/api/references/destruction"))["gates"]}


def another_gate(hall: HallUnderTest, chair: TestClient, name: str = "gate-2") -> None:
    hall.register(hall.client("technician"), name, "gate")
    give_key(chair, name)


# -- who is asked ---------------------------------------------------------------------------------------


def test_a_gate_revoked_before_the_withdrawal_is_named_as_one_that_may_hold_them(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    another_gate(any_hall, chair)
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    any_hall.clock.step(1000)
    revoke(any_hall, "gate-2")
    any_hall.clock.step(1000)
    take_back(chair, lan)
    assert withdrawal(chair, lan) == {"gate-1": "waiting", "gate-2": "revoked"}
    confirmed(chair, "destroy")
    assert destruction(chair) == {"gate-1": "waiting", "gate-2": "revoked"}


def test_what_a_gate_signed_before_it_was_revoked_stays_its_word(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    take_back(chair, lan)
    any_hall.append(("gate-1", gone(lan, at_gate(any_hall).delta)))
    revoke(any_hall, "gate-1")
    assert withdrawal(chair, lan) == {"gate-1": "deleted"}


def test_a_gate_without_a_key_is_asked_for_no_withdrawal_before_and_after_it_is_revoked_or_told_to_forget(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    for name in ("gate-2", "gate-3"):
        any_hall.register(any_hall.client("technician"), name, "gate")
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    take_back(chair, lan)
    revoke(any_hall, "gate-3")
    assert withdrawal(chair, lan) == {"gate-1": "waiting"}
    confirmed(chair, "destroy")
    assert withdrawal(chair, lan) == {"gate-1": "waiting"}
    assert destruction(chair) == {"gate-1": "waiting", "gate-2": "waiting"}, "gate-2 has a lane list"


def test_a_gate_that_was_revoked_before_somebody_ever_agreed_never_held_them(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    another_gate(any_hall, chair)
    lan = members_of(any_hall, chair, ["Lan"])
    enrol(chair, lan)
    revoke(any_hall, "gate-2")
    any_hall.clock.step(1)
    (minh,) = members_of(any_hall, chair, ["Minh"])
    enrol(chair, [minh])
    take_back(chair, minh)
    assert withdrawal(chair, minh) == {"gate-1": "waiting"}


def test_a_gate_is_named_though_it_was_told_ahead_of_the_clock_and_nobody_is_left_to_tell(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    for number in range(3):  # several acts in one millisecond
        enrol(chair, [lan], sealed=str(number).encode())
    another_gate(any_hall, chair)
    ok(chair.post("/api/references/publish", json={}))
    for gate in ("gate-1", "gate-2"):
        revoke(any_hall, gate)
    take_back(chair, lan)
    assert withdrawal(chair, lan) == {"gate-1": "revoked", "gate-2": "revoked"}


def test_who_holds_them_is_remembered_when_the_store_begins_another_life(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    take_back(chair, lan)
    with any_hall.office.keep() as connection:
        any_hall.office.desk.begin_epoch(connection, Epoch(b"restored"))
    any_hall.append(("gate-1", gone(lan, at_gate(any_hall).delta)))
    assert withdrawal(chair, lan) == {"gate-1": "deleted"}, "by the generation under which it was said again"


# -- which words count ----------------------------------------------------------------------------------


@pytest.mark.parametrize("generation", [LARGEST, None])
def test_a_word_that_was_signed_before_the_withdrawal_proves_nothing(
    any_hall: HallUnderTest, chair: TestClient, generation: int | None
) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    foreseen = at_gate(any_hall).delta + 1  # of the next delta, since this clock stands still
    any_hall.append(("gate-1", gone(lan, generation or foreseen)))
    take_back(chair, lan)
    assert at_gate(any_hall).delta == foreseen
    assert withdrawal(chair, lan) == {"gate-1": "waiting"}
    any_hall.append(("gate-1", gone(lan, foreseen)))
    assert withdrawal(chair, lan) == {"gate-1": "deleted"}


@pytest.mark.parametrize("beyond", [1, LARGEST])
def test_a_word_about_what_the_gate_was_never_told_proves_nothing(
    any_hall: HallUnderTest, chair: TestClient, beyond: int
) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    take_back(chair, lan)
    told = at_gate(any_hall).delta
    any_hall.append(("gate-1", gone(lan, min(LARGEST, told + beyond))), ("gate-1", all_gone(told)))
    assert withdrawal(chair, lan) == {"gate-1": "waiting"}


@pytest.mark.parametrize("beyond", [1, LARGEST])
def test_a_word_that_the_congress_is_forgotten_counts_behind_the_order_and_up_to_its_generation(
    any_hall: HallUnderTest, chair: TestClient, beyond: int
) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    any_hall.clock.step(5000)
    early = any_hall.clock.now_ms  # what the order will have
    any_hall.append(("gate-1", all_gone(early)), ("gate-1", all_gone(LARGEST)))
    confirmed(chair, "destroy")
    assert forget_of(any_hall) == early
    any_hall.append(("gate-1", all_gone(min(LARGEST, early + beyond))))
    assert destruction(chair) == {"gate-1": "waiting"}
    any_hall.append(("gate-1", all_gone(early)))
    assert destruction(chair) == {"gate-1": "destroyed"}


# -- after the end of a congress ------------------------------------------------------------------------


@pytest.mark.parametrize("answers", ["before", "after"])
def test_a_withdrawal_after_the_destruction_is_proved_by_the_gates_words_about_that(
    any_hall: HallUnderTest, chair: TestClient, answers: str
) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    confirmed(chair, "destroy")
    word = ("gate-1", all_gone(forget_of(any_hall)))
    if answers == "before":
        any_hall.append(word)
    any_hall.clock.step(1000)
    take_back(chair, lan)
    if answers == "after":
        assert withdrawal(chair, lan) == {"gate-1": "waiting"}
        any_hall.append(word)
    assert withdrawal(chair, lan) == {"gate-1": "deleted"}
    confirmed(chair, "destroy")
    assert withdrawal(chair, lan) == {"gate-1": "deleted"}, "done again, it takes no proof away"


def test_a_gate_that_slept_through_the_end_is_asked_when_somebody_withdraws_after_it(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    another_gate(any_hall, chair)
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    confirmed(chair, "destroy")
    any_hall.append(("gate-1", all_gone(forget_of(any_hall))))
    confirmed(chair, "begin")
    give_key(chair, "gate-1", b"under its new key")
    enrol(chair, [lan])
    any_hall.clock.step(1000)
    (minh,) = members_of(any_hall, chair, ["Minh"])
    enrol(chair, [minh])
    take_back(chair, lan)
    take_back(chair, minh)
    assert withdrawal(chair, lan) == {"gate-1": "waiting", "gate-2": "waiting"}
    assert withdrawal(chair, minh) == {"gate-1": "waiting"}, "gate-2 was told nothing since Minh agreed"
    any_hall.append(("gate-1", gone(lan, at_gate(any_hall).delta)))
    any_hall.append(("gate-2", all_gone(forget_of(any_hall, "gate-2"))))
    assert withdrawal(chair, lan) == {"gate-1": "deleted", "gate-2": "deleted"}


def test_the_word_about_one_congress_is_no_word_about_the_next(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    confirmed(chair, "destroy")
    first = forget_of(any_hall)
    confirmed(chair, "begin")
    give_key(chair, "gate-1", b"under its new key")
    enrol(chair, [lan])
    take_back(chair, lan)
    any_hall.append(("gate-1", all_gone(first)))
    assert withdrawal(chair, lan) == {"gate-1": "waiting"}
    confirmed(chair, "destroy")
    assert destruction(chair) == {"gate-1": "waiting"}
    any_hall.append(("gate-1", all_gone(forget_of(any_hall))))
    assert (destruction(chair), withdrawal(chair, lan)) == ({"gate-1": "destroyed"}, {"gate-1": "deleted"})


def test_what_is_renewed_of_an_old_order_to_forget_is_no_order_of_this_congress(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    confirmed(chair, "destroy")
    told = forget_of(any_hall)
    confirmed(chair, "begin")
    with any_hall.office.keep() as connection:
        any_hall.office.desk.begin_epoch(connection, Epoch(b"restored"))
        assert desk_store.forget_generation(connection, "gate-1") == told
    revoke(any_hall, "gate-1")
    confirmed(chair, "destroy")
    assert destruction(chair) == {}


def test_after_the_destruction_nothing_begins_by_itself(any_hall: HallUnderTest, chair: TestClient) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    body = {"confirm": CONGRESS}
    refused(chair.post("/api/references/begin", json=body), 409, "references-in-use")
    enrol(chair, [lan])
    confirmed(chair, "destroy")
    key = {"device": "gate-1", "wrapped": "AAAA"}
    for answer in (
        chair.put("/api/references/keys", json={"keys": [key]}),
        chair.post("/api/references", json=upload([lan])),
        chair.post("/api/references/publish", json={}),
    ):
        assert "/api/references/begin" in refused(answer, 409, "references-destroyed")
    refused(chair.post("/api/references/begin", json={"confirm": "congress-2"}), 422, "bad-input")
    refused(any_hall.client("technician").post("/api/references/begin", json=body), 403, "forbidden")
    assert destruction(chair) == {"gate-1": "waiting"}
    confirmed(chair, "begin")
    assert destruction(chair) == {"gate-1": "waiting"}, "what was asked is still asked"
    give_key(chair, "gate-1")
    enrol(chair, [lan])
    assert at_gate(any_hall).held.keys() == {lan}
    actions = [line["action"] for line in ok(any_hall.client("auditor").get("/api/audit"))]
    assert actions.count("references.begun") == 1
    refused(chair.post("/api/references/begin", json=body), 409, "references-in-use")


# -- consent given again, lists sent again --------------------------------------------------------------


def test_who_agrees_again_before_a_gate_answered_waits_for_it_no_longer(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    for name in ("gate-2", "gate-3"):
        another_gate(any_hall, chair, name)
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    take_back(chair, lan)
    any_hall.append(("gate-2", gone(lan, at_gate(any_hall).delta)))
    revoke(any_hall, "gate-3")
    ok(chair.post(f"/api/members/{lan}/consent", json=CONSENT), 201)
    enrol(chair, [lan])
    assert withdrawal(chair, lan) == {"gate-1": "superseded", "gate-2": "deleted", "gate-3": "revoked"}
    take_back(chair, lan)
    assert withdrawal(chair, lan) == {"gate-1": "waiting", "gate-2": "waiting", "gate-3": "revoked"}


def test_who_agrees_and_withdraws_again_without_a_reference_between_is_proved_by_the_first_answer(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    """The gate holds nothing since, and says so no second time."""
    another_gate(any_hall, chair)
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    take_back(chair, lan)
    first = at_gate(any_hall).delta
    any_hall.append(("gate-1", gone(lan, first)))
    any_hall.clock.step(1000)
    ok(chair.post(f"/api/members/{lan}/consent", json=CONSENT), 201)
    take_back(chair, lan)
    assert withdrawal(chair, lan) == {"gate-1": "deleted", "gate-2": "waiting"}
    ok(chair.post(f"/api/members/{lan}/consent", json=CONSENT), 201)
    ok(chair.post("/api/references", json=upload([lan])), 201)
    take_back(chair, lan)
    assert withdrawal(chair, lan) == {"gate-1": "waiting", "gate-2": "waiting"}


def test_a_list_that_says_nothing_of_consent_changes_none(any_hall: HallUnderTest, chair: TestClient) -> None:
    lan, minh = members_of(any_hall, chair, ["Lan", "Minh"])
    enrol(chair, [lan, minh])
    take_back(chair, minh)
    before = at_gate(any_hall)
    rows = [{"name": "Nguyễn Lan", "member": lan}, {"name": "Lê Minh", "member": minh, "consent": None}]
    answer = ok(chair.post("/api/members", json={"members": rows}), 201)
    assert [(row["name"], row["consent"], row["references"]) for row in answer] == [
        ("Nguyễn Lan", True, 3), ("Lê Minh", False, 0),
    ]  # fmt: skip
    assert at_gate(any_hall) == before


def test_a_list_takes_back_nobodys_withdrawal(any_hall: HallUnderTest, chair: TestClient) -> None:
    """It was written before they changed their mind; a new consent is taken down at the desk."""
    lan, minh = members_of(any_hall, chair, ["Lan", "Minh"])
    take_back(chair, lan)
    ok(chair.delete(f"/api/members/{minh}"))
    rows = [{"name": name, "member": member, "consent": True} for name, member in (("Lan", lan), ("M", minh))]
    answer = ok(chair.post("/api/members", json={"members": rows}), 201)
    assert [(row["member"], row["consent"]) for row in answer] == [(lan, False), (minh, False)]
    assert ok(chair.get(f"/api/members/{lan}/consent"))["in_force"] is False
    refused(chair.post("/api/references", json=upload([lan])), 409, "no-consent")
    ok(chair.post(f"/api/members/{lan}/consent", json=CONSENT), 201)
    ok(chair.post("/api/references", json=upload([lan])), 201)
