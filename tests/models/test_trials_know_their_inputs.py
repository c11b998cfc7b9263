"""A trial is repeated when what decides its figures changed, and refused before it is begun in vain."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from edge.rollcall_gate.eyes.vision import SUMS
from models import networks, trial
from models.__main__ import main
from models.networks import NETWORKS
from models.trial import Trial, inputs_sha256, trial_sha256

pytestmark = pytest.mark.slow

HEADER = "fold\tsame\ta\tb"


def never(*arguments):
    raise AssertionError(arguments)


@pytest.fixture
def cache(model_cache: Path, tmp_path: Path) -> Path:
    """The networks, by links, and no photograph."""
    for kind in ("float", "int8"):
        (tmp_path / "cache" / kind).mkdir(parents=True)
        for name in (*(f"{network.name}.tflite" for network in NETWORKS), SUMS):
            (tmp_path / "cache" / kind / name).symlink_to(model_cache / kind / name)
    return tmp_path / "cache"


def refused(capsys: pytest.CaptureFixture[str], cache: Path, *arguments: str) -> str:
    capsys.readouterr()
    assert main(["--cache", str(cache), *arguments]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    sentences = [line for line in said.err.splitlines() if not line.startswith("INFO:")]
    assert len(sentences) == 1
    assert sentences[0].startswith("models: ")
    return sentences[0]


# Refused before any work


def test_without_the_network_for_attacks_they_are_not_measured_and_no_network_is_loaded(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(trial, "open_pipeline", never)
    (cache / "int8" / "pad.tflite").unlink()
    (cache / "int8" / SUMS).unlink()
    out = tmp_path / "out.json"
    for more in ([], ["--out", str(out)]):
        said = refused(capsys, cache, "evaluate", "--pad", str(tmp_path), *more)
        assert f"{cache}/int8/pad.tflite is not there" in said
        assert "`hallward models all`" in said
    assert not out.exists()


def test_a_network_for_attacks_that_was_made_and_is_gone_is_named_before_any_inference(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for stage in ("present", "presentations_in", "acquire"):
        monkeypatch.setattr(trial, stage, never)
    (cache / "int8" / "pad.tflite").unlink()
    said = refused(capsys, cache, "evaluate", "--pad", str(tmp_path))
    assert f"{cache}/int8/pad.tflite" in said
    assert "`hallward models all`" in said


def test_without_photographs_nothing_is_compared_or_calibrated(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(networks, "RANGES", shutil.copytree(networks.RANGES, tmp_path / "ranges"))
    before = {path: path.read_bytes() for path in (tmp_path / "ranges").iterdir()}
    for command in (["evaluate", "--agreement"], ["calibrate"]):
        said = refused(capsys, cache, *command)
        assert f"{cache}/photographs: no photograph in it; run `hallward models fetch`" in said
    assert {path: path.read_bytes() for path in (tmp_path / "ranges").iterdir()} == before


def test_a_place_that_cannot_hold_the_report_is_refused_before_the_measurement(
    table: Path, cache: Path, tmp_path: Path, monkeypatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(trial, "run", never)
    (tmp_path / "file").write_text("mine", "utf-8")
    for out in (tmp_path, tmp_path / "file" / "report.json"):
        asked = ["--pairs", str(table), "--images", str(table.parent), "--out", str(out)]
        said = refused(capsys, cache, "evaluate", *asked)
        assert f"{out} cannot be written" in said
    assert (tmp_path / "file").read_text("utf-8") == "mine"


def test_a_folder_for_the_report_is_made_where_there_is_none(
    table: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(asked: Trial, *_):
        return trial.report.Report({"numbers": asked.numbers, "runtime": "none"})

    monkeypatch.setattr(trial, "run", found)
    out = tmp_path / "of" / "this" / "year" / "report.json"
    asked = ["--pairs", str(table), "--images", str(table.parent), "--out", str(out)]
    assert main(["--cache", str(cache), "evaluate", *asked]) == 0
    assert out.is_file()


# What decides the figures


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Pairs of photographs that nobody looks at."""
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("a_1.jpg", "a_2.jpg", "b_1.jpg", "unnamed.jpg"):
        (folder / name).write_bytes(name.encode())
    (folder / "pairs.tsv").write_text(f"{HEADER}\n1\t1\ta_1.jpg\ta_2.jpg\n1\t0\ta_1.jpg\tb_1.jpg\n", "utf-8")
    (folder / "groups.tsv").write_text("image\tgroup\na_1.jpg\tx\na_2.jpg\tx\nb_1.jpg\ty\n", "utf-8")
    return folder / "pairs.tsv"


@pytest.fixture
def asked(table: Path) -> Trial:
    return Trial(table, table.parent, groups=table.parent / "groups.tsv")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, ...]:
    """The program, copied, so that it can be changed."""
    folders = tuple(
        shutil.copytree(folder, tmp_path / "program" / folder.name, ignore=shutil.ignore_patterns("*.pyc"))
        for folder in trial._PROGRAM
    )
    monkeypatch.setattr(trial, "_PROGRAM", folders)
    return folders


