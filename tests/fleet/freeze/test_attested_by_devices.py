"""After a sitting everybody can see who ran the same, who did not, and who has not spoken."""

import csv
import io

from pypdf import PdfReader

from tests.fleet.freeze.frozen import KEYPAD, SITTING, FrozenHall, held
from tests.fleet.hall_under_test import HallUnderTest, ok, refused

A, B = b"a" * 32, b"b" * 32
PATH = f"/api/sittings/{SITTING}/attestation"


def test_it_is_put_together_once_the_sitting_is_closed(frozen: FrozenHall) -> None:
    refused(frozen.linh.get(PATH), 409, "wrong-state")
    refused(frozen.linh.get("/api/sittings/s9/attestation"), 404, "not-found")


def test_everybody_attests_that_nothing_changed(frozen: FrozenHall) -> None:
    frozen.close()
    for leaf, name in enumerate(("keypad-1", "keypad-2", "gate-1"), start=40):
        frozen.attest(name, leaf)
    found = frozen.report()
    assert found["holds"] is True
    assert found["en"] == "Sitting s1: all 3 devices attest that nothing changed."
    assert found["vi"].endswith("cả 3 thiết bị ký xác nhận không có gì thay đổi.")
    assert {row["device"]: row["leaf"] for row in found["devices"]} == {
        "gate-1": 42,
        "keypad-1": 40,
        "keypad-2": 41,
    }


def test_what_changed_and_who_is_silent_is_named(frozen: FrozenHall) -> None:
    frozen.lift("keypad-2")
    frozen.close()
    frozen.attest("gate-1", 40, ("firmware", A, A), ("models", A, B), ("config", None, B), boots=2)
    frozen.attest("keypad-2", 41, lifted=True)
    found = frozen.report()
    assert found["holds"] is False
    assert {row["device"]: row["state"] for row in found["devices"]} == {
        "gate-1": "changed",
        "keypad-1": "silent",
        "keypad-2": "lifted",
    }
    assert found["en"] == (
        "Sitting s1: 1 of 3 devices attest that nothing changed. Changed: gate-1 (models, config). Silent so "
        "far: keypad-1. Two people lifted the freeze once."
    )
    assert (found["unchanged"], found["changed"], found["lifted"], found["silent"]) == (0, 1, 1, 1)
    assert found["overrides"][0]["second"] == "linh"


def test_a_change_under_a_lift_is_a_change(frozen: FrozenHall) -> None:
    frozen.close()
    frozen.attest("keypad-1", 40, ("firmware", A, B), lifted=True)
    row = next(row for row in frozen.report()["devices"] if row["device"] == "keypad-1")
    assert (row["state"], row["lifted"]) == ("changed", True)


def test_a_spare_that_joined_is_asked_for_its_word_too(frozen: FrozenHall) -> None:
    frozen.born("keypad-3", KEYPAD)
    body = {"member": frozen.members[0], "seat": "A1"}
    ok(frozen.technician.put(f"/api/sittings/{SITTING}/seats/keypad-3", json=body))
    frozen.close()
    rows = {row["device"]: row for row in frozen.report()["devices"]}
    assert (rows["keypad-3"]["state"], rows["keypad-3"]["present"]) == ("silent", False)
    frozen.attest("keypad-3", 50)
    assert {row["device"]: row for row in frozen.report()["devices"]}["keypad-3"]["state"] == "unchanged"


def test_a_device_that_came_during_the_sitting_is_asked_too_and_what_it_brought_is_named(
    frozen: FrozenHall,
) -> None:
    frozen.hall.clock.step(1000)
    frozen.born("keypad-3", {"firmware": held("keypad 5", 5)})
    frozen.close()
    for leaf, name in enumerate(("keypad-1", "keypad-2", "keypad-3", "gate-1"), start=40):
        frozen.attest(name, leaf)
    found = frozen.report()
    assert found["holds"] is False
    assert found["en"].endswith("nothing changed. Joined with something else: keypad-3.")
    assert [row["device"] for row in found["devices"] if not row["fits"]] == ["keypad-3"]


def test_the_newest_word_of_a_device_counts(frozen: FrozenHall) -> None:
    frozen.close()
    frozen.attest("keypad-1", 40)
    frozen.attest("keypad-1", 44, ("firmware", A, B))
    row = next(row for row in frozen.report()["devices"] if row["device"] == "keypad-1")
    assert (row["state"], row["leaf"]) == ("changed", 44)


def test_as_a_table_it_has_a_line_per_part(frozen: FrozenHall) -> None:
    frozen.close()
    frozen.attest("gate-1", 40, ("firmware", A, A), ("models", A, B))
    answer = frozen.linh.get(f"{PATH}?format=csv")
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["device"], row["state"], row["part"]) for row in rows] == [
        ("gate-1", "changed", "firmware"),
        ("gate-1", "changed", "models"),
        ("keypad-1", "silent", ""),
        ("keypad-2", "silent", ""),
    ]
    assert rows[1]["then"] == A.hex()
    assert rows[1]["afterwards"] == B.hex()


def test_on_paper_it_is_one_page_that_says_the_same(frozen: FrozenHall) -> None:
    frozen.lift("keypad-2")
    frozen.close()
    frozen.attest("gate-1", 40, ("firmware", A, A), ("models", A, B), boots=1)
    frozen.attest("keypad-1", 41)
    first = frozen.linh.get(f"{PATH}?format=pdf")
    assert first.headers["content-type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(first.content)).pages
    text = pages[0].extract_text()
    assert len(pages) == 1
    for words in ("1 of 3 devices attest", "models:", "minh", "linh", "It hangs", "keypad-1 41"):
        assert words in text, words
    assert frozen.linh.get(f"{PATH}?format=pdf").content == first.content, "the same bytes again"


def test_who_may_watch_may_read_it(frozen: FrozenHall, hall: HallUnderTest) -> None:
    frozen.close()
    assert frozen.report(hall.client("auditor"))["silent"] == 3
    refused(hall.client("trustee").get(PATH), 403, "forbidden")
