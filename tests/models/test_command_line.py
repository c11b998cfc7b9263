"""`hallward models ...` as an operator types it: what is refused, in which words, and what comes out."""

import json
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import cv2
import pytest

from models import guard, trial, verify
from models.__main__ import main
from models.places import photograph_folder

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
HEADER = "fold\tsame\ta\tb"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def images(model_cache: Path) -> Path:
    return photograph_folder(model_cache)


def pairs_of(names: list[str], person) -> str:
    """All against all, in two folds."""
    rows = (
        f"{1 + n % 2}\t{int(person(a) == person(b))}\t{a}\t{b}"
        for n, (a, b) in enumerate(combinations(names, 2))
    )
    return "\n".join([HEADER, *rows, ""])


@pytest.fixture(scope="module")
def pairs(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    names = sorted(f"{path.parent.name}/{path.name}" for path in images.glob("*/*.[jp][pn]g"))
    assert len(names) == 11
    file = tmp_path_factory.mktemp("pairs") / "pairs.tsv"
    file.write_text(pairs_of(names, lambda name: name.split("/")[0]), "utf-8")
    return file


@pytest.fixture(scope="module")
def hall(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same people in good light and in half of it, with names like Obama_0003.jpg, and their groups."""
    folder = tmp_path_factory.mktemp("hall")
    names, groups = [], ["image\tgroup"]
    for person in sorted(path for path in images.iterdir() if path.is_dir()):
        photographs = sorted(person.glob("*.[jp][pn]g"))
        for number, path in enumerate(photographs):
            picture = cv2.imread(str(path))
            for light, dimmed, offset in (("bright", picture, 1), ("dark", picture // 2, 101)):
                name = f"{person.name.title()}_{number + offset:04}.jpg"
                assert cv2.imwrite(str(folder / name), dimmed)
                names.append(name)
                groups.append(f"{name}\t{light}")
    (folder / "pairs.tsv").write_text(pairs_of(sorted(names), lambda name: name.split("_")[0]), "utf-8")
    (folder / "groups.tsv").write_text("\n".join([*groups, ""]), "utf-8")
    return folder


@pytest.fixture(scope="module")
def grouped(hall: Path, model_cache: Path) -> Path:
    """A report with groups, as `evaluate --out` keeps it."""
    out = hall / "report.json"
    arguments = ["--pairs", f"{hall}/pairs.tsv", "--images", str(hall), "--groups", f"{hall}/groups.tsv"]
    assert run(model_cache, "evaluate", *arguments, "--out", str(out)) == 0
    return out


def run(cache: Path, *arguments: str) -> int:
    return main(["--cache", str(cache), *arguments])


def refused(capsys: pytest.CaptureFixture[str], cache: Path, *arguments: str) -> str:
    """The one sentence on standard error of a command that exits with 1."""
    assert run(cache, *arguments) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("models: ")
    return said.err


# What is asked wrongly


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "required: verb"),
        (["enrol"], "invalid choice: 'enrol'"),
        (["evaluate"], "nothing to measure"),
        (["evaluate", "--pairs", "p.tsv"], "--pairs and --images go together"),
        (["evaluate", "--images", "folder"], "--pairs and --images go together"),
        (["evaluate", "--pad", "folder", "--identify"], "--identify and --groups need --pairs"),
        (["evaluate", "--pad", "folder", "--groups", "g.tsv"], "--identify and --groups need --pairs"),
        (["evaluate", "--pad", "folder", "--runtime", "onnx"], "invalid choice: 'onnx'"),
        (["evaluate", "--agreement", "--float"], "--agreement compares int8 with float in LiteRT"),
        (
            ["evaluate", "--agreement", "--runtime", "tflite"],
            "--agreement compares int8 with float in LiteRT",
        ),
        (["verify", "--candidate", "new.json"], "--candidate and --baseline go together"),
        (["verify", "--baseline", "old.json"], "--candidate and --baseline go together"),
    ],
)
def test_a_wrong_question_is_answered_by_the_usage(
    arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        run(tmp_path / "cache", *arguments)
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("usage: hallward models")
    assert says in said
    assert not (tmp_path / "cache").exists()


def test_it_is_a_program_with_an_exit_status(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "models", "--cache", str(tmp_path), "convert"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stdout == f"0 new files in {tmp_path}\n"
    assert done.stderr.count("`hallward models fetch`") == 4
    assert "Traceback" not in done.stderr


def test_a_cache_that_is_complete_is_left_alone(
    model_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.stat().st_mtime_ns for path in model_cache.rglob("*.tflite")}
    for verb in ("fetch", "convert", "quantise"):
        assert run(model_cache, verb) == 0
        assert capsys.readouterr().out == f"0 new files in {model_cache}\n"
    assert {path: path.stat().st_mtime_ns for path in model_cache.rglob("*.tflite")} == before


def test_an_empty_cache_says_what_to_type(
    tmp_path: Path, pairs: Path, images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, tmp_path, "evaluate", "--pairs", str(pairs), "--images", str(images))
    assert "detector.tflite" in said
    assert "`hallward models all`" in said


# Tables and photographs that are not as they should be


def evaluate(*, pairs: Path, images: Path, groups: Path | None = None) -> list[str]:
    more = ["--groups", str(groups)] if groups else []
    return ["evaluate", "--pairs", str(pairs), "--images", str(images), *more]


def test_a_photograph_that_is_not_there_is_named(
    model_cache: Path, tmp_path: Path, images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "pairs.tsv"
    rows = ["1\t1\tobama/obama_1.jpg\tobama/nobody.jpg", "1\t0\tobama/obama_1.jpg\tsunak/sunak.jpg"]
    table.write_text("\n".join([HEADER, *rows, ""]), "utf-8")
    said = refused(capsys, model_cache, *evaluate(pairs=table, images=images))
    assert f"{images}/obama/nobody.jpg, which {table} names, is not there" in said


def test_a_table_or_a_folder_that_is_not_there_is_named(
    model_cache: Path, tmp_path: Path, pairs: Path, images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    none = tmp_path / "none"
    assert f"{none} cannot be read" in refused(capsys, model_cache, *evaluate(pairs=none, images=images))
    assert f"{none}: no such folder" in refused(capsys, model_cache, *evaluate(pairs=pairs, images=none))
    said = refused(capsys, model_cache, *evaluate(pairs=pairs, images=images, groups=none))
    assert f"{none} cannot be read" in said


def test_an_image_that_is_no_image_is_named(
    model_cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a_1.jpg", "a_2.jpg", "b_1.jpg"):
        (tmp_path / name).write_bytes(b"no image")
    table = tmp_path / "pairs.tsv"
    table.write_text(f"{HEADER}\n1\t1\ta_1.jpg\ta_2.jpg\n1\t0\ta_1.jpg\tb_1.jpg\n", "utf-8")
    said = refused(capsys, model_cache, *evaluate(pairs=table, images=tmp_path))
    assert f"{tmp_path}/a_1.jpg: not a JPEG or PNG photograph" in said


def test_groups_must_name_the_photographs_there_are(
    model_cache: Path, hall: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (hall / "groups.tsv").read_text("utf-8").splitlines()
    table = tmp_path / "groups.tsv"
    for lines, says in (
        ([*rows, "Nobody_0001.jpg\tdark"], f"{table}: Nobody_0001.jpg is not in {hall}"),
        (rows[:-1], f"{table}: no group for {rows[-1].split()[0]}"),
        ([*rows, rows[-1]], f"{table}, line {len(rows) + 1}: {rows[-1].split()[0]} has a group already"),
    ):
        table.write_text("\n".join([*lines, ""]), "utf-8")
        said = refused(capsys, model_cache, *evaluate(pairs=hall / "pairs.tsv", images=hall, groups=table))
        assert says in said


# A small evaluation


def test_an_evaluation_is_kept_and_not_repeated_while_nothing_changes(
    model_cache: Path,
    pairs: Path,
    images: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "reports" / "small.json"
    asked = [*evaluate(pairs=pairs, images=images), "--out", str(out)]
    measured, honest = [], trial.run

    def counted(*arguments):
        measured.append(arguments)
        return honest(*arguments)

    monkeypatch.setattr(trial, "run", counted)
    assert run(model_cache, *asked) == 0
    table = capsys.readouterr().out
    kept = out.read_bytes()
    assert run(model_cache, *asked) == 0
    assert capsys.readouterr().out == table, "the same table again"
    assert len(measured) == 1
    assert out.read_bytes() == kept
    assert run(model_cache, *asked, "--json") == 0
    assert json.loads(capsys.readouterr().out) == json.loads(kept)
    assert run(model_cache, *asked, "--float") == 0, "other networks are another question"
    assert len(measured) == 2
    assert capsys.readouterr().out != table
    assert json.loads(out.read_bytes())["models"]["numbers"] == "float"


def test_the_report_is_json_with_rates_and_without_names(
    model_cache: Path, pairs: Path, images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(model_cache, *evaluate(pairs=pairs, images=images), "--identify", "--json") == 0
    said = capsys.readouterr()
    assert said.err == ""
    found = json.loads(said.out)
    recognition = found["recognition"]
    assert recognition["counts"]["photographs"] == 11
    assert recognition["counts"]["persons"] == 6
    assert recognition["counts"]["pairs"] == 55
    assert recognition["counts"]["failures_to_acquire"] == 0
    assert recognition["verification"]["listed"]["accuracy"]["value"] > 0.95
    assert recognition["identification"]
    assert recognition["groups"] is None
    assert not [person for person in ("obama", "macron", "sunak") if person in said.out.lower()]


def test_a_report_that_was_damaged_is_refused_and_not_overwritten(
    model_cache: Path, pairs: Path, images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "holiday.json"
    out.write_text('{"my": "own"}', "utf-8")
    asked = [*evaluate(pairs=pairs, images=images), "--out", str(out)]
    assert f"{out}: not a report" in refused(capsys, model_cache, *asked)
    assert out.read_text("utf-8") == '{"my": "own"}'


# A candidate against a baseline


@pytest.fixture
def no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks of files, cards and committed reports have tests of their own."""
    for checks in ("files", "cards", "reports"):
        lines = [verify.Line(checks, True, "not looked at here")]
        monkeypatch.setattr(verify, checks, lambda *_, lines=lines: iter(lines))


def edited(report: Path, to: Path, group: str, change) -> Path:
    data = json.loads(report.read_text("utf-8"))
    change(next(one for one in data["recognition"]["groups"] if one["group"] == group))
    to.write_text(json.dumps(data), "utf-8")
    return to


def test_a_candidate_that_is_as_good_for_every_group_is_accepted(
    grouped: Path, model_cache: Path, no_files: None, capsys: pytest.CaptureFixture[str]
) -> None:
    groups = json.loads(grouped.read_text("utf-8"))["recognition"]["groups"]
    assert [(one["group"], one["photographs"], one["persons"]) for one in groups] == [
        ("bright", 11, 6),
        ("dark", 11, 6),
    ]
    capsys.readouterr()
    assert run(model_cache, "verify", "--candidate", str(grouped), "--baseline", str(grouped)) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "groups" in line]
    assert line.startswith("ok ")
    assert "none of 2" in line


@pytest.mark.parametrize("rate", ["fnmr", "fmr"])
@pytest.mark.parametrize("group", ["bright", "dark"])
def test_a_candidate_that_is_worse_for_one_group_is_refused_by_its_name(
    grouped: Path, model_cache: Path, tmp_path: Path, no_files: None, capsys, group: str, rate: str
) -> None:
    def worse(one: Json) -> None:
        one[rate]["value"] = one[rate]["interval"][1] + 0.01

    candidate = edited(grouped, tmp_path / "new.json", group, worse)
    capsys.readouterr()
    assert run(model_cache, "verify", "--candidate", str(candidate), "--baseline", str(grouped)) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("FAIL")]
    assert f"group {group}: {rate.upper()}" in line


