"""Bad models on real TFLite files: each is refused at its step, with its cause, and the gate runs on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.device.errors import UpdateRefused
from edge.rollcall_gate.frames import Frame
from edge.rollcall_gate.trial.shadow import ShadowRun
from models.places import shipped_photographs
from tests.edge.rollcall_gate.updates.a_gate import FEW, AGate, Warming
from tests.edge.rollcall_gate.updates.conftest import Made
from tests.edge.rollcall_gate.updates.live_frames import walking_past
from tests.models.gate_models import ready_cache
from tests.servers.waiting import wait_until

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> AGate:
    return AGate(tmp_path_factory.mktemp("gate"))


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    return list(walking_past(shipped_photographs(ready_cache()), FEW.frames))


@pytest.fixture
def shadow(gate: AGate, made: Made, request: pytest.FixtureRequest) -> Iterator[ShadowRun]:
    """Of the models that the test's parameter names; its thread waits for frames that nobody offers."""
    run = gate.subject().shadow("models", made(request.param))
    assert run is not None
    yield run
    run.close()


# -- the self-test: in a process of its own ------------------------------------------------------------------


def test_good_ones_pass_and_say_what_they_take(gate: AGate, made: Made) -> None:
    found = gate.subject().self_test("models", made("good"))
    assert found["golden-distance-ppm"] == 0
    assert 0 < found["latency-after-us"] < 1.5 * found["latency-before-us"]
    assert 0 < found["memory-kb"] < 96 * 1024
    assert found["self-test-ms"] > 0


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("slower", "latency"),
        ("wrong_shape", "wrong-shape"),
        ("wrong_golden", "golden-outputs"),
        ("damaged", "self-test"),
    ],
)
def test_the_self_test_refuses_what_is(gate: AGate, made: Made, name: str, cause: str) -> None:
    with pytest.raises(UpdateRefused) as refused:
        gate.subject().self_test("models", made(name))
    assert refused.value.cause == cause
    assert refused.value.what
    if cause == "latency":
        assert refused.value.readings["latency-after-us"] > 1.5 * refused.value.readings["latency-before-us"]


def test_one_file_too_few_or_another_than_its_sum_is_refused(gate: AGate, made: Made, tmp_path: Path) -> None:
    for name, spoil in (("pad", Path.unlink), ("detector", lambda file: file.write_bytes(b"TFL3"))):
        folder = tmp_path / name
        folder.mkdir()
        for file in made("good").iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
        spoil(folder / f"{name}.tflite")
        with pytest.raises(UpdateRefused) as refused:
            gate.subject().self_test("models", folder)
        assert refused.value.cause == "self-test"


# -- the shadow run: on live frames --------------------------------------------------------------------------


@pytest.mark.parametrize("shadow", ["good", "other_embedder"], indirect=True)
def test_as_good_ones_agree(shadow: ShadowRun, frames: list[Frame]) -> None:
    for frame in frames:
        assert shadow.readings() is None
        shadow.look(frame)
    found = shadow.readings()
    assert found is not None
    assert found["frames"] == len(frames)
    assert found["agree-ppm"] == 1_000_000
    assert "temperature-rise-mc" not in found  # this machine has no sensor


@pytest.mark.parametrize(
    ("shadow", "cause", "frames_max"),
    [
        ("disagreeing", "disagrees", 10),
        ("blind", "disagrees", 10),
        ("another_embedder_of_noise", "disagrees", FEW.frames),
        ("everybody_is_one", "disagrees", FEW.frames),
        ("slower", "latency", FEW.frames),
    ],
    indirect=["shadow"],
)
def test_the_shadow_run_refuses_what_is(
    shadow: ShadowRun, frames: list[Frame], cause: str, frames_max: int
) -> None:
    looked = 0
    with pytest.raises(UpdateRefused) as refused:  # noqa: PT012  # it says so at the frame that is one too many
        for frame in frames:
            shadow.look(frame)
            looked += 1
            shadow.readings()
    assert refused.value.cause == cause
    assert looked <= frames_max
    assert refused.value.readings["frames"] == looked


def test_what_passes_its_self_test_may_still_be_refused_beside_the_present_one(
    gate: AGate, made: Made
) -> None:
    """An attacker or a mistake that is consistent with itself: only live frames tell."""
    assert gate.subject().self_test("models", made("disagreeing"))["golden-distance-ppm"] == 0


def test_frames_that_are_offered_are_looked_at_on_its_own_thread(
    gate: AGate, made: Made, frames: list[Frame]
) -> None:
    gate.gauges = Warming(50_000)
    run = gate.subject().shadow("models", made("good"))
    assert run is not None
    watcher = gate.camera.watcher
    assert watcher is not None

    def offered_until_over() -> bool:
        watcher(frames[0])
        return run.readings() is not None

    wait_until(offered_until_over, "enough frames")
    found = run.readings()
    assert found is not None
    assert found["agree-ppm"] == 1_000_000
    assert found["temperature-rise-mc"] == 0
    run.close()
    assert gate.camera.watcher is None


# -- a whole program -----------------------------------------------------------------------------------------


def test_a_program_that_cannot_be_loaded_or_is_not_there_is_refused(gate: AGate, tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "edge" / "rollcall_gate"
    broken.mkdir(parents=True)
    (tmp_path / "broken" / "edge" / "__init__.py").write_text("import a_library_that_nobody_has\n")
    for folder, words in (
        (broken.parents[1], "a_library_that_nobody_has"),
        (tmp_path / "empty", "cannot be loaded|lacks what a gate"),
    ):
        folder.mkdir(exist_ok=True)
        with pytest.raises(UpdateRefused, match=words) as refused:
            gate.subject().self_test("firmware", folder)
        assert refused.value.cause == "self-test"


def test_this_very_program_can_be_loaded_from_another_folder(gate: AGate, tmp_path: Path) -> None:
    for package in ("edge", "wire", "ballot", "durable"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    assert "self-test-ms" in gate.subject().self_test("firmware", tmp_path)
