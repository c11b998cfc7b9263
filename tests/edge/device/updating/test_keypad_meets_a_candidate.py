"""What a keypad finds of a candidate before any of it runs here, and how its folder becomes slots."""

import shutil
from pathlib import Path

import pytest

from edge.ballot_keypad.adapters import apart
from edge.ballot_keypad.adapters.apart import try_firmware
from edge.ballot_keypad.app import config_or_golden
from edge.ballot_keypad.updating import KeypadSubject
from edge.device.adapters import slots_folder
from edge.device.adapters.device_folder import read_folder
from edge.device.config import UpdateAddress, parse_config
from edge.device.errors import ConfigError, NotNow, UpdateRefused
from edge.device.launch import point
from edge.device.updating import start
from tests.edge.device import test_bad_device_folder as bad_folder
from tests.edge.device.updating.unit import Quiet
from wire.updates import parse_held

ROOT = Path(__file__).resolve().parents[4]
GOOD = bad_folder.GOOD
folder = bad_folder.folder
UPDATE = '[update]\nhost = "127.0.0.1"\nport = 8444\n'


def subject(path: Path, **how: object) -> KeypadSubject:
    return KeypadSubject(
        path, {}, lambda *_: {"memory-kb": 1}, lambda: False, lambda: 0, simulated=True, **how
    )


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    """The program of this very checkout, in a slot."""
    for package in ("edge", "wire", "ballot", "durable"):
        shutil.copytree(
            ROOT / package,
            tmp_path / "slot" / package,
            ignore=shutil.ignore_patterns("__pycache__", "*.tflite"),
        )
    return tmp_path / "slot"


@pytest.mark.slow
def test_a_program_that_loads_and_knows_this_devices_settings_passes(candidate, folder) -> None:
    assert 10_000 < try_firmware(candidate, folder / "device.toml")["memory-kb"] < apart.MEMORY_KB_MAX


@pytest.mark.slow
def test_a_program_that_does_not_load_is_refused_in_its_own_words(candidate, folder) -> None:
    (candidate / "edge" / "ballot_keypad" / "ballot.py").write_text("")
    (candidate / "edge" / "ballot_keypad" / "keypad.py").write_text("def (")
    with pytest.raises(UpdateRefused, match="SyntaxError") as refused:
        try_firmware(candidate, folder / "device.toml")
    assert refused.value.cause == "self-test"


@pytest.mark.slow
def test_a_program_that_does_not_know_this_devices_settings_is_refused(candidate, folder) -> None:
    (folder / "device.toml").write_text(GOOD + "[keypad]\nbounce_ms = 9999\n")
    with pytest.raises(UpdateRefused, match="bounce_ms"):
        try_firmware(candidate, folder / "device.toml")


@pytest.mark.slow
def test_a_slot_without_a_program_does_not_pass_for_the_one_that_runs(tmp_path, folder) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UpdateRefused) as refused:
        try_firmware(tmp_path / "empty", folder / "device.toml")
    assert refused.value.cause == "self-test"


