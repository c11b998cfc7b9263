"""The page over HTTP, with the fleet's own API behind it: from consent to references that a gate can have."""

import base64
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.enrol.adapters.key_file import KEY_FILE
from edge.enrol.adapters.sealed_shelf import STATION_FILE
from edge.enrol.consent import consent_texts
from edge.enrol.counter import NotNow
from edge.rollcall_gate.frames import EmbedderId
from edge.rollcall_gate.who.sealing import open_reference
from fleet.accounts.rules import Role
from fleet.people import store as people
from tests.edge.enrol.desk_under_test import DeskUnderTest, jpeg, ok, refused, two_people
from tests.fleet.hall_under_test import CONGRESS
from wire.ids import MemberRef

pytestmark = pytest.mark.slow


@pytest.fixture
def members(desk: DeskUnderTest) -> list[str]:
    """Two people of the hall's list, who have said nothing about their faces yet."""
    rows = [{"name": "Nguyễn Thị Đào"}, {"name": "Trần Văn Bình"}]
    answer = desk.hall.client(Role.SECRETARIAT).post("/api/members", json={"members": rows})
    return [row["member"] for row in answer.json()]


def references_at_fleet(desk: DeskUnderTest) -> list[people.Reference]:
    with desk.hall.office.look() as connection:
        return people.references(connection)


def consents_at_fleet(desk: DeskUnderTest, member: str) -> list[dict[str, object]]:
    told = desk.hall.client(Role.SECRETARIAT).get(f"/api/members/{member}/consent").json()
    return list(told["consents"])


def test_a_member_is_found_without_accents_consents_and_is_enrolled(
    desk: DeskUnderTest, members: list[str], photographs: Path
) -> None:
    assert desk.sign_in()["account"] == "secretariat"
    (found,) = ok(desk.browser.post("/api/search", json={"text": "dao nguyen"}))
    assert (found["member"], found["references"]) == (members[0], 0)
    state = desk.agreed(found["member"], found["name"])
    assert (state["visit"]["obstacle"], state["visit"]["advised"]) == ("no-look", 3)
    for name in ("obama_1.jpg", "obama_2.jpg", "obama_senate.jpg"):
        shown = ok(desk.show(photographs / "obama" / name))
        assert shown["taken"]["quality"] > 50
    assert shown["visit"]["obstacle"] is None
    done = ok(desk.finish())
    assert done["visit"] is None
    assert "1 gates" in done["said"][1]
    stored = references_at_fleet(desk)
    assert [(row.member.hex(), row.index) for row in stored] == [(members[0], index) for index in range(3)]
    key = (desk.folder / KEY_FILE).read_bytes()
    for row in stored:
        embedder = EmbedderId(row.model_sha256, row.runtime)
        opened = open_reference(
            row.sealed,
            congress=CONGRESS,
            member=row.member,
            index=row.index,
            embedder=embedder,
            content_key=key,
        )
        assert opened.embedder == desk.pipeline.embedder
    (consent,) = consents_at_fleet(desk, members[0])
    text = consent_texts()["vi"]
    assert {
        name: consent[name] for name in ("text_version", "text_sha256", "language", "channel", "station")
    } == {
        "text_version": text.version,
        "text_sha256": text.sha256,
        "language": "vi",
        "channel": "desk",
        "station": "desk-1",
    }
    (gate,) = desk.hall.client(Role.TECHNICIAN).get("/api/references").json()["gates"]
    assert gate["has_key"]


def test_without_consent_nothing_is_looked_at(
    desk: DeskUnderTest, members: list[str], photographs: Path
) -> None:
    desk.sign_in()
    ok(desk.browser.post("/api/visit", json={"member": members[0], "name": ""}))
    refused(desk.show(photographs / "obama/obama_1.jpg"), "no-consent")
    refused(desk.press("/api/camera"), "no-consent")
    refused(desk.press("/api/visit/capture"), "no-consent")
    refused(desk.finish(), "no-consent")
    assert references_at_fleet(desk) == []


def test_consent_taken_back_before_the_end_leaves_nothing(
    desk: DeskUnderTest, members: list[str], photographs: Path
) -> None:
    desk.sign_in()
    desk.agreed(members[0])
    ok(desk.show(photographs / "obama/obama_1.jpg"))
    assert ok(desk.press("/api/visit/consent", "DELETE"))["visit"]["looks"] == []
    refused(desk.finish(), "no-consent")
    assert desk.shelf.all() == []
    assert consents_at_fleet(desk, members[0]) == []


