"""Thresholds of the attack detector, set before this very camera: the rules, the file, the command."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.device.adapters.device_folder import read_folder
from edge.device.errors import ConfigError, StoreError
from edge.rollcall_gate.__main__ import main
from edge.rollcall_gate.adapters.calibration_file import load_calibration, save_calibration
from edge.rollcall_gate.app import CALIBRATION_FILE, config_of, read_gate
from edge.rollcall_gate.trial.calibration import (
    ASKED_OF_PEOPLE,
    ATTACKS_MIN,
    BONA_FIDE_MIN,
    LOWEST,
    SUSPECTED_OF_PEOPLE,
    Calibration,
    calibrate,
    thresholds_for,
)
from edge.rollcall_gate.who.presentation import UNCALIBRATED
from models.places import shipped_photographs
from tests.edge.rollcall_gate.gate_folder import provisioned

pytestmark = pytest.mark.slow

NETWORK = bytes(range(32))
PEOPLE = [0.6 + 0.4 * n / 99 for n in range(100)]


def made(people=PEOPLE, attacks=()) -> Calibration:
    return calibrate(people, attacks, NETWORK.hex())


# -- rules ----------------------------------------------------------------------------------------------


def test_few_people_are_asked_and_fewer_sent_to_a_human() -> None:
    done = made()
    assert done.bpcer_asked <= ASKED_OF_PEOPLE
    assert done.bpcer_suspected <= SUSPECTED_OF_PEOPLE
    assert (done.people, done.attacks, done.apcer) == (100, 0, None)
    assert done.thresholds.bona_fide_from == pytest.approx(PEOPLE[5], abs=1e-3)


def test_where_pictures_score_lower_none_passes_and_fewer_people_are_asked() -> None:
    done = made(attacks=[0.1] * 20 + [0.3])
    assert done.apcer == 0
    assert 0.3 < done.thresholds.bona_fide_from < made().thresholds.bona_fide_from
    assert done.bpcer_asked == 0


def test_where_they_overlap_it_is_said_how_many_pass_and_people_are_not_asked_more() -> None:
    done = made(attacks=[0.1] * 10 + [0.95] * 10)
    assert done.apcer == 0.5
    assert done.bpcer_asked <= ASKED_OF_PEOPLE


def test_a_picture_that_the_network_is_sure_of_is_one_before_any_camera() -> None:
    assert made(people=[0.01] * 5 + [0.9] * 95).thresholds.attack_below >= LOWEST
    dark = made(people=[0.01] * 30)
    assert dark.thresholds.attack_below <= dark.thresholds.bona_fide_from


@pytest.mark.parametrize(
    ("people", "attacks", "words"),
    [
        (BONA_FIDE_MIN - 1, 0, "19 presentations of people; at least 20"),
        (0, 20, "0 presentations of people"),
        (30, ATTACKS_MIN - 1, "9 presentations of pictures; at least 10, or none"),
    ],
)
def test_too_few_say_nothing(people: int, attacks: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        made([0.9] * people, [0.1] * attacks)


SCORES = st.floats(0, 1)


@given(st.lists(SCORES, min_size=20, max_size=200), st.lists(SCORES, min_size=10, max_size=50) | st.just([]))
def test_whatever_was_measured_the_rates_are_those_of_the_thresholds(
    people: list[float], attacks: list[float]
) -> None:
    done = made(people, attacks)
    lower, upper = done.thresholds.attack_below, done.thresholds.bona_fide_from
    assert 0 <= lower <= upper <= 1
    assert done.bpcer_asked == sum(score < upper for score in people) / len(people) <= ASKED_OF_PEOPLE
    assert done.bpcer_suspected == sum(score < lower for score in people) / len(people)
    if attacks:
        assert done.apcer == pytest.approx(sum(score >= upper for score in attacks) / len(attacks))


@given(st.lists(st.floats(0.5, 1), min_size=20), st.lists(st.floats(0, 0.499), min_size=10))
def test_pictures_that_all_score_lower_than_people_never_pass_unasked(
    people: list[float], attacks: list[float]
) -> None:
    assume(min(people) - max(attacks) > 0.003)
    assert made(people, attacks).apcer == 0


# -- the file -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attacks", [(), [0.1] * 12])
def test_what_was_measured_is_read_back(tmp_path: Path, attacks) -> None:
    done = made(attacks=attacks)
    save_calibration(tmp_path / CALIBRATION_FILE, done)
    assert load_calibration(tmp_path / CALIBRATION_FILE) == done
    assert [path.name for path in tmp_path.iterdir()] == [CALIBRATION_FILE]


def test_a_site_that_was_not_calibrated_has_the_defaults(tmp_path: Path) -> None:
    assert load_calibration(tmp_path / CALIBRATION_FILE) is None
    assert thresholds_for(None, NETWORK) == UNCALIBRATED


def test_with_another_network_the_defaults_hold_again() -> None:
    done = made()
    assert thresholds_for(done, NETWORK) == done.thresholds != UNCALIBRATED
    assert thresholds_for(done, bytes(32)) == UNCALIBRATED
    assert thresholds_for(done, None) == UNCALIBRATED


def good_lines(tmp_path: Path) -> str:
    save_calibration(tmp_path / CALIBRATION_FILE, made(attacks=[0.1] * 12))
    return (tmp_path / CALIBRATION_FILE).read_text("utf-8")


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "\x00\xff",
        lambda _: "",
        lambda text: text.replace("people = 100", "people = -1"),
        lambda text: text.replace("people = 100", "people = 1.5"),
        lambda text: text.replace("people = 100\n", ""),
        lambda text: text.replace("bona_fide_from_permille", "bona_fide"),
        lambda text: text.replace("attack_below_permille = ", "attack_below_permille = 9"),
        lambda text: text.replace("apcer_ppm = 0", "apcer_ppm = true"),
        lambda text: text + "#" * 5_000,
        lambda text: text[:40],
    ],
)
def test_anything_else_in_its_place_stops_the_start_in_words(tmp_path: Path, change) -> None:
    path = tmp_path / CALIBRATION_FILE
    path.write_bytes(change(good_lines(tmp_path)).encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError) as caught:
        load_calibration(path)
    assert CALIBRATION_FILE in caught.value.diagnostics()
    assert "\n" not in caught.value.diagnostics()


def test_bytes_that_are_no_text_and_a_folder_in_its_place_are_said_too(tmp_path: Path) -> None:
    path = tmp_path / CALIBRATION_FILE
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="gate calibrate"):
        load_calibration(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        load_calibration(path)


def test_a_file_that_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / CALIBRATION_FILE
    save_calibration(path, made())
    (tmp_path / f".{CALIBRATION_FILE}.new").mkdir()
    with pytest.raises(StoreError, match="what was there is kept"):
        save_calibration(path, made(attacks=[0.1] * 12))
    assert load_calibration(path) == made()


# -- the command ----------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, gate_models) -> Path:
    (tmp_path / "gate").mkdir()
    return provisioned(tmp_path / "gate", gate_models.embedder.parent)


def stills(photographs: Path, to: Path, count: int, *, flat: bool = False) -> Path:
    """Portraits in other light and size; flat: blurred, pale, on a sheet with a white border."""
    to.mkdir()
    rng = np.random.default_rng(count)
    sources = shipped_photographs(photographs.parent)
    for number in range(count):
        picture = cv2.imread(str(sources[number % len(sources)]))
        scale = 640 / max(picture.shape) * rng.uniform(0.9, 1.1)
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if flat:
            picture = cv2.GaussianBlur(picture, (0, 0), 1.5) * 0.5 + 90
            picture = cv2.copyMakeBorder(picture, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=(255,) * 3)
        picture = picture * rng.uniform(0.85, 1.05) + rng.normal(0, 2, picture.shape)
        cv2.imwrite(str(to / f"{number:03}.png"), np.clip(picture, 0, 255).astype(np.uint8))
    return to


@pytest.fixture(scope="module")
def people(photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stills(photographs, tmp_path_factory.mktemp("site") / "people", 22)


def test_calibrating_on_recordings_sets_what_the_gate_starts_with(
    folder: Path, people: Path, photographs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = stills(photographs, tmp_path / "pictures", 15, flat=True)
    assert main(["calibrate", str(folder), "--people", str(people), "--pictures", str(pictures)]) == 0
    said = capsys.readouterr().out
    assert "of 22 people" in said
    done = load_calibration(folder / CALIBRATION_FILE)
    assert done is not None
    assert done.people == 22
    assert 10 <= done.attacks <= 15  # of a sheet in which no face is found there is nothing to measure
    assert f"of {done.attacks} pictures" in said
    made = read_folder(folder, "gate")
    parts = read_gate(made, config_of(made))
    assert done.network == parts.pipeline.networks["pad"].hex()
    assert parts.pad == done.thresholds != UNCALIBRATED
    assert done.bpcer_asked <= 2 / 22


def test_without_pictures_it_is_said_that_nothing_is_known_of_them(
    folder: Path, people: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate", str(folder), "--people", str(people)]) == 0
    assert "no picture was shown" in capsys.readouterr().out


def test_too_few_people_change_nothing_and_are_one_sentence(
    folder: Path, photographs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate", str(folder), "--people", str(photographs / "obama")]) == 78
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "at least 20 are needed; nothing was changed" in said
    assert not (folder / CALIBRATION_FILE).exists()


def test_a_recording_that_is_not_there_is_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate", str(folder), "--people", str(folder / "nowhere")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_garbled_file_stops_the_start_of_the_gate(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / CALIBRATION_FILE).write_text("people = lots", "utf-8")
    assert main(["check", str(folder), "--offline"]) == 78
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert CALIBRATION_FILE in said


def test_a_garbled_file_can_be_replaced_by_calibrating_again(
    folder: Path, people: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / CALIBRATION_FILE).write_text("people = lots", "utf-8")
    assert main(["calibrate", str(folder), "--people", str(people)]) == 0
    assert load_calibration(folder / CALIBRATION_FILE) is not None


@pytest.mark.parametrize("seconds", ["0", "3601", "x"])
def test_seconds_out_of_range_are_refused(
    folder: Path, seconds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["calibrate", str(folder), "--seconds", seconds])
    assert "--seconds" in capsys.readouterr().err


def test_what_it_does_is_told_by_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["calibrate", "--help"])
    assert "--people" in capsys.readouterr().out
