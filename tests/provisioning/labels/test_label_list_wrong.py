"""`hallward provision labels`: lists with faults, and what a label can never say."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from fleet.devices.routes import DeviceView
from fleet.places.routes import PlaceView
from provisioning.__main__ import main
from provisioning.errors import ConfigError, FleetRefused
from provisioning.labels.from_fleet import labels_of_fleet
from provisioning.labels.label import Label, labels_of_sheet, page_base
from tests.provisioning.labels.scanner import picture_of, scanned

BASE = "https://desk.hall.example:8443"


class FleetDouble:
    """Answers two questions, and no others."""

    def __init__(self, places: Any, devices: Any) -> None:
        self._answers = {"/api/places": places, "/api/devices": devices}

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        assert (method, body) == ("GET", None)
        return self._answers[path]


def place(name: str, serial: str | None) -> dict[str, Any]:
    return {
        "place": name, "role": "keypad", "label": f"Ghế {name}", "row": "", "seat": "", "x": 0, "y": 0,
        "serial": serial, "device": None, "state": "free", "word": "free", "colour": "grey", "age_s": None,
    }  # fmt: skip


def device(name: str, serial: str | None, state: str = "active") -> dict[str, Any]:
    return {"device": name, "role": "gate", "place": "", "serial": serial, "state": state}


def test_a_label_has_no_field_for_a_secret() -> None:
    assert [field.name for field in dataclasses.fields(Label)] == ["serial", "role", "place"]
    assert Label("10000000abcdef12").page(BASE) == f"{BASE}/d/10000000abcdef12"


def test_a_column_that_is_no_label_never_gets_onto_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "serials.csv"
    sheet.write_text("serial,role,label,token,password\nab12,keypad,Ghế 4,T0KEN-9,hunter2\n")
    assert main(["labels", str(sheet), "--page-base", BASE, "--out", str(tmp_path / "out")]) == 0
    assert scanned(picture_of((tmp_path / "out/ab12.png").read_bytes())) == f"{BASE}/d/ab12"
    for file in (tmp_path / "out").iterdir():
        content = file.read_bytes()
        assert b"T0KEN" not in content
        assert b"hunter" not in content
    assert labels_of_sheet(sheet.read_bytes(), "s") == (Label("ab12", "keypad", "Ghế 4"),)
    assert "1 labels" in capsys.readouterr().out


def test_the_plan_of_a_hall_is_a_list_too_with_its_columns_in_vietnamese() -> None:
    head = "\ufeffvị trí;loại;tên;x;y;Số máy\n"
    plan = f"{head}k-1;keypad;Hàng 1, ghế 1;10;20;ab12\nk-2;keypad;Hàng 1, ghế 2;10;30;\n"
    assert labels_of_sheet(plan.encode(), "plan.csv") == (Label("ab12", "keypad", "Hàng 1, ghế 1"),)


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        ("", ["is empty: its first line names the columns"]),
        ("serial\n", ["names 0 serial numbers: 1 to 5000"]),
        ("number\nab\n", ["line 1: name one column serial"]),
        ("serial,serial\na,b\n", ["line 1: name one column serial"]),
        (
            "serial,role\nab,gate\nx y,keypad\ncd,robot\nab,gate\n",
            [
                "line 3: serial 'x y' must be",
                "line 4: role 'robot' must be one of",
                "line 5: serial ab stands in line 2",
            ],
        ),
        (f"serial,label\nab,{'dài ' * 30}\n", ["line 2: place", "at most 80"]),
        (f"serial\n{'a' * 65}\n", ["line 2: serial", "1 to 64"]),
        ('serial\n"ab\n', ["cannot be read as CSV"]),
    ],
)
def test_a_list_with_faults_is_refused_with_each_line(content: str, sentences: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        labels_of_sheet(content.encode(), "serials.csv")
    assert [sentence for sentence in sentences if sentence not in str(caught.value)] == []


def test_a_list_in_another_alphabet_is_refused() -> None:
    with pytest.raises(ConfigError, match="cannot be read as CSV in UTF-8"):
        labels_of_sheet("serial,label\nab,Ghế".encode("utf-16"), "serials.csv")


def test_the_fleet_names_places_and_spares_once_each() -> None:
    fleet = FleetDouble(
        [place("k-1", "ab12"), place("k-2", None)],
        [
            device("keypad-1", "ab12"),
            device("gate-7", "cd34"),
            device("gate-8", "ef56", "revoked"),
            device("old", None),
        ],
    )
    assert labels_of_fleet(fleet) == (Label("ab12", "keypad", "Ghế k-1"), Label("cd34", "gate"))


def test_the_fleet_says_what_its_labels_are_made_from() -> None:
    assert set(place("k-1", None)) <= set(PlaceView.model_fields)
    assert set(device("keypad-1", None)) <= set(DeviceView.model_fields)


def test_a_fleet_of_another_version_is_said_so() -> None:
    with pytest.raises(FleetRefused, match="bring both to one release"):
        labels_of_fleet(FleetDouble([{"place": "k-1"}], []))


@pytest.mark.parametrize(
    "text",
    [
        "desk.hall",
        "ftp://desk",
        "https://",
        "https://u:p@desk",
        "https://desk/?t=1",
        "https://désk",
        "https://[",
        "x" * 200,
    ],
)
def test_a_page_base_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="the page base must"):
        page_base(text)


def test_one_source_and_not_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["--page-base", BASE, "--out", str(tmp_path / "labels.pdf")]
    assert main(["labels", *out]) == 78
    assert main(["labels", "serials.csv", "--from-fleet", *out]) == 78
    assert main(["labels", "--from-fleet", *out]) == 78
    assert capsys.readouterr().err.count("config-error") == 3
    assert not (tmp_path / "labels.pdf").exists()