def test_every_photograph_that_cannot_serve_gets_a_sentence_and_the_others_stay(
    desk: DeskUnderTest, members: list[str], photographs: Path
) -> None:
    desk.sign_in()
    desk.agreed(members[0])
    obama = photographs / "obama"
    ok(desk.show(obama / "obama_1.jpg"))
    wall = jpeg(np.full((600, 800, 3), 120, np.uint8))
    smaller = jpeg(cv2.resize(cv2.imread(str(obama / "obama_1.jpg")), None, fx=0.5, fy=0.5), 70)
    bomb = b"\x89PNG\r\n\x1a\n" + bytes(4) + b"IHDR" + (60_000).to_bytes(4, "big") * 2 + bytes(64)
    far = jpeg(cv2.resize(cv2.imread(str(obama / "obama_2.jpg")), (60, 115), interpolation=cv2.INTER_AREA))
    both = two_people(photographs / "biden/biden.jpg", photographs / "ardern/ardern_2018.jpg")
    refused(desk.show(wall), "no-face")
    refused(desk.show(b"\xff\xd8 this is no photograph"), "not-a-photograph")
    refused(desk.show(bomb), "too-many-pixels")
    assert "two people" in refused(desk.show(both), "two-people")["en"]
    assert "hai người" in refused(desk.show(both), "two-people")["vi"]
    refused(desk.show(obama / "obama_1.jpg"), "same-photograph")
    refused(desk.show(smaller), "same-photograph")
    refused(desk.show(photographs / "sunak/sunak.jpg"), "other-person")
    assert desk.show(far).json()["code"] in {"too-far", "no-face"}
    assert len(ok(desk.browser.get("/api/state"))["visit"]["looks"]) == 1


def test_a_photograph_of_24_megapixels_serves(
    desk: DeskUnderTest, members: list[str], photographs: Path
) -> None:
    desk.sign_in()
    desk.agreed(members[0])
    large = cv2.resize(cv2.imread(str(photographs / "obama/obama_1.jpg")), (4380, 5480))
    assert ok(desk.show(jpeg(large)))["taken"]["good"] is True


def test_a_sixth_photograph_is_not_looked_at(
    desk: DeskUnderTest, members: list[str], photographs: Path
) -> None:
    desk.sign_in()
    desk.agreed(members[0])
    for name in ("obama_1", "obama_2", "obama_3", "obama_senate"):
        ok(desk.show(photographs / f"obama/{name}.jpg"))
    mirrored = cv2.flip(cv2.imread(str(photographs / "obama/obama_2.jpg")), 1)
    ok(desk.show(jpeg(mirrored)))
    refused(desk.show(b"\xff\xd8 not even looked at"), "looks-full")
    assert len(ok(desk.press("/api/visit/looks/4", "DELETE"))["visit"]["looks"]) == 4


def test_one_person_under_two_entries_is_found_even_after_a_restart(
    desk: DeskUnderTest, members: list[str], photographs: Path
) -> None:
    desk.sign_in()
    desk.enrol(members[0], photographs / "macron/macron_2014.jpg")
    desk.stop()
    desk.start()
    desk.sign_in()
    desk.agreed(members[1])
    ok(desk.show(photographs / "macron/macron_2025.jpg"))
    refused(desk.finish(), "duplicate")
    assert [kept.member.hex() for kept in desk.shelf.all()] == [members[0]]
    assert consents_at_fleet(desk, members[1]) == []


def test_the_same_member_enrolled_again_gets_new_references_in_place_of_the_old(
    desk: DeskUnderTest, members: list[str], photographs: Path
) -> None:
    desk.sign_in()
    desk.enrol(members[0], *(photographs / f"obama/obama_{number}.jpg" for number in (1, 2, 3)))
    desk.enrol(members[0], photographs / "obama/obama_senate.jpg")
    assert [row.index for row in references_at_fleet(desk)] == [0]
    assert [len(kept.references) for kept in desk.shelf.all()] == [1]


def test_a_member_whom_the_fleet_does_not_know_is_not_kept(
    desk: DeskUnderTest, members: list[str], photographs: Path
) -> None:
    desk.sign_in()
    desk.agreed("ab" * 16)
    ok(desk.show(photographs / "obama/obama_1.jpg"))
    refused(desk.finish(), "fleet-refused")
    assert desk.shelf.all() == []
    assert ok(desk.browser.get("/api/state"))["visit"]["looks"], "the person is still at the desk"


def test_a_technician_who_may_not_see_names_enrols_by_pseudonym(
    desk: DeskUnderTest, members: list[str], photographs: Path
) -> None:
    desk.sign_in(Role.TECHNICIAN)
    said = refused(desk.browser.post("/api/search", json={"text": "dao"}), "fleet-refused")
    assert "This needs one of the roles" in said["en"]
    assert "Việc này cần một trong các vai trò" in said["vi"]
    (found,) = ok(desk.browser.post("/api/search", json={"text": members[0]}))
    assert found == {"member": members[0], "name": "", "references": None}
    desk.enrol(members[0], photographs / "obama/obama_1.jpg")
    assert len(references_at_fleet(desk)) == 1


def test_an_account_of_another_role_enrols_nobody_and_nothing_is_lost(
    desk: DeskUnderTest, members: list[str], photographs: Path
) -> None:
    desk.sign_in(Role.USHER)
    desk.agreed(members[0])
    ok(desk.show(photographs / "obama/obama_1.jpg"))
    refused(desk.finish(), "fleet-refused")
    assert references_at_fleet(desk) == []
    state = desk.sign_in()
    assert "1 people" in state["said"][1], "what waited is sent at the sign-in"
    assert len(references_at_fleet(desk)) == 1