def test_a_candidate_within_the_baselines_interval_is_accepted(
    grouped: Path, model_cache: Path, tmp_path: Path, no_files: None
) -> None:
    def within(one: Json) -> None:
        one["fnmr"]["value"] = one["fnmr"]["interval"][1]

    candidate = edited(grouped, tmp_path / "new.json", "dark", within)
    assert run(model_cache, "verify", "--candidate", str(candidate), "--baseline", str(grouped)) == 0


def test_reports_over_other_photographs_or_without_groups_cannot_be_compared(
    grouped: Path, model_cache: Path, tmp_path: Path, no_files: None, capsys
) -> None:
    def fewer(one: Json) -> None:
        one["photographs"] -= 1

    def renamed(one: Json) -> None:
        one["group"] = "dusk"

    for change, says in ((fewer, "other photographs"), (renamed, "one of the two reports only")):
        candidate = edited(grouped, tmp_path / "new.json", "dark", change)
        assert run(model_cache, "verify", "--candidate", str(candidate), "--baseline", str(grouped)) == 1
        assert says in capsys.readouterr().out
    data = json.loads(grouped.read_text("utf-8"))
    data["recognition"]["groups"] = None
    (tmp_path / "none.json").write_text(json.dumps(data), "utf-8")
    none = str(tmp_path / "none.json")
    assert run(model_cache, "verify", "--candidate", str(grouped), "--baseline", none) == 1
    assert f"{none} has none; measure both with `evaluate --groups" in capsys.readouterr().out