def test_thresholds_out_of_their_range_or_of_other_fields_are_refused(tmp_path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("[keypad]\nbounce_ms = 40\n[gate]\nprobes_min = 3\n")
    assert subject(tmp_path).self_test("config", tmp_path) == {}
    for text in ("[keypad]\nbounce_ms = 4000\n", "[keypad]\ntone_pin = 3\n", "[other]\n", "x", "\xff"):
        settings.write_text(text, encoding="latin-1")
        with pytest.raises(UpdateRefused):
            subject(tmp_path).self_test("config", tmp_path)
    with pytest.raises(UpdateRefused):
        subject(tmp_path).self_test("models", tmp_path)


def test_thresholds_of_the_slot_in_force_hold_and_a_spoilt_slot_does_not_silence_a_seat(folder) -> None:
    slots = folder / "state" / "update" / "slots" / "config"
    (slots / "a").mkdir(parents=True)
    (slots / "a" / "settings.toml").write_text("[keypad]\nbounce_ms = 55\n")
    device = read_folder(folder, "keypad")
    assert config_or_golden(device)[0].bounce_ms == 30
    point(slots, "a")
    assert config_or_golden(device)[0].bounce_ms == 55
    (slots / "a" / "settings.toml").write_text("spoilt")
    config, why = config_or_golden(device)
    assert (config.bounce_ms, bool(why)) == (30, True)
    with pytest.raises(UpdateRefused):
        subject(folder, set_aside=why).is_well()


def test_a_keypad_is_well_once_it_has_reached_the_hall_and_not_after_five_minutes_without(tmp_path) -> None:
    now, connected = [0], [False]
    found = KeypadSubject(tmp_path, {}, lambda *_: {}, lambda: connected[0], lambda: now[0], simulated=True)
    with pytest.raises(NotNow):
        found.is_well()
    now[0] = 300_000
    with pytest.raises(UpdateRefused):
        found.is_well()
    connected[0] = True
    found.is_well()
    connected[0] = False
    assert "connected-ms" in found.is_well()


def test_where_updates_come_from_stands_in_device_toml() -> None:
    assert parse_config(GOOD + UPDATE, "x").update == UpdateAddress("127.0.0.1", 8444, "keypad-zero2w")
    assert parse_config(GOOD + UPDATE + 'hardware = "my-unit"\n', "x").update.hardware == "my-unit"
    assert parse_config(GOOD, "x").update is None
    for wrong in ("port = 0\n", "port = 1\n", 'host = "h"\nport = 1\nhardware = "A B"\n', "hosts = 1\n"):
        with pytest.raises(ConfigError):
            parse_config(GOOD + "[update]\n" + wrong, "x")


def test_a_device_says_from_its_first_birth_on_what_it_was_made_with(
    folder, device, fleet, monkeypatch
) -> None:
    (folder / "device.toml").write_text(GOOD + UPDATE)
    (folder / "state").mkdir()
    monkeypatch.setattr(start, "PACKAGES", ("wire",))
    made = read_folder(folder, "keypad")

    def build(runtime):
        firmware = Quiet(runtime)
        firmware.subject = subject(folder)
        assert start.look_after_updates(made, runtime, firmware) is not None
        return firmware

    device.start(build)
    reported = fleet.births[0].reported
    assert reported["hardware"] == "keypad-zero2w"
    assert len(reported["environment"]) == 16
    assert set(reported) == {"hardware", "environment", "firmware", "config"}
    assert parse_held(reported["firmware"]).counter == 0


def test_a_device_that_nobody_serves_updates_to_says_what_it_runs_all_the_same(
    folder, device, fleet, monkeypatch
) -> None:
    """So that a fleet knows of a spare what it would run; no hardware is said, so no plan counts on it."""
    (folder / "device.toml").write_text(GOOD)
    (folder / "state").mkdir()
    monkeypatch.setattr(start, "PACKAGES", ("wire",))
    made = read_folder(folder, "keypad")

    def build(runtime):
        firmware = Quiet(runtime)
        firmware.subject = subject(folder)
        assert start.look_after_updates(made, runtime, firmware) is None
        return firmware

    device.start(build)
    reported = fleet.births[0].reported
    assert set(reported) == {"firmware", "config"}
    assert parse_held(reported["firmware"]).counter == 0


def test_what_cannot_be_read_is_not_said_and_keeps_nothing_from_starting(
    folder, device, fleet, monkeypatch
) -> None:
    (folder / "device.toml").write_text(GOOD + UPDATE)
    (folder / "state").mkdir()
    monkeypatch.setattr(start, "PACKAGES", ("wire",))

    def broken(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(slots_folder, "hash_of_files", broken)
    made = read_folder(folder, "keypad")

    def build(runtime):
        firmware = Quiet(runtime)
        firmware.subject = subject(folder)
        assert start.look_after_updates(made, runtime, firmware) is not None
        return firmware

    device.start(build)
    assert set(fleet.births[0].reported) == {"hardware", "environment"}
