"""Every line of `hallward models verify` on files that it must not let pass: it says FAIL, and why."""

import hashlib
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from edge.rollcall_gate.adapters.flatbuffer_network import FlatbufferNetwork
from edge.rollcall_gate.frames import Floats, Pixels
from models import build, card, commands, golden, guard, networks, runtimes, verify
from models.__main__ import main
from models.calibrate import read_ranges, write_ranges
from models.errors import ModelsUntrusted
from models.graph.tflite_model import TfliteModel
from models.guard import Speed
from models.networks import DETECTOR, EMBEDDER, LANDMARKS, NETWORKS, PAD, Network
from models.quantise import quantise
from models.runtimes import open_network
from models.verify import Line
from tests.models.spoilt_build import (
    EACH,
    FAST,
    HERE,
    Json,
    checked,
    copied,
    edit,
    failed,
    for_each_runtime,
    linked,
    put,
)
from tests.models.test_guard_sees_what_is_slow import without_fusing

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cache(model_cache: Path, tmp_path: Path) -> Path:
    return linked(model_cache, tmp_path / "cache")


KINDS = {
    "pinned bytes",
    "golden outputs",
    "integers throughout",
    "accelerated operators",
    "as its ONNX source",
    "int8 is not slower",
    "names what lies beside it",
    "the package for a device",
    "cards",
    "reports",
}


def kind_of(line: Line) -> str:
    return re.split(r": ", line.what)[0 if line.what.startswith(("cards", "reports")) else -1]


def test_on_a_build_that_is_right_every_kind_of_line_is_there_and_ok(
    cache: Path, cards: Path, quick: None
) -> None:
    """A kind that is not in the list has no test here: write one."""
    lines = [*verify.files(cache, [PAD]), *verify.cards(cache), *verify.reports()]
    assert failed(lines) == {}
    assert {kind_of(line) for line in lines} == KINDS


# Bytes


@pytest.mark.parametrize("kind", ["float", "int8"])
@EACH
def test_other_bytes_fail_and_are_never_loaded(
    network: Network, kind: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*arguments):
        raise AssertionError(arguments)

    monkeypatch.setattr(verify, "open_network", never)
    file = cache / kind / f"{network.name}.tflite"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    put(file, bytes(content))
    for _ in ("changed", "gone"):
        what = f"{kind}/{network.name}.tflite: pinned bytes"
        assert failed(checked(cache, network)) == {what: "no: run `hallward models all`"}
        file.unlink(missing_ok=True)


