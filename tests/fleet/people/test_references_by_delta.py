"""One changed member costs a gate a page and not the roster; and the delta leads every gate where a base
would."""

import hashlib
import random

import pytest
from sqlalchemy import select

from fleet.db import reading, writing
from fleet.desk.desk import DOWN_LIFE_MS
from fleet.people.roster import rules
from fleet.tables import downlink, reference_base
from tests.fleet.hall_under_test import HallUnderTest, TestClient, members_of, ok
from tests.fleet.people.gate_view import CONSENT, at_gate, enrol, give_key, last_id, messages, upload
from wire.down import References, ReferencesDelta
from wire.ids import Epoch, MemberRef

pytestmark = pytest.mark.slow


def sealed(number: int) -> bytes:
    """As long as a sealed reference is, and as random."""
    return hashlib.shake_256(number.to_bytes(4, "big")).digest(540)


def test_a_base_comes_with_a_delta_of_no_rows(any_hall: HallUnderTest, chair: TestClient) -> None:
    lan, _not_enrolled = members_of(any_hall, chair, ["Lan", "Minh"])
    enrol(chair, [lan])
    gate = at_gate(any_hall)
    assert (gate.delta_rows, len(gate.delta_pages)) == ([], 1)
    assert gate.delta > gate.base > 0


