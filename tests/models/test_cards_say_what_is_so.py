"""A card is what build, reports and thresholds are, in whole numbers, and its page says the same."""

import copy
import hashlib
import json
import platform
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge.rollcall_gate.eyes import detect, pad
from edge.rollcall_gate.eyes.quality import PORTRAIT
from edge.rollcall_gate.who.decide import DEFAULT
from models import card, card_measured
from models.card import FOLDER, TEXTS, facts, stale_cards
from models.card_page import page
from models.errors import ModelsMissing
from models.networks import DETECTOR, EMBEDDER, NETWORKS, PAD, Network
from models.places import shipped_photographs
from models.runtimes import RUNTIMES, is_installed
from models.sources import load_sources

EACH = pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
Json = dict[str, Any]


def committed(network: Network) -> Json:
    return json.loads((FOLDER / f"{network.name}.json").read_text("utf-8"))


def report(name: str) -> Json:
    return json.loads((card_measured.REPORTS / f"{name}.json").read_text("utf-8"))


def row(what: str, numbers: str, ppm: int, interval: list[int] | None = None, on: str = "ten people") -> Json:
    return {"what": what, "on": on, "numbers": numbers, "ppm": ppm, "interval_ppm": interval}


MADE_UP: Json = {
    "format": "hallward-card/1",
    "name": "iris",
    "title": "Iris finder",
    "used_for": "Nothing yet.",
    "input": "8 x 8 | grey",
    "output": "one number",
    "made": "By hand.",
    "files": {
        "int8": {"sha256": "aa" * 32, "bytes": 1_234},
        "float": {"sha256": "bb" * 32, "bytes": 5_678_901},
    },
    "source": {
        "registry": "pypi",
        "package": "iris 1.0",
        "archive_sha256": "cc" * 32,
        "file": "iris/iris.onnx",
        "file_sha256": "dd" * 32,
        "licence": "MIT | Apache-2.0",
        "provenance": "One developer publishes it; more is not known.",
    },
    "multiply_adds": 12_345_678,
    "parameters": 90_123,
    "calibration": {
        "photographs": 3,
        "frames": 72,
        "seed": 7,
        "extremes": "mean",
        "walls": False,
        "ranges_sha256": "ee" * 32,
    },
    "accelerated": {
        "litert 2 on x86_64": {"operators": 9, "delegated": 9, "pieces": 1},
        "tflite 1 on x86_64": {"operators": 9, "delegated": 0, "pieces": 0},
    },
    "thresholds_ppm": {
        "open_min": {"ppm": 490_000, "chosen": "Guessed | not measured."},
        "shut_max": {"ppm": 1_250, "chosen": "Measured on 3 people."},
    },
    "measured": [
        row("accuracy", "int8", 994_444, [989_079, 1_000_000]),
        row("accuracy", "float", 996_111),
        row("taken for another | one", "int8", 7, [3, 15]),
        row("none found", "int8", 0, [0, 324_400], on="two walls"),
    ],
    "limits": ["Works on nobody.", "Not measured | by anybody."],
}


