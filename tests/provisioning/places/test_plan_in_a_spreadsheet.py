"""The plan of the hall on the command line: a bad table changes nothing, importing twice is harmless, and
what is exported is what is imported."""

from pathlib import Path

import pytest

from provisioning.errors import ConfigError, FleetRefused
from provisioning.places import CSV_CHARACTERS_MAX, import_plan, plan_csv
from provisioning.plan import plan_of
from tests.fleet.places.floor import Floor, gate_line, seat_line, table
from tests.provisioning.places.conftest import Typed

LINES = (seat_line(1, "KP-1"), seat_line(2), gate_line(1, "GT-1"))


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "plan.csv"
    path.write_text(table(*LINES), encoding="utf-8")
    return path


def test_a_dry_run_prints_what_would_change_and_changes_nothing(
    floor: Floor, typed: Typed, sheet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("places", "import", sheet, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "+ s-1: keypad, Hàng A ghế 1, serial KP-1" in said
    assert "3 places on the plan, 3 would change; nothing was changed" in said
    assert floor.places() == {}


def test_importing_twice_changes_nothing_more_and_a_serial_that_changes_is_named(
    floor: Floor, typed: Typed, sheet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("places", "import", sheet) == 0
    assert "3 places on the plan, 3 changed" in capsys.readouterr().out
    assert typed("places", "import", sheet) == 0
    assert capsys.readouterr().out == "3 places on the plan, 0 changed\n"
    sheet.write_text(table(seat_line(1, "KP-7"), seat_line(2)), encoding="utf-8")
    assert typed("places", "import", sheet) == 0
    said = capsys.readouterr().out
    assert "~ s-1: serial KP-1 -> KP-7" in said
    assert "- g-1: gate, Cửa 1" in said
    assert set(floor.places()) == {"s-1", "s-2"}


def test_a_table_with_a_bad_row_is_refused_by_its_line(
    floor: Floor, typed: Typed, sheet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("places", "import", sheet)
    sheet.write_text(table(*LINES, seat_line(1), "s-9,keypad,Ghế,A,9,x,1,"), encoding="utf-8")
    assert typed("places", "import", sheet) == 1
    said = capsys.readouterr().err
    assert "Dòng 5: vị trí s-1 đã có ở dòng 2" in said
    assert "Dòng 6: x 'x' phải là số nguyên từ 0 đến 9999" in said
    assert "Line 5: place s-1 stands in line 2 already" in said
    assert "Line 6: x 'x' must be a whole number of 0 to 9999" in said
    assert "[fleet-refused]" in said
    assert set(floor.places()) == {"s-1", "s-2", "g-1"}


def test_a_sheet_in_another_encoding_is_said_in_words(
    typed: Typed, sheet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet.write_bytes(table(*LINES).encode("utf-16"))
    assert typed("places", "import", sheet) == 78
    assert "save the sheet as CSV UTF-8" in capsys.readouterr().err


def test_what_is_exported_is_imported_without_a_change(
    floor: Floor, typed: Typed, sheet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet.write_text(table(*LINES, 's-3,keypad,"Đoàn chủ tịch, ghế ""1""",A,3,5,6,'), encoding="utf-8")
    typed("places", "import", sheet)
    floor.register("keypad-1", place_id="s-1", serial="KP-1")
    out = tmp_path / "out.csv"
    assert typed("places", "export", out) == 0
    assert typed("places", "import", out) == 0
    assert capsys.readouterr().out.endswith("4 places on the plan, 0 changed\n")
    assert typed("places", "export") == 0
    assert capsys.readouterr().out == out.read_text(encoding="utf-8")


def test_the_spares_are_the_active_devices_that_stand_nowhere(
    floor: Floor, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    floor.plan(*LINES)
    floor.register("keypad-1", place_id="s-1", serial="KP-1")
    floor.register("keypad-8", serial="KP-8")
    floor.register("gate-9", "gate")
    floor.register("keypad-7", serial="KP-7")
    floor.technician.post("/api/devices/keypad-7/revoke", json={"reason": "broken"})
    assert typed("places", "spares") == 0
    assert capsys.readouterr().out == "gate-9\tgate\t-\tnever\nkeypad-8\tkeypad\tKP-8\tnever\n2 spares\n"


class Answers:
    def __init__(self, answer: object) -> None:
        self.answer, self.asked = answer, 0

    def call(self, _method: str, _path: str, _body: object = None) -> object:
        self.asked += 1
        return self.answer


def test_a_plan_that_no_fleet_would_take_is_not_sent() -> None:
    fleet = Answers(None)
    with pytest.raises(ConfigError, match="shorten its labels"):
        import_plan(fleet, "x" * (CSV_CHARACTERS_MAX + 1), dry_run=True)
    assert fleet.asked == 0


@pytest.mark.parametrize(
    "answer", [None, [], {"rows": 1}, {"rows": 1, "changes": [7]}, {"rows": 1, "changes": [{}]}]
)
def test_an_answer_of_something_else_is_no_plan(answer: object) -> None:
    with pytest.raises(FleetRefused, match="bring both to one release"):
        import_plan(Answers(answer), "", dry_run=True)


def test_a_plan_without_places_is_its_heading() -> None:
    assert plan_csv([]) == "place,role,label,row,seat,x,y,serial\n"
    assert plan_of([]).places == ()
