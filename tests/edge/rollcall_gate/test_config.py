"""The `[gate]` table: each field is what it says, and each mistake is one sentence."""

from pathlib import Path
from typing import Any

import pytest

from edge.device.errors import ConfigError
from edge.rollcall_gate.config import gate_config
from edge.rollcall_gate.eyes.track import Lane
from edge.rollcall_gate.who.decide import Thresholds


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "int8").mkdir()
    for name in ("detector", "landmarks", "embedder"):
        (tmp_path / "int8" / f"{name}.tflite").touch()
    return tmp_path


def read(folder: Path, **fields: Any):
    return gate_config({"models": "int8", **fields}, folder)


def test_what_is_left_out_has_the_default_that_the_page_says(folder: Path) -> None:
    config = read(folder)
    assert config.thresholds == Thresholds()
    assert config.lane == Lane()
    assert (config.runtime, config.direction, config.verifies, config.challenges, config.passback_ms) == (
        "litert",
        "in",
        False,
        True,
        120_000,
    )
    wiring = config.wiring
    assert (wiring.camera, wiring.camera_device, wiring.lock, wiring.reed) == ("picamera2", "0", 17, 27)
    assert not any(
        (
            wiring.jam,
            wiring.fire,
            wiring.beams,
            wiring.buzzer,
            wiring.lamps,
            wiring.framebuffer,
            wiring.pin_pad,
        )
    )


RANGES = {
    "match_min_permille": (200, 900, lambda c: round(c.thresholds.match_min * 1000)),
    "margin_min_permille": (0, 500, lambda c: round(c.thresholds.margin_min * 1000)),
    "verify_min_permille": (200, 900, lambda c: round(c.thresholds.verify_min * 1000)),
    "same_person_min_permille": (0, 900, lambda c: round(c.thresholds.same_person_min * 1000)),
    "probes_min": (1, 10, lambda c: c.thresholds.probes_min),
    "decide_within_ms": (500, 10_000, lambda c: c.thresholds.decide_within_ms),
    "passback_s": (0, 3_600, lambda c: c.passback_ms // 1000),
    "lane_face_permille": (20, 500, lambda c: round(c.lane.face_min * 1000)),
    "lock_pin_bcm": (0, 26, lambda c: c.wiring.lock),
    "reed_pin_bcm": (0, 16, lambda c: c.wiring.reed),
    "jam_pin_bcm": (0, 26, lambda c: c.wiring.jam),
    "fire_pin_bcm": (0, 26, lambda c: c.wiring.fire),
    "buzzer_pin_bcm": (0, 26, lambda c: c.wiring.buzzer),
}
HIGHEST = {name: high for name, (_, high, _) in RANGES.items()} | {
    name: 27 for name in RANGES if name.endswith("_bcm")
}


@pytest.mark.parametrize("name", RANGES)
def test_both_ends_of_a_range_are_taken_for_what_they_are(folder: Path, name: str) -> None:
    low, high, value = RANGES[name]
    assert [value(read(folder, **{name: given})) for given in (low, high)] == [low, high]


WRONG = [
    *[(name, given) for name in RANGES for given in (RANGES[name][0] - 1, HIGHEST[name] + 1)],
    *[(name, given) for name in RANGES for given in ("5", 5.0, True, None)],
    ("runtime", "tensorflow"),
    ("direction", "up"),
    ("mode", "both"),
    ("challenge", 1),
    ("challenge", "true"),
    ("camera", "webcam"),
    ("camera_device", 0),
    ("camera_device", ""),
    ("display", "hdmi"),
    ("pin_pad", 3),
    ("pin_pad", ""),
    ("models", "nowhere"),
    ("models", 1),
    ("lane_left_permille", -1),
    ("lane_left_permille", 1001),
    ("lane_right_permille", 1001),
    ("beam_a_pin_bcm", 28),
    ("red_pin_bcm", -1),
    ("match_min", 490),
    ("lock_pin", 17),
]


@pytest.mark.parametrize(("name", "given"), WRONG, ids=repr)
def test_a_wrong_field_is_named_with_what_it_is_and_what_it_must_be(
    folder: Path, name: str, given: object
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(folder, **{name: given})
    said = caught.value.diagnostics()
    assert f"gate.{name} is {given!r}" in said
    assert "it must be" in said
    assert "device.toml" in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("fields", "named", "words"),
    [
        ({"lock_pin_bcm": 5, "reed_pin_bcm": 5}, "reed_pin_bcm", "another pin than gate.lock_pin_bcm"),
        ({"jam_pin_bcm": 17}, "jam_pin_bcm", "another pin than gate.lock_pin_bcm"),
        ({"beam_a_pin_bcm": 6, "beam_b_pin_bcm": 6}, "beam_b_pin_bcm", "another pin than gate.beam_a"),
        ({"buzzer_pin_bcm": 0, "lock_pin_bcm": 0}, "buzzer_pin_bcm", "another pin than gate.lock_pin_bcm"),
        ({"beam_a_pin_bcm": 6}, "beam_b_pin_bcm", "a direction needs two beams"),
        ({"beam_b_pin_bcm": 6}, "beam_a_pin_bcm", "a direction needs two beams"),
        ({"red_pin_bcm": 1, "green_pin_bcm": 2}, "amber_pin_bcm", "red, green and amber"),
        ({"amber_pin_bcm": 2}, "red_pin_bcm", "red, green and amber"),
        ({"lane_left_permille": 500, "lane_right_permille": 500}, "lane_right_permille", "more than"),
        ({"lane_left_permille": 900}, "lane_right_permille", "more than gate.lane_left_permille"),
    ],
)
def test_fields_that_do_not_go_together_are_one_sentence(
    folder: Path, fields: dict[str, int], named: str, words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(folder, **fields)
    said = caught.value.diagnostics()
    assert f"gate.{named} is" in said
    assert words in said
    assert "\n" not in said


def test_parts_that_are_wired_are_where_the_page_says(folder: Path) -> None:
    pins = {
        "beam_a_pin_bcm": 5, "beam_b_pin_bcm": 6, "red_pin_bcm": 1, "green_pin_bcm": 2, "amber_pin_bcm": 3,
        "lock_pin_bcm": 0,
    }  # fmt: skip
    wiring = read(
        folder,
        **pins,
        display="framebuffer",
        display_device="fb1",
        pin_pad="/dev/input/by-id/pad",
        camera="v4l2",
        camera_device="/dev/video0",
    ).wiring
    assert (wiring.beams, wiring.lamps, wiring.lock) == ((5, 6), (1, 2, 3), 0)
    assert (wiring.framebuffer, wiring.pin_pad) == ("fb1", Path("/dev/input/by-id/pad"))
    assert (wiring.camera, wiring.camera_device) == ("v4l2", "/dev/video0")


def test_a_recording_is_looked_for_beside_the_configuration(folder: Path) -> None:
    assert read(folder, camera="recorded", camera_device="day").wiring.camera_device == str(folder / "day")


def test_a_gate_that_compares_one_with_one_says_so_by_its_mode(folder: Path) -> None:
    assert read(folder, mode="verify").verifies
    assert not read(folder, challenge=False).challenges
    assert read(folder, direction="out").direction == "out"
    assert read(folder, runtime="tflite").runtime == "tflite"