def test_what_is_no_report_is_refused_in_a_sentence(
    grouped: Path, model_cache: Path, tmp_path: Path, no_files: None, capsys
) -> None:
    junk = tmp_path / "junk.json"
    capsys.readouterr()
    for content in ("{", "[]", '{"format": "hallward-evaluation/1"}'):
        junk.write_text(content, "utf-8")
        said = refused(capsys, model_cache, "verify", "--candidate", str(junk), "--baseline", str(grouped))
        assert str(junk) in said


# What is not installed

BLOCKED = """
import sys
sys.modules[sys.argv[1]] = None
from hallward.__main__ import main
sys.exit(main(sys.argv[2:]))
"""


def hallward_without(module: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BLOCKED, module, *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("module", ["tqdm", "ai_edge_litert"])
def test_a_library_of_another_role_that_is_not_installed_is_one_sentence(
    module: str, model_cache: Path
) -> None:
    done = hallward_without(module, "models", "--cache", str(model_cache), "verify")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"hallward: `hallward models` needs {module}, which is not installed on this machine; use one that "
        "was set up for it (`make setup`)\n"
    )


def test_a_module_of_ours_that_is_missing_is_our_fault_and_not_hidden(model_cache: Path) -> None:
    done = hallward_without("models.verify", "models", "--cache", str(model_cache), "verify")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "not installed" not in done.stderr


