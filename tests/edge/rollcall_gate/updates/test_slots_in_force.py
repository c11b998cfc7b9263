"""Networks and thresholds from their slots: what is in force, what cannot be used, what may not be set."""

import json
import shutil
from pathlib import Path

import pytest

from edge.device.adapters.device_folder import read_folder
from edge.device.errors import ConfigError, NotNow, UpdateRefused
from edge.rollcall_gate.app import config_of
from edge.rollcall_gate.config import SETTINGS, settings_of
from edge.rollcall_gate.trial.golden import GOLDEN_FILE
from edge.rollcall_gate.updating import WELL_WITHIN_MS
from models.places import package_folder
from tests.edge.rollcall_gate.updates.a_gate import AGate, NothingApart, settings
from tests.edge.rollcall_gate.updates.conftest import Made
from tests.models.gate_models import ready_cache


@pytest.fixture
def gate(tmp_path: Path) -> AGate:
    folder = tmp_path / "gate"
    folder.mkdir()
    return AGate(folder)


def test_without_slots_a_gate_runs_what_it_was_made_with(gate: AGate) -> None:
    parts = gate.parts()
    assert parts.slots.is_golden
    assert parts.config.models.detector.parent == package_folder(ready_cache())


def test_networks_come_from_the_slot_in_force_and_from_golden_again(gate: AGate, made: Made) -> None:
    golden = gate.parts().pipeline.networks
    slot = gate.fill("models", made("good"))
    parts = gate.parts()
    assert parts.config.models.detector.parent == slot
    assert parts.pipeline.networks["detector"] != golden["detector"]
    assert parts.pipeline.networks["embedder"] == golden["embedder"]
    gate.switch("models", None)
    assert gate.parts().pipeline.networks == golden


@pytest.mark.parametrize("fault", ["cut", "missing", "sums", "link"])
def test_a_slot_that_went_bad_on_its_card_does_not_keep_the_hall_shut(
    gate: AGate, made: Made, fault: str
) -> None:
    slot = gate.fill("models", made("good"))
    if fault == "cut":
        (slot / "pad.tflite").write_bytes(b"")
    elif fault == "missing":
        (slot / "embedder.tflite").unlink()
    elif fault == "sums":
        (slot / "SHA256SUMS").write_bytes(bytes(range(256)))
    else:
        shutil.rmtree(slot)
    parts = gate.parts()
    assert parts.slots.is_golden
    assert parts.config.models.detector.parent == package_folder(ready_cache())
    assert bool(parts.set_aside) is (fault != "link")  # a link that leads nowhere is no slot


def test_and_it_is_not_well_then(gate: AGate, made: Made) -> None:
    (gate.fill("models", made("good")) / "pad.tflite").unlink()
    with pytest.raises(UpdateRefused) as refused:
        gate.subject().is_well()
    assert refused.value.cause == "trial-unwell"


# -- thresholds ----------------------------------------------------------------------------------------------


def test_thresholds_come_over_those_of_the_folder(gate: AGate, tmp_path: Path) -> None:
    gate.fill("config", settings(tmp_path / "new", "[gate]\nmatch_min_permille = 512\nprobes_min = 4\n"))
    found = gate.parts().config
    assert found.thresholds.match_min == 0.512
    assert found.thresholds.probes_min == 4
    assert found.thresholds.margin_min == 0.08


@pytest.mark.parametrize(
    "text",
    [
        '[gate]\nmodels = "/elsewhere"\n',
        '[gate]\nmode = "verify"\n',
        "[gate]\nlock_pin_bcm = 4\n",
        "[gate]\nmatch_min_permille = 199\n",
        "[gate]\nmatch_min_permille = 490.0\n",
        "[gate]\nprobes_min = true\n",
        '[broker]\nhost = "elsewhere"\n',
        "gate = 1\n",
        "not toml",
        "\x00",
    ],
)
def test_settings_that_a_bundle_may_not_make_are_refused_and_a_gate_starts_without_them(
    gate: AGate, tmp_path: Path, text: str
) -> None:
    new = settings(tmp_path / "new", text)
    with pytest.raises(UpdateRefused) as refused:
        gate.subject(apart=NothingApart()).self_test("config", new)
    assert refused.value.cause == "self-test"
    assert "settings.toml" in refused.value.what
    gate.fill("config", new)
    with pytest.raises(ConfigError):
        config_of(read_folder(gate.path, "gate"))
    assert gate.parts().set_aside


def test_a_bundle_without_settings_is_refused(gate: AGate, tmp_path: Path) -> None:
    with pytest.raises(UpdateRefused, match=r"settings\.toml"):
        gate.subject(apart=NothingApart()).self_test("config", tmp_path)


def test_good_settings_pass_and_a_keypads_are_its_own(gate: AGate, tmp_path: Path) -> None:
    new = settings(tmp_path / "new", "[gate]\npassback_s = 0\n[keypad]\nanything = 1\n")
    assert "self-test-ms" in gate.subject(apart=NothingApart()).self_test("config", new)
    assert gate.subject(apart=NothingApart()).shadow("config", new) is None


def test_every_setting_has_the_range_that_device_toml_gives_it() -> None:
    for name in SETTINGS:
        with pytest.raises(ConfigError):
            settings_of(f"[gate]\n{name} = 99999999\n", "settings.toml")


# -- well ----------------------------------------------------------------------------------------------------


def test_a_gate_is_well_when_it_saw_a_frame_and_the_hall(gate: AGate, made: Made) -> None:
    gate.fill("models", made("good"))
    subject = gate.subject()
    with pytest.raises(NotNow, match="a frame of its camera and the hall's broker"):
        subject.is_well()
    gate.camera.frames = 7
    with pytest.raises(NotNow, match="broker"):
        subject.is_well()
    gate.connected = True
    found = subject.is_well()
    assert found["camera-frames"] == 7
    assert found["golden-distance-ppm"] == 0
    assert found["memory-kb"] == 123
    gate.connected = False
    assert subject.is_well()  # it was there once


@pytest.mark.parametrize("fails", ["camera", "hall"])
def test_by_a_deadline_it_is_not_well(gate: AGate, fails: str) -> None:
    subject = gate.subject()
    gate.camera.frames, gate.connected = 1, fails != "hall"
    gate.camera.camera_works = fails != "camera"
    gate.now_ms = WELL_WITHIN_MS - 1
    with pytest.raises(NotNow):
        subject.is_well()
    gate.now_ms = WELL_WITHIN_MS
    with pytest.raises(UpdateRefused) as refused:
        subject.is_well()
    assert refused.value.cause == "trial-unwell"


def test_networks_that_compute_something_else_here_are_not_well(gate: AGate, made: Made) -> None:
    slot = gate.fill("models", made("good"))
    found = json.loads((slot / GOLDEN_FILE).read_bytes())
    for runtime in found["networks"]["pad"].values():
        runtime["pictures"]["oval"]["sha256"] = "0" * 64
    (slot / GOLDEN_FILE).write_text(json.dumps(found))
    gate.camera.frames, gate.connected = 1, True
    with pytest.raises(UpdateRefused) as refused:
        gate.subject().is_well()
    assert refused.value.cause == "golden-outputs"
