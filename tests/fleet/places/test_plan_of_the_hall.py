"""The plan of the hall as a table: every fault named by its line, nothing changed before all of it holds, and
no place pulled from under a device."""

import csv
import io

import pytest

from fleet.places.plan import COLUMNS, Place, Stands, diff, is_serial, read
from tests.fleet.hall_under_test import HallUnderTest, ok, refused
from tests.fleet.places.floor import HEADING, Floor, gate_line, seat_line, table

LINE = "s-1,keypad,Hàng A ghế 1,A,1,100,0,KP-1"


def faults(*lines: str) -> tuple[str, ...]:
    return tuple(fault.en for fault in read(table(*lines), {}, {}).faults)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("S 1,keypad,Hàng A,A,1,1,1,", "place 'S 1' must be 1 to 32 of a-z"),
        ("s-1,camera,Hàng A,A,1,1,1,", "role 'camera' is none of gate, keypad, board"),
        ("s-1,keypad,,A,1,1,1,", "label '' must be 1 to 80"),
        ("s-1,keypad,Hàng A,A,12345678901234567,1,1,", "seat '12345678901234567' must be at most 16"),
        ("s-1,keypad,Hàng A,A,1,-1,1,", "x '-1' must be a whole number of 0 to 9999"),
        ("s-1,keypad,Hàng A,A,1,1,10000,", "y '10000' must be a whole number"),
        ("s-1,keypad,Hàng A,A,1,1,1.5,", "y '1.5' must be a whole number"),
        ("s-1,keypad,Hàng A,A,1,٣,1,", "x '٣' must be a whole number"),
        ("s-1,keypad,Hàng A,A,1,1,1,KP 1", "serial 'KP 1' must be 1 to 64 letters"),
        ("s-1,keypad,Hàng A, ghế 1,A,1,1,1,KP-1", "more cells than the first line has names"),
    ],
)
def test_a_line_that_cannot_be_is_named_in_words(line: str, says: str) -> None:
    (fault,) = faults(line)
    assert fault.startswith("Line 2: ")
    assert says in fault


def test_a_place_a_seat_and_a_serial_are_each_given_once_and_all_faults_are_said() -> None:
    found = faults(
        LINE,
        "s-1,keypad,Khác,B,1,1,1,",
        "s-2,keypad,Khác,A,1,1,1,",
        "s-3,keypad,Khác,A,3,1,1,KP-1",
        "s-4,keypad,Khác,A,4,x,1,",
    )
    assert [fault.split(":")[0] for fault in found] == ["Line 3", "Line 4", "Line 5", "Line 6"]
    assert "place s-1 stands in line 2" in found[0]
    assert "seat A 1 stands in line 2" in found[1]
    assert "serial KP-1 stands in line 2" in found[2]


@pytest.mark.parametrize(
    "text", ["", "place;role\ns-1;keypad", "a,b,c\n1,2,3", f'{HEADING}\n"s-1,keypad', HEADING]
)
def test_what_is_no_plan_ends_in_one_sentence(text: str) -> None:
    found = read(text, {}, {})
    assert found.rows == ()
    assert len(found.faults) == 1


def test_more_than_5000_lines_are_not_taken() -> None:
    (fault,) = faults(*(seat_line(number) for number in range(5001)))
    assert "at most 5000" in fault


def test_a_sheet_saved_by_a_spreadsheet_in_vietnamese_is_read() -> None:
    text = "\ufeffVị trí;Loại;Tên;Hàng;Ghế;X;Y;Số máy\r\ns-1;keypad;Hàng A ghế 1;A;1;100;0;KP-1\r\n\r\n"
    assert read(text, {}, {}).rows == (Place("s-1", "keypad", "Hàng A ghế 1", "A", "1", 100, 0, "KP-1"),)


def test_the_plan_written_out_reads_as_itself() -> None:
    rows = read(table(LINE, gate_line(1), 's-2,keypad,"Hàng A, ghế 2",A,2,200,0,'), {}, {}).rows
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(COLUMNS)
    sheet.writerows(
        [row.place, row.role, row.label, row.row, row.seat, row.x, row.y, row.serial or ""] for row in rows
    )
    again = read(out.getvalue(), {}, {}).rows
    assert again == rows
    assert diff(rows, again) == []


