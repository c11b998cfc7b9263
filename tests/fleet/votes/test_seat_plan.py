"""A table of seats: every fault named at once with its line, and nothing changed before all of it holds."""

import pytest

from fleet.sheet import plain
from fleet.votes.seat_plan import read
from tests.fleet.hall_under_test import HallUnderTest, ok, refused
from tests.fleet.votes.assembly import Assembly
from wire.ids import DeviceId, MemberRef

LAN, MINH = MemberRef(b"\x01" * 16), MemberRef(b"\x02" * 16)
NAMED = {plain("Lan"): [LAN], plain("Minh"): [MINH, MemberRef(b"\x03" * 16)]}
KEYPADS = [DeviceId("keypad-1"), DeviceId("keypad-2")]


def faults(*lines: str) -> tuple[str, ...]:
    found = read("\n".join(("seat,member,keypad,standing", *lines)), NAMED, KEYPADS)
    return tuple(fault.en for fault in found.faults)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("A1,Ai đó,keypad-1,", "no member named 'Ai đó'"),
        ("A1,Minh,keypad-1,", "2 members named Minh; write one of 0202"),
        ("A1,Lan,keypad-9,", "no active keypad keypad-9"),
        ("A1,Lan,keypad-1,unknown", "none of member"),
        ("A1,Lan,keypad-1,,chủ tọa", "more cells than the first line has names"),
        ("A1,Lan,keypad-1,suspended", "leave the keypad empty"),
        ("A123456789012345678,Lan,keypad-1,", "at most 16"),
        ("A1,ffffffffffffffffffffffffffffffff,keypad-1,", "not known"),
    ],
)
def test_a_line_that_cannot_be_is_named_in_words(line: str, says: str) -> None:
    (fault,) = faults(line)
    assert fault.startswith("Line 2: ")
    assert says in fault


def test_a_seat_a_member_and_a_keypad_are_each_given_once_and_all_faults_are_said() -> None:
    found = faults(
        f"A1,{LAN.hex()},keypad-1,",
        f"A1,{MINH.hex()},keypad-2,",
        f"A3,{LAN.hex()},,",
        f"A4,{'03' * 16},keypad-2,",
    )
    assert [fault.split(":")[0] for fault in found] == ["Line 3", "Line 4", "Line 5"]
    assert "seat A1 stands in line 2" in found[0]
    assert "member" in found[1]
    assert "keypad keypad-2 stands in line 3" in found[2]


@pytest.mark.parametrize(
    "text",
    ["", "seat;member\nA1;Lan", "a,b,c\n1,2,3", 'seat,member,keypad\n"A1,Lan', "seat,member,keypad\n"],
)
def test_what_is_no_table_of_seats_ends_in_one_sentence(text: str) -> None:
    found = read(text, NAMED, KEYPADS)
    assert found.rows == ()
    assert len(found.faults) == 1


def test_a_sheet_saved_by_a_spreadsheet_in_vietnamese_is_read() -> None:
    found = read("\ufeffGhế;Đại biểu;Bàn phím;Diện\r\nA1;LAN;keypad-1;\r\n\r\n", NAMED, KEYPADS)
    assert [(row.seat, row.member, row.keypad) for row in found.rows] == [("A1", LAN, "keypad-1")]


@pytest.fixture
def assembly(hall: HallUnderTest) -> Assembly:
    return Assembly(hall)


PLAN = "seat,member,keypad,standing\nB1,Minh,keypad-1,\nB2,Lan,keypad-2,\nB3,Nga,,exempt-absent\n"


def test_a_dry_run_says_what_would_change_and_changes_nothing(assembly: Assembly) -> None:
    before = ok(assembly.chair.get("/api/sittings/s1/roll"))
    told = ok(assembly.chair.put("/api/sittings/s1/plan", json={"csv": PLAN}))
    assert (told["done"], told["rows"]) == (False, 3)
    changes = {change["name"]: (change["was"], change["will_be"]) for change in told["changes"]}
    assert changes["Lan"] == (
        {"seat": "A1", "keypad": "keypad-1", "standing": ""},
        {"seat": "B2", "keypad": "keypad-2", "standing": ""},
    )
    assert changes["Oanh"][1] is None
    assert ok(assembly.chair.get("/api/sittings/s1/roll")) == before


def test_a_plan_is_taken_whole_and_taken_twice_changes_nothing_more(assembly: Assembly) -> None:
    body = {"csv": PLAN, "dry_run": False}
    assert len(ok(assembly.chair.put("/api/sittings/s1/plan", json=body))["changes"]) == 4
    assert ok(assembly.chair.put("/api/sittings/s1/plan", json=body))["changes"] == []
    roll = ok(assembly.chair.get("/api/sittings/s1/roll"))
    assert [(row["seat"], row["name"], row["device"]) for row in roll] == [
        ("B1", "Minh", "keypad-1"), ("B2", "Lan", "keypad-2"), ("B3", "Nga", None),
    ]  # fmt: skip


def test_a_bad_plan_changes_nothing(assembly: Assembly) -> None:
    before = ok(assembly.chair.get("/api/sittings/s1/roll"))
    body = {"csv": PLAN + "B4,Oanh,keypad-1,\n", "dry_run": False}
    sentence = refused(assembly.chair.put("/api/sittings/s1/plan", json=body), 422, "bad-plan")
    assert "Line 5: keypad keypad-1 stands in line 2" in sentence
    assert ok(assembly.chair.get("/api/sittings/s1/roll")) == before


def test_once_the_sitting_is_open_single_seats_change_and_no_plan(assembly: Assembly) -> None:
    assembly.open_sitting()
    refused(assembly.chair.put("/api/sittings/s1/plan", json={"csv": PLAN}), 409, "wrong-state")


def test_who_is_exempt_and_absent_is_not_in_the_base(assembly: Assembly) -> None:
    ok(assembly.chair.put("/api/sittings/s1/plan", json={"csv": PLAN, "dry_run": False}))
    assembly.open_sitting()
    assembly.enter(1, 2)
    assembly.prepare(preset="vn-party-motion")
    assembly.step("open", accept_missing=True)
    assembly.step("close", accept_missing=True)
    result = assembly.result()
    assert (result["summoned"], result["base"]) == (3, 2)
    answer = assembly.chair.get("/api/questions/q1/result?format=csv").content.decode("utf-8-sig")
    said = "number,Không tính: được miễn sinh hoạt và vắng mặt,Left out of the base: exempt and absent,1"
    assert said in answer.splitlines(), "a number that can be explained, without a name"