def test_a_change_is_told_by_a_delta_of_everything_since_the_base(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    lan, minh, nga = members_of(any_hall, chair, ["Lan", "Minh", "Nga"])
    enrol(chair, [lan, minh])
    first = at_gate(any_hall)
    enrol(chair, [nga], sealed=b"of nga")
    enrol(chair, [minh], sealed=b"other", each=2)
    second = at_gate(any_hall)
    assert (second.base, second.base_pages) == (first.base, first.base_pages)
    assert second.delta > first.delta
    assert {row[0] for row in second.delta_rows} == {nga, minh}
    assert second.held == {
        lan: dict.fromkeys(range(3), b"sealed"),
        minh: dict.fromkeys(range(2), b"other"),
        nga: dict.fromkeys(range(3), b"of nga"),
    }
    enrol(chair, [minh])
    assert {row[0] for row in at_gate(any_hall).delta_rows} == {nga}, "what is again as in the base"


def test_a_large_change_is_a_new_base_with_an_empty_delta(
    any_hall: HallUnderTest, chair: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "DELTA_ROWS_MIN", 4)
    who = members_of(any_hall, chair, [f"Person {number}" for number in range(16)])
    enrol(chair, who, each=1)
    first = at_gate(any_hall)
    enrol(chair, who[:4], each=1, sealed=b"other")
    assert (at_gate(any_hall).base, len(at_gate(any_hall).delta_rows)) == (first.base, 4)
    enrol(chair, who[4:5], each=1, sealed=b"other")
    gate = at_gate(any_hall)
    assert gate.base > first.delta
    assert gate.delta_rows == []
    assert [gate.held[member][0] for member in who] == [b"other"] * 5 + [b"sealed"] * 11


@pytest.mark.parametrize(
    ("changed", "base", "outgrown"),
    [(199, 0, False), (200, 799, True), (200, 800, False), (1500, 6000, False), (1501, 6000, True)],
)
def test_a_delta_gives_way_to_a_base_beyond_a_quarter_and_200_rows(
    changed: int, base: int, outgrown: bool
) -> None:
    held = {MemberRef(b"m" * 16): dict.fromkeys(range(base), b"")}
    assert rules.outgrown(changed, held) is outgrown


def test_another_embedder_is_a_new_base(any_hall: HallUnderTest, chair: TestClient) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    first = at_gate(any_hall)
    enrol(chair, [lan], model="cd" * 32)
    gate = at_gate(any_hall)
    assert gate.base > first.delta
    assert gate.base_pages[0].model_sha256 == bytes.fromhex("cd" * 32)
    assert gate.delta_pages[0].model_sha256 == bytes.fromhex("cd" * 32)


def test_another_key_of_a_gate_is_a_new_base_and_the_same_key_again_is_none(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    enrol(chair, [lan])
    first = at_gate(any_hall)
    give_key(chair, "gate-1")
    ok(chair.post("/api/references/publish", json={}))
    assert at_gate(any_hall).base == first.base
    give_key(chair, "gate-1", b"another")
    ok(chair.post("/api/references/publish", json={}))
    gate = at_gate(any_hall)
    assert gate.base > first.delta
    assert (gate.base_pages[0].wrapped_key, gate.delta_pages[0].wrapped_key) == (b"another", b"another")


def test_a_gate_that_comes_later_gets_the_base_of_all(any_hall: HallUnderTest, chair: TestClient) -> None:
    lan, minh = members_of(any_hall, chair, ["Lan", "Minh"])
    enrol(chair, [lan])
    enrol(chair, [minh])
    any_hall.register(any_hall.client("technician"), "gate-2", "gate")
    give_key(chair, "gate-2", b"of gate-2")
    ok(chair.post("/api/references/publish", json={}))
    one, two = at_gate(any_hall, "gate-1"), at_gate(any_hall, "gate-2")
    assert (one.base, one.delta, one.held) == (two.base, two.delta, two.held)
    assert one.held.keys() == {lan, minh}
    assert two.base_pages[0].wrapped_key == b"of gate-2"


def test_a_withdrawal_blanks_the_page_of_the_base_that_holds_it_and_no_other(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    """What lies in the downlink for a gate that starts tomorrow holds nothing of them."""
    who = sorted(members_of(any_hall, chair, [f"Person {number}" for number in range(25)]))
    for member in who:
        ok(chair.post("/api/references", json=upload([member], sealed=b"of " + member.encode())), 201)
    ok(chair.post("/api/references/publish", json={}))
    before, last = at_gate(any_hall), last_id(any_hall)
    ok(chair.delete(f"/api/members/{who[0]}"))
    after = at_gate(any_hall)
    assert (after.base, after.delta_rows) == (before.base, [(who[0], 0, b"")])
    assert after.base_pages[1] == before.base_pages[1]
    assert [row[2] for row in after.base_pages[0].rows[:3]] == [b"", b"", b""]
    assert after.base_pages[0].rows[3:] == before.base_pages[0].rows[3:]
    with reading(any_hall.engine) as connection:
        kept = connection.execute(select(downlink.c.envelope)).scalars().all()
        renewed = connection.execute(select(downlink.c.page).where(downlink.c.id > last)).scalars().all()
    assert not any(b"of " + who[0].encode() in envelope for envelope in kept)
    assert any(b"of " + who[1].encode() in envelope for envelope in kept)
    assert renewed.count(1) == 0


def test_a_withdrawal_is_told_until_the_end_whatever_base_follows(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    """A gate that was off when they withdrew is told by name as well, and can answer."""
    lan, minh, nga = members_of(any_hall, chair, ["Lan", "Minh", "Nga"])
    enrol(chair, [lan])
    enrol(chair, [minh, nga])
    ok(chair.delete(f"/api/members/{minh}"))
    assert (minh, 0, b"") in at_gate(any_hall).delta_rows, "who is in no base is named too"
    give_key(chair, "gate-1", b"another")
    ok(chair.post("/api/references/publish", json={}))
    gate = at_gate(any_hall)
    assert gate.delta_rows == [(minh, 0, b"")]
    assert gate.held.keys() == {lan, nga}


def test_whatever_happens_in_whatever_order_every_gate_holds_what_the_fleet_holds(
    hall: HallUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "DELTA_ROWS_MIN", 6)
    dice = random.Random(7)
    technician, chair = hall.client("technician"), hall.client("secretariat")
    for gate in ("gate-1", "gate-2"):
        hall.register(technician, gate, "gate")
        give_key(chair, gate)
    names = members_of(hall, chair, [f"Person {number}" for number in range(10)])
    expected: dict[str, dict[int, bytes]] = {}
    consenting, bases = set(names), set()
    for step in range(60):
        member = dice.choice(names)
        path = f"/api/members/{member}/consent"
        what = dice.choice(("enrol", "enrol", "enrol", "withdraw", "key"))
        hall.clock.step(dice.choice((0, 1000)))
        if what == "enrol" and member in consenting:
            count = dice.randint(1, 3)
            enrol(chair, [member], sealed=str(step).encode(), each=count)
            expected[member] = dict.fromkeys(range(count), str(step).encode())
        elif what == "withdraw" and member in consenting:
            ok(chair.request("DELETE", path, json={"channel": "desk"}))
            consenting.discard(member)
            expected.pop(member, None)
        elif what == "withdraw":
            ok(chair.post(path, json=CONSENT), 201)
            consenting.add(member)
        elif step % 4 == 0:
            give_key(chair, "gate-2", str(step).encode())
        else:
            with writing(hall.engine) as connection:
                hall.office.desk.begin_epoch(connection, Epoch(step.to_bytes(8, "big")))
        ok(chair.post("/api/references/publish", json={}))
        for gate in ("gate-1", "gate-2"):
            assert at_gate(hall, gate).held == expected
        bases.add(len(at_gate(hall).base_pages[0].rows))
    assert len(bases) > 3, "several bases were told"


def test_pages_are_renewed_under_their_generation_and_the_delta_goes_on_naming_its_base(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    lan, minh = members_of(any_hall, chair, ["Lan", "Minh"])
    enrol(chair, [lan])
    any_hall.clock.step(1000)
    enrol(chair, [minh])
    before = at_gate(any_hall)
    any_hall.clock.step(DOWN_LIFE_MS // 2 - 500)
    with any_hall.office.keep() as connection:
        any_hall.office.desk.renew(connection)
    assert at_gate(any_hall) == before, "the base alone is renewed, the delta keeps its place"
    any_hall.clock.step(DOWN_LIFE_MS // 2 - 1)
    with any_hall.office.keep() as connection:
        any_hall.office.desk.renew(connection)
    assert at_gate(any_hall) == before
    for kind in (References.kind, ReferencesDelta.kind):
        assert messages(any_hall, "gate-1", kind)[0].expires_ms > any_hall.clock.now_ms


def test_after_a_restore_base_and_delta_are_said_anew_and_belong_together(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    lan, minh = members_of(any_hall, chair, ["Lan", "Minh"])
    enrol(chair, [lan])
    enrol(chair, [minh])
    before = at_gate(any_hall)
    with writing(any_hall.engine) as connection:
        any_hall.office.desk.begin_epoch(connection, Epoch(b"restored"))
    after = at_gate(any_hall)
    assert after.base > before.delta
    assert after.held == before.held
    enrol(chair, [minh], sealed=b"other")
    assert at_gate(any_hall).base == after.base
    assert at_gate(any_hall).held[minh] == dict.fromkeys(range(3), b"other")


def test_an_act_that_fails_leaves_base_and_delta_as_they_were(
    any_hall: HallUnderTest, chair: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    lan, minh = members_of(any_hall, chair, ["Lan", "Minh"])
    enrol(chair, [lan])
    before = at_gate(any_hall)
    ok(chair.post("/api/references", json=upload([minh])), 201)
    give_key(chair, "gate-1", b"another")

    def fail(*_: object) -> None:
        raise KeyError("a mistake of ours")

    with monkeypatch.context() as patch:
        patch.setattr("fleet.people.roster.telling._tell_delta", fail)
        with pytest.raises(KeyError):
            chair.post("/api/references/publish", json={})
    with reading(any_hall.engine) as connection:
        assert {row.hex() for row in connection.execute(select(reference_base.c.member)).scalars()} == {lan}
    assert at_gate(any_hall) == before
    ok(chair.post("/api/references/publish", json={}))
    assert at_gate(any_hall).held.keys() == {lan, minh}


def test_one_changed_member_of_two_thousand_costs_a_gate_a_page_and_not_the_roster(
    hall: HallUnderTest,
) -> None:
    hall.register(hall.client("technician"), "gate-1", "gate")
    chair = hall.client("secretariat")
    give_key(chair, "gate-1", bytes(80))
    who = members_of(hall, chair, [f"Person {number}" for number in range(2000)])
    for at in range(0, 2000, 160):
        body = upload([])
        for number in range(at, min(at + 160, 2000)):
            body["references"] += upload([who[number]], sealed=sealed(number))["references"]
        ok(chair.post("/api/references", json=body), 201)
    ok(chair.post("/api/references/publish", json={}))
    whole = sum(sizes(hall, References.kind))
    assert whole > 6000 * 540, "what every change cost before there were deltas"
    base = at_gate(hall).base
    enrol(chair, [who[7]], sealed=sealed(2001))
    assert (at_gate(hall).base, sum(sizes(hall, ReferencesDelta.kind)) < 2500) == (base, True)
    ok(chair.request("DELETE", f"/api/members/{who[9]}/consent", json={"channel": "desk"}))
    assert (at_gate(hall).base, sum(sizes(hall, ReferencesDelta.kind)) < 2500) == (base, True)
    assert max(sizes(hall, References.kind)) < 36_000, "the page that lost them, said with its next repeat"


def sizes(hall: HallUnderTest, kind: str) -> list[int]:
    with reading(hall.engine) as connection:
        query = select(downlink.c.envelope).where(downlink.c.audience == "gate-1", downlink.c.kind == kind)
        return [len(envelope) for envelope in connection.execute(query).scalars()]