def test_a_plan_contradicts_no_device_that_stands_in_the_hall() -> None:
    before = {row.place: row for row in read(table(LINE, seat_line(2), seat_line(3)), {}, {}).rows}
    standing = {
        "s-1": Stands("keypad-1", "KP-1"),
        "s-2": Stands("keypad-2", None),
        "s-3": Stands("keypad-3", "KP-3"),
    }
    lines = table("s-1,board,Bảng,,,1,1,KP-9", "s-2,keypad,Ghế,A,2,1,1,KP-3")
    found = [fault.en for fault in read(lines, before, standing).faults]
    assert len(found) == 4
    assert "s-1 cannot become the place of a board while keypad-1 stands there" in found[0]
    assert "serial KP-9 is written for s-1, where keypad-1 with the serial KP-1 stands" in found[1]
    assert "the device with the serial KP-3 stands at s-3" in found[2]
    assert found[3].startswith("The plan leaves out s-3, where keypad-3 stands")


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("10000000a1b2", True),
        ("KP-1", True),
        ("-1", False),
        ("a b", False),
        ("ă", False),
        ("", False),
        ("a" * 65, False),
        ("a\n", False),
    ],
)
def test_a_serial_is_what_can_stand_on_a_label(text: str, holds: bool) -> None:
    assert is_serial(text) is holds


# -- over HTTP ------------------------------------------------------------------------------------------


@pytest.fixture
def floor(hall: HallUnderTest) -> Floor:
    return Floor(hall)


def test_a_dry_run_says_what_would_change_and_changes_nothing(floor: Floor) -> None:
    floor.plan(seat_line(1), seat_line(2))
    body = {"csv": table(seat_line(1, "KP-1"), gate_line(1))}
    told = ok(floor.technician.put("/api/places", json=body))
    assert told["rows"] == 2
    changes = {change["place"]: (change["was"], change["will_be"]) for change in told["changes"]}
    assert changes["s-1"][0]["serial"] is None
    assert changes["s-1"][1]["serial"] == "KP-1"
    assert changes["s-2"][1] is None
    assert changes["g-1"][0] is None
    assert set(floor.places()) == {"s-1", "s-2"}
    assert len(floor.lines_of("places.planned")) == 1


def test_importing_twice_is_harmless(any_hall: HallUnderTest) -> None:
    floor = Floor(any_hall)
    lines = (seat_line(1, "KP-1"), seat_line(2), gate_line(1))
    assert len(floor.plan(*lines)["changes"]) == 3
    floor.register("keypad-1", place_id="s-1", serial="KP-1")
    assert floor.plan(*lines) == {"rows": 3, "changes": []}
    assert floor.places()["s-1"]["device"] == "keypad-1"
    assert len(floor.lines_of("places.planned")) == 1


def test_a_bad_row_changes_nothing(floor: Floor) -> None:
    floor.plan(seat_line(1))
    body = {"csv": table(seat_line(1), seat_line(2), seat_line(2)), "dry_run": False}
    sentence = refused(floor.technician.put("/api/places", json=body), 422, "bad-plan")
    assert "Line 4: place s-2 stands in line 3 already" in sentence
    assert set(floor.places()) == {"s-1"}


def test_an_empty_place_may_go_and_an_occupied_one_stays_until_it_is_vacated(floor: Floor) -> None:
    floor.plan(seat_line(1), seat_line(2))
    floor.register("keypad-1", place_id="s-1")
    body = {"csv": table(seat_line(2)), "dry_run": False}
    sentence = refused(floor.technician.put("/api/places", json=body), 422, "bad-plan")
    assert "leaves out s-1, where keypad-1 stands" in sentence
    ok(floor.put("s-1", None))
    assert len(ok(floor.technician.put("/api/places", json=body))["changes"]) == 1
    assert set(floor.places()) == {"s-2"}


def test_a_place_that_is_renamed_for_people_is_renamed_for_its_device(floor: Floor) -> None:
    floor.plan(seat_line(1))
    floor.register("keypad-1", place_id="s-1")
    floor.plan("s-1,keypad,Đoàn chủ tịch 1,A,1,100,0,")
    assert floor.device("keypad-1")["place"] == "Đoàn chủ tịch 1"