def test_a_wrong_password_is_said_and_kept_nowhere(desk: DeskUnderTest) -> None:
    told = {"account": desk.account(Role.SECRETARIAT), "password": "not the password"}
    said = refused(desk.browser.post("/api/sign-in", json=told), "fleet-refused")
    assert said["en"] == "Wrong account or password."
    ok(desk.browser.get("/api/state"))
    assert all(
        b"not the password" not in path.read_bytes() for path in desk.folder.rglob("*") if path.is_file()
    )


def test_signing_out_forgets_the_person_and_the_fleets_cookie(
    desk: DeskUnderTest, members: list[str], photographs: Path
) -> None:
    desk.sign_in()
    desk.agreed(members[0])
    ok(desk.show(photographs / "obama/obama_1.jpg"))
    state = ok(desk.press("/api/sign-out"))
    assert (state["account"], state["visit"]) == (None, None)
    assert not desk.cable.cookies
    refused(desk.browser.post("/api/search", json={"text": "dao"}), "fleet-refused")


def test_who_has_gone_is_forgotten(desk: DeskUnderTest, members: list[str], photographs: Path) -> None:
    desk.sign_in()
    desk.agreed(members[0])
    ok(desk.show(photographs / "obama/obama_1.jpg"))
    desk.now_ms += 9 * 60_000
    desk.counter.tick()
    assert desk.counter.visit is not None
    desk.now_ms += 2 * 60_000
    desk.counter.tick()
    assert desk.counter.visit is None


def test_a_gate_with_another_stations_key_is_not_given_this_one_unasked(
    desk: DeskUnderTest, members: list[str], photographs: Path
) -> None:
    keys = [{"device": "gate-1", "wrapped": base64.b64encode(bytes(80)).decode()}]
    desk.hall.client(Role.TECHNICIAN).put("/api/references/keys", json={"keys": keys})
    desk.sign_in()
    desk.agreed(members[0])
    ok(desk.show(photographs / "obama/obama_1.jpg"))
    assert "content.key" in refused(desk.finish(), "foreign-key")["en"]
    assert references_at_fleet(desk) == []
    desk.stop()
    desk.replace_key = True
    desk.start()
    desk.sign_in()
    assert len(references_at_fleet(desk)) == 1
    assert desk.shelf.find(MemberRef(bytes.fromhex(members[0]))) is not None


def test_a_second_desk_with_the_first_ones_key_enrols_for_the_same_gates(
    desk: DeskUnderTest, members: list[str], photographs: Path, tmp_path: Path
) -> None:
    desk.sign_in()
    desk.enrol(members[0], photographs / "obama/obama_1.jpg")
    second = tmp_path / "second"
    second.mkdir()
    for name in (KEY_FILE, STATION_FILE):
        shutil.copy(desk.folder / name, second / name)
    other = DeskUnderTest(second, desk.hall, desk.pipeline)
    other.sign_in()
    other.enrol(members[1], photographs / "sunak/sunak.jpg")
    other.stop()
    assert {row.member.hex() for row in references_at_fleet(desk)} == set(members)


@pytest.mark.parametrize("name", ["obama/obama_1.jpg", "none"])
def test_the_bytes_of_an_upload_are_overwritten_whatever_becomes_of_it(
    desk: DeskUnderTest, members: list[str], photographs: Path, name: str
) -> None:
    desk.sign_in()
    desk.agreed(members[0])
    data = bytearray(b"\xff\xd8 no photograph" if name == "none" else (photographs / name).read_bytes())
    if name == "none":
        with pytest.raises(NotNow):
            desk.counter.photograph(data)
    else:
        desk.counter.photograph(data)
    assert data
    assert not any(data)


def test_a_gate_whose_key_nobody_read_off_it_gets_no_key_and_is_named(
    desk: DeskUnderTest, members: list[str], photographs: Path
) -> None:
    desk.stop()
    desk.read_off = False
    desk.start()
    desk.sign_in()
    desk.agreed(members[0])
    ok(desk.show(photographs / "obama/obama_1.jpg"))
    assert "gate-1" in ok(desk.finish())["said"][1]
    (gate,) = desk.hall.client(Role.TECHNICIAN).get("/api/references").json()["gates"]
    assert not gate["has_key"]
    assert len(references_at_fleet(desk)) == 1  # sealed, and of no use to anybody yet


def test_a_fleet_that_names_a_key_of_its_own_as_a_gates_is_given_nothing(
    desk: DeskUnderTest, members: list[str], photographs: Path
) -> None:
    desk.stop()
    desk.gates = lambda: {"gate-1": bytes(32)}  # type: ignore[method-assign]  # what the gate itself shows
    desk.start()
    desk.sign_in()
    desk.agreed(members[0])
    ok(desk.show(photographs / "obama/obama_1.jpg"))
    assert "gate-1" in refused(desk.finish(), "other-gate-key")["en"]
    assert references_at_fleet(desk) == []