def changed_by_one_number(network: Network, folder: Path) -> Path:
    ranges = read_ranges(network.ranges)
    name = sorted(ranges)[len(ranges) // 2]
    low, high = ranges[name]
    file = folder / f"{network.name}.json"
    write_ranges(file, {**ranges, name: (low, high * 1.01)})
    assert len(set(file.read_text().splitlines()) - set(network.ranges.read_text().splitlines())) == 1
    return file


@EACH
def test_ranges_changed_by_one_number_fail_and_nothing_is_quantised_from_them(
    network: Network, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(networks.RANGES, tmp_path / "ranges")
    file = changed_by_one_number(network, folder)
    monkeypatch.setattr(networks, "RANGES", folder)
    said = failed(checked(cache, network))
    assert list(said) == [f"int8/{network.name}.tflite: pinned bytes"]
    (sentence,) = said.values()
    assert sentence.startswith(f"{file} has SHA-256 ")
    assert f"not {network.ranges_sha256} as pinned in models/networks.py" in sentence
    monkeypatch.setattr(build, "QUANTISATIONS", (build.quantisation(network),))
    for _ in ("an old file there", "no file there"):
        (failure,) = [err for err in commands.quantise(cache).failures if str(file) in err.what]
        assert isinstance(failure, ModelsUntrusted)
        (cache / "int8" / f"{network.name}.tflite").unlink(missing_ok=True)
    assert not (cache / "int8" / f"{network.name}.tflite").exists()


# What it computes


def without_its_largest_weights(file: bytes) -> bytes:
    """A network of the same form, whose widest layer is all zeros."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(file, 0))
    largest = max((bytes(b.data) for b in model.buffers if b.data is not None), key=len)
    assert file.count(largest) == 1
    return file.replace(largest, bytes(len(largest)))


def test_an_int8_network_that_computes_something_else_fails(cache: Path, quick: None) -> None:
    file = cache / "int8" / "pad.tflite"
    other = replace(PAD, int8_sha256=put(file, without_its_largest_weights(file.read_bytes())))
    said = failed(checked(cache, other))
    assert set(said) == for_each_runtime(cache, lambda runtime: f"pad, int8, {runtime}: golden outputs")
    assert all("do not enrol on this machine" in found for found in said.values())


def test_a_float_network_that_computes_something_else_fails(cache: Path, quick: None) -> None:
    file = cache / "float" / "pad.tflite"
    other = replace(PAD, float_sha256=put(file, without_its_largest_weights(file.read_bytes())))
    golden_outputs = for_each_runtime(cache, lambda runtime: f"pad, float, {runtime}: golden outputs")
    source = for_each_runtime(cache, lambda runtime: f"pad, float, {runtime}: as its ONNX source")
    assert set(failed(checked(cache, other))) == golden_outputs | source


def test_a_new_network_that_computes_something_else_does_not_stay(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pinned or not: and the next run meets it again."""
    file = cache / "int8" / "pad.tflite"
    other = without_its_largest_weights(file.read_bytes())
    file.unlink()
    sha256 = hashlib.sha256(other).hexdigest()
    step = replace(build.quantisation(PAD), make=lambda _: other, sha256=sha256)
    monkeypatch.setattr(build, "QUANTISATIONS", (step,))
    for _ in range(2):
        (failure,) = commands.quantise(cache).failures
        assert isinstance(failure, ModelsUntrusted)
        assert failure.what.startswith("pad, int8: computes something else here")
        assert not file.exists()


class Answering:
    """A loaded network whose outputs are changed on their way out."""

    def __init__(self, network: FlatbufferNetwork, change: Callable[[list[Floats]], None]) -> None:
        self._network, self._change = network, change
        self.interpreter, self.runtime, self.model_sha256 = (
            network.interpreter,
            network.runtime,
            network.model_sha256,
        )

    def run(self, picture: Pixels) -> tuple[Floats, ...]:
        outputs = [output.copy() for output in self._network.run(picture)]
        self._change(outputs)
        return tuple(outputs)


def spoilt(at: int, value: float) -> Callable[[list[Floats]], None]:
    def change(outputs: list[Floats]) -> None:
        outputs[at].reshape(-1)[0] = value  # thinning keeps the first of each

    return change


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("network", [DETECTOR, LANDMARKS], ids=lambda network: network.name)
def test_one_number_that_is_none_in_one_output_of_two_fails(
    network: Network, at: int, value: float, cache: Path, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    def opened(*arguments):
        loaded = open_network(*arguments)
        return loaded and Answering(loaded, spoilt(at, value))

    loaded = opened("litert", cache / "int8" / f"{network.name}.tflite", network.form)
    kept = golden.golden_for(network.name, "int8", loaded.runtime)
    assert len(kept.outputs) == 2
    with np.errstate(all="ignore"):
        found = golden.distance(loaded.run(golden.reference_picture(network.form.side_px)), kept.outputs)
    assert not np.isfinite(found)
    assert not found <= kept.tolerance
    monkeypatch.setattr(verify, "open_network", opened)
    with np.errstate(all="ignore"):
        said = failed(checked(cache, network))
    assert set(said) == {
        what
        for kind in ("int8", "float")
        for what in for_each_runtime(
            cache, lambda runtime, kind=kind: f"{network.name}, {kind}, {runtime}: golden outputs", network
        )
    }


@pytest.mark.parametrize("network", [EMBEDDER, PAD], ids=lambda network: network.name)
def test_a_converted_network_that_answers_nan_is_not_as_its_source(
    network: Network, cache: Path, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    def opened(runtime, file, form):
        loaded = open_network(runtime, file, form)
        return loaded and Answering(loaded, spoilt(0, float("nan")))

    monkeypatch.setattr(verify, "open_network", opened)
    said = set(failed(checked(cache, network)))
    assert {what for what in said if what.endswith("as its ONNX source")} == for_each_runtime(
        cache, lambda runtime: f"{network.name}, float, {runtime}: as its ONNX source", network
    )


def test_a_runtime_that_nobody_measured_fails(
    cache: Path, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    monkeypatch.setattr(golden, "golden_for", lambda *_: None)
    said = failed(checked(cache))
    assert {what.split(": ")[1] for what in said} == {"golden outputs"}
    assert all("nobody measured it in " in found for found in said.values())


# Integers throughout


def test_a_network_with_operators_left_in_float_fails(cache: Path, quick: None) -> None:
    """The quantiser does not know PReLU, and says nothing."""
    as_converted = (cache / "float" / "pad.tflite").read_bytes()
    model = TfliteModel.of_bytes(as_converted)
    anything = {model.name(tensor): (-4.0, 4.0) for tensor in model.computed()}
    made = quantise(as_converted, {**anything, **read_ranges(PAD.ranges)}, PAD.input_range)
    other = replace(PAD, int8_sha256=put(cache / "int8" / "pad.tflite", made))
    said = failed(checked(cache, other))
    for what in for_each_runtime(cache, lambda runtime: f"pad, {runtime}: integers throughout"):
        assert re.fullmatch(r"\d+ tensors are not, '.+' among them", said[what])


def test_a_float_network_in_the_place_of_an_int8_one_fails(cache: Path, quick: None) -> None:
    file = cache / "int8" / "pad.tflite"
    other = replace(PAD, int8_sha256=put(file, (cache / "float" / "pad.tflite").read_bytes()))
    said = failed(checked(cache, other))
    assert for_each_runtime(cache, lambda runtime: f"pad, {runtime}: integers throughout") <= set(said)


def test_a_file_that_no_runtime_loads_is_a_line_and_not_an_exception(cache: Path, quick: None) -> None:
    other = replace(PAD, int8_sha256=put(cache / "int8" / "pad.tflite", b"no network"))
    said = failed(checked(cache, other))
    assert list(said) == ["pad"]
    assert "not a loadable model" in said["pad"]


# Accelerated operators


def test_fewer_accelerated_operators_than_the_card_says_fail(cache: Path, cards: Path, quick: None) -> None:
    where = {runtime: f"{runtime} on {platform.machine()}" for runtime in for_each_runtime(cache, str)}
    opened = [open_network(runtime, cache / "int8" / "pad.tflite", PAD.form) for runtime in HERE]
    counts = {loaded.runtime: guard.delegation(loaded).delegated for loaded in opened if loaded}
    for more, expected in ((1, set(where)), (0, set()), (-1, set())):
        rows = {
            where[runtime]: {"operators": 182, "delegated": count + more, "pieces": 1}
            for runtime, count in counts.items()
        }
        edit(cards / "pad.json", lambda data, rows=rows: data.update(accelerated=rows))
        said = failed(checked(cache))
        assert set(said) == {f"pad, {runtime}: accelerated operators" for runtime in expected}
        for runtime in expected:
            says = said[f"pad, {runtime}: accelerated operators"]
            assert f"the card says {counts[runtime] + 1}" in says


def test_more_operators_left_out_than_the_card_says_fail(cache: Path, cards: Path, quick: None) -> None:
    """As many taken over as ever, in a network that has grown operators which nobody takes over."""
    (what, *_) = sorted(for_each_runtime(cache, lambda runtime: f"pad, {runtime}: accelerated operators"))

    def left_out_one_fewer(data: Json) -> None:
        for row in data["accelerated"].values():
            row["operators"] -= 1

    edit(cards / "pad.json", left_out_one_fewer)
    assert what in failed(checked(cache))


def test_a_card_of_another_machine_or_runtime_is_not_held_against_this_one(
    cache: Path, cards: Path, quick: None
) -> None:
    rows = {"ai-edge-litert 2.3.0 on a-toaster": {"operators": 9999, "delegated": 9999, "pieces": 1}}
    edit(cards / "pad.json", lambda data: data.update(accelerated=rows))
    lines = checked(cache)
    assert failed(lines) == {}
    for what in for_each_runtime(cache, lambda runtime: f"pad, {runtime}: accelerated operators"):
        assert "the card was not measured with " in lines[what].found


# Speed


@pytest.mark.parametrize(
    ("speed", "ok"),
    [
        (Speed(2.0, 1.0, 0.5, 1.0), False),
        (Speed(1.1, 1.0, 0.91, 0.8), False),
        (Speed(1.1, 1.0, 0.91, 0.7), True),
        (Speed(1.0, 1.0, 0.99, 1.0), True),
        (FAST, True),
    ],
)
def test_int8_that_is_slower_than_float_fails(
    speed: Speed, ok: bool, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "speed", lambda *_: speed)
    lines = checked(cache)
    (line,) = [line for line in lines.values() if line.what.endswith("int8 is not slower")]
    assert line.ok is ok
    assert f"{speed.ratio:.2f} times as fast" in line.found
    assert set(failed(lines)) == (set() if ok else {line.what})


@pytest.mark.slow
def test_a_detector_whose_relus_stand_alone_is_found_out(cache: Path, cards: Path, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    without_fusing(cache, tmp_path / "made")
    made = (tmp_path / "made" / "detector.tflite").read_bytes()
    other = replace(DETECTOR, int8_sha256=put(cache / "int8" / "detector.tflite", made))
    said = {what.split(": ")[1] for what in failed(checked(cache, other))}
    assert {"int8 is not slower", "accelerated operators"} <= said


# The package


def test_a_package_that_is_too_large_or_empty_fails(cache: Path, quick: None) -> None:
    what = "the package for a device"
    assert what not in failed(checked(cache))
    room = verify.PACKAGE_BYTES_MAX - sum(f.stat().st_size for f in (cache / "int8").glob("*.tflite"))
    more = cache / "int8" / "more.tflite"
    for size, ok in ((room, True), (room + 1, False)):
        more.touch()
        os.truncate(more, size)
        assert (what not in failed(checked(cache))) is ok
    shutil.rmtree(cache / "int8")
    assert failed(checked(cache))[what] == "0.00 MB of at most 13 MB"


def test_the_limit_is_what_the_line_says() -> None:
    assert verify.PACKAGE_BYTES_MAX == 13_000_000


def test_a_package_alone_is_checked_and_it_is_said_what_could_not_be(
    cache: Path, cards: Path, quick: None, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(cache / "float")
    lines = checked(cache, *NETWORKS)
    assert failed(lines) == {}
    assert not [what for what in lines if "float" in what or "slower" in what]
    assert sum(what.endswith("golden outputs") for what in lines) == len(NETWORKS) * len(HERE)
    (line,) = verify.cards(cache)
    assert line.ok
    assert line.found.startswith("not compared: ")
    assert "float files" in line.found
    assert main(["--cache", str(cache), "verify"]) == 0
    assert line.found in capsys.readouterr().out


def test_a_float_file_that_is_gone_is_not_taken_for_a_package_alone(cache: Path, quick: None) -> None:
    (cache / "float" / "pad.tflite").unlink()
    assert list(failed(checked(cache))) == ["float/pad.tflite: pinned bytes"]


# Other machines


def test_without_tflite_runtime_nothing_fails_for_it(
    cache: Path, cards: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (runtimes, verify, card):
        monkeypatch.setattr(module, "is_installed", lambda runtime: runtime == "litert")
    lines = checked(cache)
    assert failed(lines) == {}
    assert not [what for what in lines if "tflite-runtime" in what]
    (line,) = verify.cards(cache)
    assert line.ok
    assert "both runtimes" in line.found


@pytest.mark.slow
def test_python_3_13_finds_nothing_wrong_with_the_same_files(model_cache: Path) -> None:
    python = ROOT / ".venv-py313" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"no {python.relative_to(ROOT)} in this checkout")
    command = [str(python), "-m", "models", "--cache", str(model_cache), "verify"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert [line for line in done.stdout.splitlines() if not line.startswith("ok ")] == []
    assert done.returncode == 0, done.stderr
    assert "not compared: that needs both runtimes" in done.stdout
    assert "tflite-runtime 2.14.0: golden" not in done.stdout


# The exit status


@pytest.mark.parametrize("wrong", ["files", "cards", "reports", None])
def test_one_line_that_fails_is_an_exit_status(
    wrong: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for checks in ("files", "cards", "reports"):
        lines = [Line(checks, checks != wrong, "said so")]
        monkeypatch.setattr(verify, checks, lambda *_, lines=lines: iter(lines))
    assert main(["--cache", str(tmp_path), "verify"]) == (1 if wrong else 0)
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 3, "no line of a candidate when none was asked for"
    assert [line.split()[1] for line in said if line.startswith("FAIL")] == ([wrong] if wrong else [])