def changed_in(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(old) >= 1
    file.write_text(text.replace(old, new, 1), "utf-8")


def raised(file: str, line: str) -> Callable[[tuple[Path, ...]], None]:
    """The threshold in this line of the gate's program by a hundredth."""
    name, value = line.split(" = ")
    return lambda folders: changed_in(folders[0] / file, line, f"{name} = {float(value) + 0.01:g}")


PROGRAM_CHANGES: dict[str, Callable[[tuple[Path, ...]], object]] = {
    "match_min": raised("who/decide.py", "match_min: float = 0.49"),
    "bona_fide_min": raised("eyes/pad.py", "BONA_FIDE_MIN: Final = 0.5"),
    "adapter": lambda folders: (folders[0] / "adapters" / "opencv_optics.py").write_text("", "utf-8"),
    "rates": lambda folders: (folders[1] / "rates.py").write_text("", "utf-8"),
    "new file": lambda folders: (folders[1] / "new.py").write_text("", "utf-8"),
    "file gone": lambda folders: (folders[0] / "eyes" / "align.py").unlink(),
}


@pytest.mark.parametrize("change", PROGRAM_CHANGES.values(), ids=PROGRAM_CHANGES)
def test_a_changed_threshold_or_program_is_another_trial_of_the_same_photographs(
    change, program: tuple[Path, ...], asked: Trial, cache: Path
) -> None:
    before = inputs_sha256(asked, cache), trial_sha256(asked, cache)
    assert (inputs_sha256(asked, cache), trial_sha256(asked, cache)) == before
    change(program)
    assert inputs_sha256(asked, cache) != before[0]
    assert trial_sha256(asked, cache) == before[1]


def test_what_no_figure_depends_on_changes_nothing(
    program: tuple[Path, ...], asked: Trial, cache: Path
) -> None:
    before = inputs_sha256(asked, cache)
    (program[0] / "notes.txt").write_text("x", "utf-8")
    (asked.images / "unnamed.jpg").write_bytes(b"other")
    (cache / "reports").mkdir()
    assert inputs_sha256(asked, cache) == before


def test_another_library_or_another_one_missing_is_another_trial(
    asked: Trial, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = {inputs_sha256(asked, cache)}
    honest = trial._version
    for changed in ("ai-edge-litert", "numpy", "opencv-python-headless", "tflite-runtime"):
        for version in ("99.0", "98.0"):
            monkeypatch.setattr(
                trial,
                "_version",
                lambda package, changed=changed, version=version: (
                    version if package == changed else honest(package)
                ),
            )
            seen.add(inputs_sha256(asked, cache))
    assert len(seen) == 9


@pytest.mark.parametrize("name", [network.name for network in NETWORKS])
def test_a_changed_network_is_another_trial_when_it_is_asked(name: str, asked: Trial, cache: Path) -> None:
    kinds = {
        "int8": asked,
        "float": replace(asked, numbers="float"),
        "both": replace(asked, agreement=True),
    }
    (cache / "photographs" / "a").mkdir(parents=True)
    (cache / "photographs" / "a" / "a.jpg").write_bytes(b"a")
    before = {kind: inputs_sha256(one, cache) for kind, one in kinds.items()}
    assert len(set(before.values())) == 3
    for kind in ("int8", "float"):
        file = cache / kind / f"{name}.tflite"
        there = file.readlink()
        file.unlink()
        file.write_bytes(b"another")
        after = {kind: inputs_sha256(one, cache) for kind, one in kinds.items()}
        assert {one for one in kinds if after[one] != before[one]} == {kind, "both"}
        file.unlink()
        file.symlink_to(there)


def test_other_photographs_or_tables_are_another_trial_and_another_question(
    asked: Trial, cache: Path
) -> None:
    seen = {(inputs_sha256(asked, cache), trial_sha256(asked, cache))}
    (asked.images / "a_1.jpg").write_bytes(b"retouched")
    seen.add((inputs_sha256(asked, cache), trial_sha256(asked, cache)))
    for table, more in (("pairs.tsv", "1\t0\ta_2.jpg\tb_1.jpg\n"), ("groups.tsv", "unnamed.jpg\tz\n")):
        file = asked.images / table
        file.write_text(file.read_text("utf-8") + more, "utf-8")
        seen.add((inputs_sha256(asked, cache), trial_sha256(asked, cache)))
    assert [len(set(column)) for column in zip(*seen, strict=True)] == [4, 4]


def test_another_question_about_the_same_photographs_is_another_trial(asked: Trial, cache: Path) -> None:
    others = [asked, replace(asked, identify=True), replace(asked, numbers="float")]
    others.append(replace(asked, runtime="tflite"))
    assert len({inputs_sha256(one, cache) for one in others}) == 4
    assert len({trial_sha256(one, cache) for one in others}) == 1
    assert trial_sha256(replace(asked, groups=None), cache) != trial_sha256(asked, cache)