def cells(line: str) -> list[str]:
    """Of one row of a Markdown table; an escaped bar is part of its cell."""
    assert line.startswith("| ")
    assert line.endswith(" |")
    return [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def tables(text: str) -> Iterator[list[list[str]]]:
    """Every table of a page, head first, without the line of dashes. Fails for one that is not straight."""
    for part in text.split("\n\n"):
        if part.startswith("|"):
            rows = [cells(line) for line in part.splitlines()]
            assert {len(found) for found in rows} == {len(rows[0])}
            assert set(rows.pop(1)) == {"---"}
            yield rows


# The page


def test_a_page_says_every_figure_of_the_card() -> None:
    about, ten, walls, thresholds = tables(page(MADE_UP))
    assert ten == [
        ["", "int8", "float"],
        ["accuracy", "99.44 % [98.91, 100.00]", "99.61 %"],
        ["taken for another | one", "0.0007 % [0.0003, 0.0015]", ""],
    ]
    assert walls == [["", "int8"], ["none found", "0.00 % [0.00, 32.44]"]]
    assert thresholds == [
        ["threshold", "ppm", "chosen"],
        ["`open_min`", "490,000", "Guessed | not measured."],
        ["`shut_max`", "1,250", "Measured on 3 people."],
    ]
    said = dict(about)
    assert said["on a device"] == "`iris.tflite`, static int8, 1,234 bytes"
    assert said["its SHA-256"] == f"`{'aa' * 32}`"
    assert said["made from"] == f"float file of 5,678,901 bytes, `{'bb' * 32}`"
    assert said["which comes from"] == "pypi `iris 1.0`, `iris/iris.onnx`"
    assert said["SHA-256 of package and file"] == f"`{'cc' * 32}`, `{'dd' * 32}`"
    assert said["licence"] == "MIT | Apache-2.0"
    assert said["input"] == "8 x 8 | grey"
    assert said["output"] == "one number"
    assert said["size"] == "90,123 parameters, 12,345,678 multiply-adds"
    assert said["calibrated on"].startswith("72 frames from 3 shipped photographs, seed 7; ")
    assert said["calibrated on"].endswith("the mean of the frames' extremes")
    assert said["accelerated"] == (
        "9 of 9 operators in 1 piece (litert 2 on x86_64); 0 of 9 operators in 0 pieces (tflite 1 on x86_64)"
    )


def test_a_page_says_every_word_of_the_card() -> None:
    text = page(MADE_UP)
    assert text.startswith("# Iris finder\n\n<!-- Generated by `hallward models card`")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    for words in (MADE_UP["used_for"], MADE_UP["made"], MADE_UP["source"]["provenance"]):
        assert f" {words}\n" in text
    assert "- Works on nobody.\n- Not measured | by anybody.\n" in text
    assert "On ten people:\n" in text
    assert "On two walls:\n" in text
    walls = copy.deepcopy(MADE_UP)
    walls["calibration"]["walls"] = True
    assert "; its outputs on walls too |" in page(walls)
    assert "walls too" not in text


@pytest.mark.parametrize(
    ("ppm", "percent"),
    [
        (0, "0.00 %"),
        (1, "0.0001 %"),
        (99, "0.0099 %"),
        (100, "0.01 %"),
        (431, "0.04 %"),
        (5_556, "0.56 %"),
        (41_000, "4.10 %"),
        (544_088, "54.41 %"),
        (994_444, "99.44 %"),
        (1_000_000, "100.00 %"),
    ],
)
def test_a_rate_in_millionths_is_printed_in_percent(ppm: int, percent: str) -> None:
    _, (_, (_, said)), _ = tables(page({**MADE_UP, "measured": [row("it", "int8", ppm)]}))
    assert said == percent


def test_int8_and_float_stand_in_their_own_columns_whatever_comes_first() -> None:
    rows = [row("a", "float", 10_000), row("b", "int8", 20_000), row("a", "int8", 30_000)]
    _, measured, _ = tables(page({**MADE_UP, "measured": rows}))
    head, *lines = measured
    found = {line[0]: dict(zip(head[1:], line[1:], strict=True)) for line in lines}
    assert found == {"a": {"float": "1.00 %", "int8": "3.00 %"}, "b": {"float": "", "int8": "2.00 %"}}


# What is committed


@EACH
def test_a_committed_page_is_that_of_the_committed_card(network: Network) -> None:
    text = (FOLDER / f"{network.name}.md").read_text("utf-8")
    assert text == page(committed(network))
    assert len(list(tables(text))) >= 3


def test_the_committed_cards_are_those_of_the_build(model_cache: Path) -> None:
    if not all(is_installed(runtime) for runtime in RUNTIMES) or platform.machine() != "x86_64":
        pytest.skip("cards are compared where both runtimes are (Python 3.11), on x86-64")
    stale = [path.name for path in stale_cards(model_cache)]
    assert stale == [], "run `hallward models card`, and read the difference"


@EACH
def test_every_hash_of_a_card_is_pinned(network: Network) -> None:
    found = committed(network)
    assert found["name"] == network.name
    assert found["files"]["int8"]["sha256"] == network.int8_sha256
    assert found["files"]["float"]["sha256"] == network.float_sha256
    assert found["source"]["file_sha256"] == network.source_sha256
    assert found["calibration"]["ranges_sha256"] == network.ranges_sha256
    assert hashlib.sha256(network.ranges.read_bytes()).hexdigest() == network.ranges_sha256
    archives = {f"{p.name} {p.version}": p.sha256 for p in load_sources() if p.group == "models"}
    assert archives[found["source"]["package"]] == found["source"]["archive_sha256"]


def floats_in(value: object) -> list[float]:
    if isinstance(value, dict):
        return [found for inner in value.values() for found in floats_in(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in floats_in(inner)]
    return [value] if isinstance(value, float) else []


@EACH
def test_every_rate_of_a_card_is_a_whole_number_of_millionths(network: Network) -> None:
    found = committed(network)
    assert floats_in(found) == []
    assert found["measured"]
    for one in found["measured"]:
        assert type(one["ppm"]) is int
        assert 0 <= one["ppm"] <= 1_000_000
        if one["interval_ppm"] is not None:
            low, high = one["interval_ppm"]
            assert 0 <= low <= one["ppm"] <= high <= 1_000_000, one["what"]
    assert all(type(one["ppm"]) is int for one in found["thresholds_ppm"].values())


def test_no_figure_stands_twice_on_a_card() -> None:
    for network in NETWORKS:
        keys = [(one["what"], one["on"], one["numbers"]) for one in committed(network)["measured"]]
        assert len(set(keys)) == len(keys)


def test_every_threshold_of_a_card_is_the_one_the_gate_uses() -> None:
    in_use = {
        "detector": {"score_min": detect.SCORE_MIN},
        "landmarks": {"presence_min": PORTRAIT.presence_min},
        "embedder": {
            "match_min": DEFAULT.match_min,
            "margin_min": DEFAULT.margin_min,
            "same_person_min": DEFAULT.same_person_min,
        },
        "pad": {"bona_fide_min": pad.BONA_FIDE_MIN},
    }
    for network in NETWORKS:
        said = {name: row["ppm"] for name, row in committed(network)["thresholds_ppm"].items()}
        assert said == {name: round(value * 1_000_000) for name, value in in_use[network.name].items()}


@EACH
def test_every_limit_and_reason_that_was_written_down_is_on_the_card(network: Network) -> None:
    text = tomllib.loads(TEXTS.read_text("utf-8"))[network.name]
    found = committed(network)
    assert found["limits"] == text["limits"]
    reasons = {name: row["chosen"] for name, row in found["thresholds_ppm"].items()}
    assert reasons == {name: reason.strip() for name, reason in text["thresholds"].items()}


def figure(network: Network, what: str, numbers: str) -> tuple[int, list[int] | None]:
    (found,) = [
        one for one in committed(network)["measured"] if (one["what"], one["numbers"]) == (what, numbers)
    ]
    return found["ppm"], found["interval_ppm"]


def as_ppm(estimate: Json) -> tuple[int, list[int]]:
    return round(estimate["value"] * 1_000_000), [round(end * 1_000_000) for end in estimate["interval"]]


@pytest.mark.parametrize("numbers", ["int8", "float"])
def test_the_figures_of_a_card_are_those_of_the_reports(numbers: str) -> None:
    found = report(f"recognition_{numbers}")["recognition"]
    missed = found["counts"]["failures_to_acquire"] / found["counts"]["photographs"]
    assert figure(DETECTOR, "no face found", numbers) == (round(missed * 1_000_000), None)
    accuracy = found["verification"]["listed"]["accuracy"]
    assert figure(EMBEDDER, "accuracy on the pairs", numbers) == as_ppm(accuracy)
    everyone = found["verification"]["all_vs_all"]
    for one in everyone["tar"]:
        at = {0.01: "100", 0.001: "1,000", 0.0001: "10,000", 1e-05: "100,000"}[one["far"]]
        what = f"all against all: right pairs accepted at one wrong pair in {at}"
        assert figure(EMBEDDER, what, numbers) == as_ppm(one["tar"])
    what = "all against all: wrong pairs accepted at match_min"
    assert figure(EMBEDDER, what, numbers) == as_ppm(everyone["fmr"])
    limited = found["with_quality_limits"]["listed"]["accuracy"]
    what = "one look at a gate: accuracy, refused ones counted as misses"
    assert figure(EMBEDDER, what, numbers) == as_ppm(limited)
    attacks = report(f"attacks_{numbers}")["attacks"]
    assert figure(PAD, "bona fide rejected (BPCER)", numbers) == as_ppm(attacks["bpcer"])
    for species in attacks["species"]:
        assert figure(PAD, f"{species['name']} accepted (APCER)", numbers) == as_ppm(species["apcer"])


@pytest.mark.parametrize("name", ["recognition_int8", "recognition_float"])
def test_the_match_min_that_was_measured_is_the_one_in_use(name: str) -> None:
    assert report(name)["recognition"]["threshold"] == DEFAULT.match_min


# Facts


def text_of(network: Network) -> Json:
    return tomllib.loads(TEXTS.read_text("utf-8"))[network.name]


@EACH
def test_before_the_build_there_is_no_card_and_it_is_said_what_to_type(
    network: Network, tmp_path: Path, model_cache: Path
) -> None:
    with pytest.raises(ModelsMissing, match="`hallward models all`") as caught:
        facts(network, tmp_path, text_of(network))
    assert f"{network.name}.tflite" in caught.value.what
    (tmp_path / "int8").symlink_to(model_cache / "int8")
    with pytest.raises(ModelsMissing, match=rf"float/{network.name}\.tflite is not there"):
        facts(network, tmp_path, text_of(network))


def without_photographs(model_cache: Path, folder: Path) -> Path:
    for kind in ("int8", "float"):
        (folder / kind).symlink_to(model_cache / kind)
    return folder


def test_how_many_photographs_it_was_calibrated_on_is_what_is_pinned_not_what_lies_there(
    tmp_path: Path, model_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = without_photographs(model_cache, tmp_path)
    found = facts(PAD, cache, text_of(PAD))["calibration"]
    assert found["photographs"] == len(shipped_photographs(model_cache)) == 11
    assert found["frames"] == 24 * 11
    packages = load_sources()
    first = next(p for p in packages if p.group == "photographs" and p.files[0].to.suffix != ".md")
    fewer = [replace(p, files=p.files[1:]) if p is first else p for p in packages]
    monkeypatch.setattr(card, "load_sources", lambda: tuple(fewer))
    assert facts(PAD, cache, text_of(PAD))["calibration"]["photographs"] == 10


def test_a_card_tells_of_the_files_there_are(model_cache: Path) -> None:
    for network in NETWORKS:
        found = facts(network, model_cache, text_of(network))
        for kind in ("int8", "float"):
            file = (model_cache / kind / f"{network.name}.tflite").read_bytes()
            assert found["files"][kind] == {"sha256": hashlib.sha256(file).hexdigest(), "bytes": len(file)}
        assert all(where.endswith(f" on {platform.machine()}") for where in found["accelerated"])
        assert floats_in(found) == []


def test_without_both_runtimes_no_card_is_written_and_it_is_said_why(
    tmp_path: Path, model_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card, "is_installed", lambda runtime: runtime == "litert")
    monkeypatch.setattr(card, "FOLDER", tmp_path)
    with pytest.raises(ModelsMissing, match=r"Python 3\.11"):
        card.write_cards(model_cache)
    assert list(tmp_path.iterdir()) == []
