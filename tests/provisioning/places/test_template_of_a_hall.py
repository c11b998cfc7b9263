"""A hall's places and policies given to another hall: no device and no serial goes with them, a damaged
template changes nothing, twice is harmless."""

import json
from pathlib import Path

import pytest

from provisioning.errors import ConfigError, FleetRefused
from provisioning.template import FORMAT, Template, apply, encode, parse, template_of
from tests.fleet.places.floor import Floor, gate_line, seat_line
from tests.provisioning.places.conftest import Typed
from tests.provisioning.places.fleet_calls import FleetCalls

POLICY = 'language = "vi"\n\n[keypad]\nmodel = "ssd1309"\n'


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    folder = tmp_path / "authority"
    folder.mkdir()
    return folder


@pytest.fixture
def exported(floor: Floor, typed: Typed, authority: Path, tmp_path: Path) -> Path:
    floor.plan(seat_line(1, "KP-1"), seat_line(2), gate_line(1, "GT-1"))
    floor.register("keypad-1", place_id="s-1", serial="KP-1")
    (authority / "policy.toml").write_text(POLICY, encoding="utf-8")
    path = tmp_path / "hall.json"
    assert typed("template", "export", path, "--authority", authority) == 0
    return path


def test_a_template_holds_places_and_policies_and_nothing_of_this_hall(exported: Path) -> None:
    text = exported.read_text(encoding="utf-8")
    assert not [word for word in ("KP-1", "GT-1", "keypad-1", "serial", "device", "hall-1") if word in text]
    found = json.loads(text)
    assert (found["format"], found["policy"]["keypad"]) == (FORMAT, {"model": "ssd1309"})
    assert [place["place"] for place in found["places"]] == ["s-1", "s-2", "g-1"]


def test_applied_to_the_same_hall_it_changes_nothing_and_no_serial_is_lost(
    exported: Path, floor: Floor, typed: Typed, authority: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = floor.places()
    assert typed("template", "apply", exported, "--authority", authority) == 0
    assert capsys.readouterr().out.endswith("0 policies and 0 places changed\n")
    assert floor.places() == before


def test_applied_to_another_hall_it_is_shown_first_and_twice_is_harmless(
    exported: Path, floor: Floor, typed: Typed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    floor.put("s-1", None)
    floor.plan(seat_line(9))  # another hall: an empty one with a plan of its own
    other = tmp_path / "other"
    other.mkdir()
    assert typed("template", "apply", exported, "--authority", other, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "~ keypad.model: - -> ssd1309" in said
    assert "+ g-1: gate, Cửa 1, serial -" in said
    assert "- s-9: keypad" in said
    assert "2 policies and 4 places would change; nothing was changed" in said
    assert not (other / "policy.toml").exists()
    assert set(floor.places()) == {"s-9"}
    assert typed("template", "apply", exported, "--authority", other) == 0
    assert set(floor.places()) == {"s-1", "s-2", "g-1"}
    assert all(place["serial"] is None for place in floor.places().values())
    capsys.readouterr()
    assert typed("template", "apply", exported, "--authority", other) == 0
    assert capsys.readouterr().out == "0 policies and 0 places changed\n"


def test_a_hall_with_devices_in_the_way_keeps_its_places_and_its_policy(
    exported: Path, floor: Floor, tmp_path: Path
) -> None:
    template = parse(exported.read_bytes(), "hall.json")
    smaller = Template({"language": "en"}, template.places[1:])
    with pytest.raises(FleetRefused, match="leaves out s-1, where keypad-1 stands"):
        apply(smaller, FleetCalls(floor.technician), tmp_path, dry_run=False)
    assert not (tmp_path / "policy.toml").exists()
    assert len(floor.places()) == 3


def test_a_template_cut_between_policy_and_places_is_finished_by_the_next_apply(
    exported: Path, floor: Floor, tmp_path: Path
) -> None:
    template = parse(exported.read_bytes(), "hall.json")
    floor.put("s-1", None)
    floor.plan(seat_line(9))

    class Cut(FleetCalls):
        def call(self, method: str, path: str, body: dict[str, object] | None = None) -> object:
            if body is not None and body["dry_run"] is False:
                raise FleetRefused("the fleet does not answer")
            return super().call(method, path, body)

    with pytest.raises(FleetRefused):
        apply(template, Cut(floor.technician), tmp_path, dry_run=False)
    applied = apply(template, FleetCalls(floor.technician), tmp_path, dry_run=False)
    assert (applied.policy, len(applied.plan.changes)) == ((), 4)


PLACE = {"place": "s-1", "role": "keypad", "label": "Ghế", "row": "A", "seat": "1", "x": 1, "y": 2}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": "hallward-template/2"}, "has the format 'hallward-template/2'"),
        ({"more": 1}, "must hold format, policy and places, and nothing else"),
        ({"policy": []}, "policy must be a table"),
        ({"policy": {"broker": {}}}, "broker is none of language"),
        ({"places": []}, "places must be a list of 1 to 5000"),
        ({"places": [PLACE] * 5001}, "places must be a list of 1 to 5000"),
        ({"places": [PLACE, PLACE | {"x": "1"}]}, "x of place 2 is '1', no int"),
        ({"places": [PLACE | {"x": True}]}, "x of place 1 is True, no int"),
        ({"places": [PLACE | {"serial": "KP-1"}]}, "place 1 must have just"),
        ({"places": [7]}, "place 1 must have just"),
    ],
)
def test_a_damaged_template_is_said_in_words(change: dict[str, object], says: str) -> None:
    content = {"format": FORMAT, "policy": {}, "places": [PLACE]} | change
    with pytest.raises(ConfigError) as caught:
        parse(json.dumps(content).encode(), "hall.json")
    assert says in caught.value.what
    assert caught.value.what.startswith("hall.json")


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"[" * 100_000, b"{} {}", b" " * (5 << 20)])
def test_what_is_no_template_ends_in_one_sentence(content: bytes) -> None:
    with pytest.raises(ConfigError):
        parse(content, "hall.json")


def test_the_same_hall_gives_the_same_text() -> None:
    assert encode(template_of((), {"language": "vi", "gate": {}})) == encode(
        template_of((), {"gate": {}, "language": "vi"})
    )
