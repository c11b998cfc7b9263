"""Members, consent, references and badges through the API."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from fleet.db import reading
from fleet.people import register
from fleet.tables import badges, downlink, face_references, members, wrapped_keys
from tests.fleet.hall_under_test import CONGRESS, HALL, HallUnderTest, TestClient, members_of, ok, refused
from tests.fleet.people.gate_view import MODEL, at_gate, upload
from wire.down import Twin, parse_down
from wire.envelope import Purpose, verify
from wire.ids import DESK, DeviceId
from wire.signers import Ed25519Signer
from wire.up import badge_envelope, parse_badge

pytestmark = pytest.mark.slow


def test_references_reach_the_gate_in_pages_under_its_wrapped_key(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    who = members_of(any_hall, chair, [f"Person {number}" for number in range(25)])
    shown = ok(chair.post("/api/references", json=upload(who)), 201)
    assert shown["embedders"] == [
        {"model_sha256": MODEL, "runtime": "litert 2", "references": 75, "members": 25}
    ]
    assert shown["gates"] == [{"device": "gate-1", "sealing_key": "ab" * 32, "has_key": True}]
    assert at_gate(any_hall).base_pages == []
    assert ok(chair.post("/api/references/publish", json={})) == {"gates": 1, "references": 75}
    pages = at_gate(any_hall).base_pages
    assert [(page.page, page.pages, len(page.rows)) for page in pages] == [(0, 2, 60), (1, 2, 15)]
    assert {page.wrapped_key for page in pages} == {b"wrapped key"}
    assert {row[0].hex() for page in pages for row in page.rows} == set(who)


def test_a_withdrawal_deletes_name_and_references_and_the_gate_forgets(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    stays, leaves = members_of(any_hall, chair, ["Lan", "Minh"])
    ok(chair.post("/api/references", json=upload([stays, leaves])), 201)
    ok(chair.post("/api/references/publish", json={}))
    ok(chair.delete(f"/api/members/{leaves}"))
    assert at_gate(any_hall).held.keys() == {stays}
    assert [row["name"] for row in ok(chair.get("/api/members"))] == ["Lan"]
    with reading(any_hall.engine) as connection:
        left = connection.execute(select(face_references.c.member)).scalars().all()
        assert {member.hex() for member in left} == {stays}
    ok(chair.delete(f"/api/members/{stays}"))
    assert at_gate(any_hall).held == {}
    refused(chair.delete(f"/api/members/{stays}"), 404, "not-found")


def test_without_consent_there_is_no_reference_and_consent_withdrawn_removes_it(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    rows = [{"name": "Lan"}, {"name": "Minh", "consent": True}]
    lan, minh = (row["member"] for row in ok(chair.post("/api/members", json={"members": rows}), 201))
    refused(chair.post("/api/references", json=upload([lan, minh])), 409, "no-consent")
    ok(chair.post("/api/references", json=upload([minh])), 201)
    ok(chair.post("/api/references/publish", json={}))
    again = {"members": [{"name": "Minh", "member": minh, "consent": False}]}
    ok(chair.post("/api/members", json=again), 201)
    assert at_gate(any_hall).held == {}
    assert [row["references"] for row in ok(chair.get("/api/members"))] == [0, 0]


def test_references_of_another_model_are_refused_until_all_are_enrolled_again(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    lan, minh = members_of(any_hall, chair, ["Lan", "Minh"])
    ok(chair.post("/api/references", json=upload([lan, minh])), 201)
    refused(chair.post("/api/references", json=upload([lan], "cd" * 32)), 409, "other-model")
    shown = ok(chair.post("/api/references", json=upload([lan, minh], "cd" * 32)), 201)
    assert [row["model_sha256"] for row in shown["embedders"]] == ["cd" * 32]


def test_unknown_members_and_gates_are_refused(any_hall: HallUnderTest, chair: TestClient) -> None:
    refused(chair.post("/api/references", json=upload(["00" * 16])), 404, "not-found")
    key = {"device": "gate-9", "wrapped": "AAAA"}
    assert "gate-9" in refused(chair.put("/api/references/keys", json={"keys": [key]}), 404, "not-found")


@pytest.mark.parametrize("sealed", ["not base64!", "A", "A" * 1404])
def test_what_is_no_sealed_reference_is_refused(
    any_hall: HallUnderTest, chair: TestClient, sealed: str
) -> None:
    (lan,) = members_of(any_hall, chair, ["Lan"])
    body = upload([lan])
    body["references"][0]["sealed"] = sealed
    refused(chair.post("/api/references", json=body), 422, "bad-input")


def test_members_keep_their_pseudonym_when_imported_again(hall: HallUnderTest) -> None:
    chair = hall.client("secretariat")
    (lan,) = members_of(hall, chair, ["Lan"])
    row = {"name": "Nguyễn Thị Lan", "party": "Đoàn 1", "member": lan, "consent": True}
    ok(chair.post("/api/members", json={"members": [row]}), 201)
    shown = ok(chair.get("/api/members"))
    assert shown == [{**row, "references": 0}]
    twice = {"members": [row, row]}
    refused(chair.post("/api/members", json=twice), 422, "bad-input")
    with reading(hall.engine) as connection:
        assert len(connection.execute(select(members)).all()) == 1


def test_badges_are_signed_by_the_registrar_with_rising_serials(hall: HallUnderTest) -> None:
    chair = hall.client("secretariat")
    lan, minh = members_of(hall, chair, ["Lan", "Minh"])
    first = ok(chair.post("/api/badges", json={"members": [lan, minh], "days": 2}), 201)
    (second,) = ok(chair.post("/api/badges", json={"members": [lan]}), 201)
    assert [row["serial"] for row in (*first, second)] == [1, 2, 3]
    registrar = hall.app.state.services.registrar
    assert isinstance(registrar, Ed25519Signer)
    badge = parse_badge(
        verify(badge_envelope(first[0]["text"]), Purpose.BADGE, "registrar", registrar.public_key)
    )
    assert (badge.congress, badge.member.hex()) == (CONGRESS, lan)
    assert badge.not_after_ms == hall.clock.now_ms + 2 * 24 * 3600 * 1000
    refused(chair.post("/api/badges", json={"members": ["00" * 16]}), 404, "not-found")


def refused_at(hall: HallUnderTest, gate: str) -> list[int]:
    """Serials that a gate is told to refuse, out of its verified twin."""
    with reading(hall.engine) as connection:
        query = select(downlink.c.envelope).where(downlink.c.audience == gate, downlink.c.kind == Twin.kind)
        envelope = connection.execute(query).scalar_one()
    verified = verify(envelope, Purpose.DOWN, DESK, hall.office.desk.signer.public_key)
    twin = parse_down(verified, HALL, DeviceId(gate), hall.clock.now_ms).body
    assert isinstance(twin, Twin)
    cell = twin.desired.get("revoked-badges", b"")
    assert isinstance(cell, bytes)
    return [int.from_bytes(cell[at : at + 4], "big") for at in range(0, len(cell), 4)]


def test_a_withdrawal_ends_the_members_badges_at_every_gate_and_keeps_their_serials_alone(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    gone, stays = members_of(any_hall, chair, ["Gone", "Stays"])
    issued = ok(chair.post("/api/badges", json={"members": [gone, stays, gone]}), 201)
    assert refused_at(any_hall, "gate-1") == []
    ok(chair.delete(f"/api/members/{gone}"))
    serials = [badge["serial"] for badge in issued if badge["member"] == gone]
    assert refused_at(any_hall, "gate-1") == serials
    any_hall.register(any_hall.client("technician"), "gate-2", "gate")
    assert refused_at(any_hall, "gate-2") == serials
    with reading(any_hall.engine) as connection:
        kept = connection.execute(select(badges.c.member).where(badges.c.serial.in_(serials))).scalars()
        assert list(kept) == [None, None]


def test_a_replaced_badge_is_refused_until_it_expires_by_itself(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    (lost,) = members_of(any_hall, chair, ["Forgetful"])
    order = {"members": [lost], "days": 1}
    (first,) = ok(chair.post("/api/badges", json=order), 201)
    (second,) = ok(chair.post("/api/badges", json={**order, "replace": True}), 201)
    assert refused_at(any_hall, "gate-1") == [first["serial"]]
    any_hall.clock.step(25 * 3600 * 1000)
    ok(any_hall.client("secretariat").post("/api/badges", json={**order, "replace": True}), 201)
    assert refused_at(any_hall, "gate-1") == []
    assert second["serial"] == first["serial"] + 1


def test_what_a_gate_cannot_remember_is_not_promised(
    any_hall: HallUnderTest, chair: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register, "REVOKED_BADGES_MAX", 1)
    who = members_of(any_hall, chair, ["One", "Two"])
    ok(chair.post("/api/badges", json={"members": who}), 201)
    answer = chair.post("/api/badges", json={"members": who, "replace": True})
    refused(answer, 409, "too-many-revoked")
    assert refused_at(any_hall, "gate-1") == []


def test_nothing_of_a_withdrawn_member_is_kept_for_a_gate_that_was_revoked(
    any_hall: HallUnderTest, chair: TestClient
) -> None:
    (who,) = members_of(any_hall, chair, ["Somebody"])
    ok(chair.post("/api/references", json=upload([who], sealed=b"sealed reference of somebody")), 201)
    ok(chair.post("/api/references/publish", json={}))
    assert at_gate(any_hall).held.keys() == {who}
    ok(any_hall.client("technician").post("/api/devices/gate-1/revoke", json={"reason": "stolen"}))
    assert (at_gate(any_hall).base_pages, at_gate(any_hall).delta_pages) == ([], [])
    with reading(any_hall.engine) as connection:
        assert connection.execute(select(wrapped_keys)).all() == []
        last = connection.execute(select(func.max(downlink.c.id))).scalar_one()
    ok(any_hall.client("technician").post("/api/devices", json=new_keypad(any_hall)), 201)
    with reading(any_hall.engine) as connection:  # who remembers the last id misses nothing
        assert connection.execute(select(func.max(downlink.c.id))).scalar_one() > last


def new_keypad(hall: HallUnderTest) -> dict[str, str]:
    certificate = hall.provisioned("keypad-9").certificate
    return {"role": "keypad", "place": "A1", "certificate": certificate}


def test_a_name_that_was_withdrawn_is_not_left_in_the_free_pages_of_the_file(hall: HallUnderTest) -> None:
    chair = hall.client("secretariat")
    (who,) = members_of(hall, chair, ["Unmistakable Person"])
    path = Path(str(hall.engine.url.database))

    def in_file() -> bool:
        with hall.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return b"Unmistakable" in path.read_bytes()

    assert in_file()
    ok(chair.delete(f"/api/members/{who}"))
    assert not in_file()