def test_asked_for_a_runtime_that_is_not_installed_it_says_so_and_names_the_other(
    model_cache: Path, pairs: Path, images: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    for module in ("tflite_runtime", "tflite_runtime.interpreter"):
        monkeypatch.setitem(sys.modules, module, None)
    said = refused(capsys, model_cache, *evaluate(pairs=pairs, images=images), "--runtime", "tflite")
    assert "tflite-runtime is not installed here" in said
    assert 'gate.runtime = "litert"' in said


def test_all_without_npm_makes_and_checks_the_rest_and_asks_for_npm_once(
    model_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = tmp_path / "cache"
    for file in (path for path in model_cache.rglob("*") if path.is_file()):
        place = cache / file.relative_to(model_cache)
        wanted = place.parts[-2] != "reports" and place.name != "SHA256SUMS" and place.suffix != ".tgz"
        if wanted and place.stem not in ("pad", "minifasnet_se"):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(file)
    (cache / "float" / "detector.tflite").unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(guard, "speed", lambda *_: guard.Speed(1.0, 2.0, 2.0, 0.0))
    assert run(cache, "all") == 1
    said = capsys.readouterr()
    assert said.err.count("models: ") == 1
    (sentence,) = re.findall(r"models: .*", said.err)
    assert sentence.startswith("models: npm is not installed, so faceplugin-face-recognition-js")
    assert "`apt install npm`" in sentence
    assert said.out.startswith(f"1 new file in {cache}\n"), "the detector was made all the same"
    lines = said.out.splitlines()[1:]
    assert {line[:4] for line in lines} == {"ok  ", "FAIL"}
    wrong = [line for line in lines if line.startswith("FAIL")]
    assert "float/pad.tflite: pinned bytes" in wrong[0]
    assert not [line for line in wrong if not any(of in line for of in ("pad", "cards"))]
    for network in ("detector", "landmarks", "embedder"):
        assert [line for line in lines if f"{network}, int8, ai-edge-litert" in line]
    assert lines[-1].startswith("ok    accuracy on the shipped photographs")
