"""A card or a report that says what is not so, or nothing, is a FAIL line of `verify`, never an exception."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from models import card, verify
from models.networks import NETWORKS, PAD, Network
from tests.models.spoilt_build import (
    EACH,
    Json,
    checked,
    edit,
    failed,
    linked,
    needs_what_the_cards_tell_of,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def cache(model_cache: Path, tmp_path: Path) -> Path:
    return linked(model_cache, tmp_path / "cache")


# Cards

DAMAGED: dict[str, bytes | None] = {
    "gone": None,
    "empty": b"",
    "cut": b'{"name": "pad", ',
    "a list": b"[]",
    "without counts": b'{"name": "pad"}',
    "counts that are none": b'{"name": "pad", "accelerated": {"x on y": {"delegated": "many"}}}',
    "counts in a list": b'{"name": "pad", "accelerated": []}',
    "a count alone": b'{"name": "pad", "accelerated": {"x on y": 1}}',
    "not text": b"\xff\xfe",
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_card_that_is_missing_or_damaged_is_a_line_and_not_an_exception(
    content: bytes | None, cache: Path, cards: Path, quick: None
) -> None:
    if content is None:
        (cards / "pad.json").unlink()
    else:
        (cards / "pad.json").write_bytes(content)
    for said in (failed(checked(cache)), failed(verify.cards(cache))):
        (sentence,) = said.values()
        assert "pad.json" in sentence
        assert "`hallward models card`" in sentence


@needs_what_the_cards_tell_of
@pytest.mark.parametrize(
    ("network", "content"),
    [
        *((network, b"# Another page\n") for network in NETWORKS),
        *((PAD, content) for content in (None, b"", b"\xff\xfe")),
    ],
)
def test_a_page_that_is_missing_damaged_or_stale_fails(
    network: Network, content: bytes | None, model_cache: Path, cards: Path
) -> None:
    page = cards / f"{network.name}.md"
    page.unlink()
    if content is not None:
        page.write_bytes(content)
    (sentence,) = failed(verify.cards(model_cache)).values()
    assert sentence.startswith(f"{network.name}.md: no; run `hallward models card`")
    assert card.write_cards(model_cache) == [page]
    assert failed(verify.cards(model_cache)) == {}


@needs_what_the_cards_tell_of
@EACH
def test_a_card_with_one_other_figure_fails(network: Network, model_cache: Path, cards: Path) -> None:
    def better(data: Json) -> None:
        data["measured"][0]["ppm"] += 1

    path = cards / f"{network.name}.json"
    edit(path, better)
    (sentence,) = failed(verify.cards(model_cache)).values()
    assert sentence.startswith(f"{network.name}.json: no; run `hallward models card`")


@needs_what_the_cards_tell_of
@pytest.mark.parametrize(
    ("name", "threshold"), [(name, threshold) for name, row in card.THRESHOLDS.items() for threshold in row]
)
def test_a_threshold_that_changed_in_the_code_makes_its_card_fail(
    name: str, threshold: str, model_cache: Path, cards: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(card.THRESHOLDS[name], threshold, card.THRESHOLDS[name][threshold] + 0.001)
    (sentence,) = failed(verify.cards(model_cache)).values()
    assert sentence.startswith(f"{name}.json, {name}.md: no; ")


@needs_what_the_cards_tell_of
def test_a_report_measured_anew_makes_the_cards_fail(
    model_cache: Path, cards: Path, kept_reports: Path
) -> None:
    def more(data: Json) -> None:
        data["agreement"]["points"]["median"] += 0.001

    edit(kept_reports / "agreement.json", more)
    (sentence,) = failed(verify.cards(model_cache)).values()
    assert sentence.startswith("landmarks.json, landmarks.md: no; ")


# Reports


def listed(data: Json) -> Json:
    return data["recognition"]["verification"]["listed"]["accuracy"]


def everyone(data: Json) -> Json:
    rows = data["recognition"]["verification"]["all_vs_all"]["tar"]
    return next(row["tar"] for row in rows if row["far"] == 0.001)


@pytest.mark.parametrize(("less", "ok"), [(0.0031, False), (0.02, False), (0.0029, True), (-0.01, True)])
@pytest.mark.parametrize(
    ("which", "name"), [(listed, "accuracy"), (everyone, "right pairs at one wrong in 1,000")]
)
def test_int8_that_recognises_worse_than_float_fails(
    which: Callable[[Json], Json], name: str, less: float, ok: bool, kept_reports: Path
) -> None:
    full = json.loads((kept_reports / "recognition_float.json").read_text("utf-8"))
    value = which(full)["value"] - less
    edit(kept_reports / "recognition_int8.json", lambda data: which(data).update(value=value))
    assert list(failed(verify.reports())) == ([] if ok else [f"reports: int8 as good as float, {name}"])


@EACH
@pytest.mark.parametrize("numbers", ["int8", "float"])
def test_a_report_of_other_network_files_fails(network: Network, numbers: str, kept_reports: Path) -> None:
    path = kept_reports / f"recognition_{numbers}.json"
    edit(path, lambda data: data["models"].update({network.name: "0" * 64}))
    (sentence,) = failed(verify.reports()).values()
    assert sentence.startswith(f"{path}: measured with another {network.name} than the pinned one")
    edit(path, lambda data: data["models"].pop(network.name))
    assert len(failed(verify.reports())) == 1


@needs_what_the_cards_tell_of
def test_a_report_of_other_network_files_fails_the_cards_too(
    model_cache: Path, cards: Path, kept_reports: Path
) -> None:
    for path in sorted(kept_reports.glob("*.json")):
        whole = path.read_bytes()
        edit(path, lambda data: data["models"].update(pad="0" * 64))
        (sentence,) = failed(verify.cards(model_cache)).values()
        assert sentence.startswith(f"{path}: measured with another pad ")
        path.write_bytes(whole)


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"format": "another"}'])
def test_a_report_that_is_missing_or_none_is_a_line_and_not_an_exception(
    content: bytes | None, kept_reports: Path
) -> None:
    path = kept_reports / "recognition_float.json"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    (sentence,) = failed(verify.reports()).values()
    assert sentence.startswith(f"{path}: not a report")


def test_a_report_with_a_figure_that_is_none_is_a_line_and_not_an_exception(kept_reports: Path) -> None:
    for which in (listed, everyone):
        edit(
            kept_reports / "recognition_int8.json", lambda data, at=which: at(data).update(value=float("nan"))
        )
        (sentence,) = failed(verify.reports()).values()
        assert sentence.startswith(f"{kept_reports}/recognition_int8.json: not a report")


def test_a_report_of_another_trial_in_its_place_is_a_line_and_not_an_exception(kept_reports: Path) -> None:
    shutil.copy(kept_reports / "attacks_int8.json", kept_reports / "recognition_int8.json")
    (sentence,) = failed(verify.reports()).values()
    assert sentence.startswith(f"{kept_reports}/recognition_int8.json: there is nothing of recognition in it")
