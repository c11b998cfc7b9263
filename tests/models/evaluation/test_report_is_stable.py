import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelsMissing
from models.evaluation.attacks import Presentation, evaluate_attacks
from models.evaluation.groups import worsened
from models.evaluation.report import Report, as_json, evaluate_pairs, from_json
from models.evaluation.tables import Pair
from models.evaluation.terminal import as_text
from tests.models.evaluation.made_faces import acquired_of, crowd

SOURCE = Path("evaluation.json")


def made() -> Report:
    acquired, persons = crowd(31, [4] * 30 + [1] * 20, scatter=0.1, failed=3)
    acquired = acquired_of(acquired.names, acquired.embeddings, acquired.names[:3], acquired.names[3:8])
    people = [f"p{i:03d}" for i in range(30)]
    pairs = [Pair(str(i % 3), True, f"{p}_0000.jpg", f"{p}_0001.jpg") for i, p in enumerate(people)]
    pairs += [
        Pair(str(i % 3), False, f"{p}_0000.jpg", f"{q}_0001.jpg") for i, (p, q) in enumerate(pairwise(people))
    ]
    groups = {
        name: "left" if code < 25 else "right"
        for name, code in zip(acquired.names, persons.codes, strict=True)
    }
    attacks = [Presentation(f, f"{i}.jpg", i / 25) for f in ("live", "print") for i in range(25)]
    recognition = evaluate_pairs(acquired, pairs, threshold=0.49, identification=True, groups=groups)
    return Report({"embedder": "ab" * 32, "runtime": "test 1"}, recognition, evaluate_attacks(attacks, 0.5))


REPORT = made()


def test_the_json_is_plain_and_the_same_every_time() -> None:
    once = json.dumps(as_json(REPORT), allow_nan=False)
    assert once == json.dumps(as_json(made()), allow_nan=False)


def test_the_json_has_the_keys_that_others_read() -> None:
    found = as_json(REPORT)
    assert found["format"] == "hallward-evaluation/1"
    recognition = found["recognition"]
    assert recognition["counts"] == {
        "photographs": 140,
        "persons": 50,
        "persons_by": "file_names",
        "pairs": 59,
        "failures_to_acquire": 3,
        "quality_refusals": 5,
        "quality_refusals_by_fault": {"blurred": 5},
    }
    for block in ("verification", "with_quality_limits"):
        listed, everyone = recognition[block]["listed"], recognition[block]["all_vs_all"]
        assert set(listed["accuracy"]) == {"value", "interval"}
        assert len(listed["accuracy"]["interval"]) == 2
        assert listed["tar"][0] == {"far": 0.01, "needs": 1000, "tar": None, "threshold": None}
        assert everyone["tar"][0]["tar"]["value"] > 0.5
    assert [(c["enrolled"], c["probes"]) for c in recognition["identification"]] == [
        (1, 1),
        (3, 1),
        (1, 3),
        (3, 3),
    ]
    assert [group["group"] for group in recognition["groups"]] == ["left", "right"]
    assert found["attacks"]["worst"]["name"] == "print"


def test_no_photograph_and_no_person_is_named() -> None:
    for text in (json.dumps(as_json(REPORT)), as_text(REPORT)):
        assert ".jpg" not in text
        assert "p000" not in text


def test_what_is_stored_is_what_a_candidate_is_held_against() -> None:
    baseline = from_json(json.loads(json.dumps(as_json(REPORT))), SOURCE)
    assert REPORT.recognition is not None
    assert REPORT.recognition.groups is not None
    assert baseline.threshold == 0.49
    assert baseline.models == REPORT.models
    assert baseline.accuracy is not None
    assert baseline.tar is None  # 9,560 impostor pairs: not enough for one in a thousand
    assert worsened(REPORT.recognition.groups, baseline.groups) == []
    odd = replace(REPORT.recognition.groups[0], group="other")
    assert len(worsened([odd, REPORT.recognition.groups[1]], baseline.groups)) == 2


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"format": "hallward-evaluation/2"}, {"format": "hallward-evaluation/1", "models": {}}],
)
def test_anything_else_is_refused_by_name(data: object) -> None:
    with pytest.raises(ModelsMissing, match=r"evaluation\.json: "):
        from_json(data, SOURCE)


def test_a_damaged_report_is_refused_by_name() -> None:
    data = as_json(REPORT)
    data["recognition"]["groups"][0]["fmr"] = {"value": 0.5}
    with pytest.raises(ModelsMissing, match=r"evaluation\.json: a damaged report"):
        from_json(data, SOURCE)


def test_a_person_reads_what_the_sample_does_not_permit() -> None:
    text = as_text(REPORT)
    assert "n/a (needs 1,000 impostor pairs)" in text
    assert "n/a (needs 334 strangers)" in text
    assert "failures to acquire   3 (2.14 %)" in text
    assert "5 blurred" in text
    assert not any(line != line.rstrip() for line in text.splitlines())


def test_attacks_alone_are_a_report_too() -> None:
    alone = Report(REPORT.models, attacks=REPORT.attacks)
    assert as_json(alone)["recognition"] is None
    assert "APCER" in as_text(alone)
    with pytest.raises(ModelsMissing, match="one without pairs"):
        from_json(as_json(alone), SOURCE)


def test_names_that_tell_nobody_apart_cannot_be_identified_or_grouped() -> None:
    rows = np.eye(3, 128, dtype=np.float32)
    pairs = [Pair("1", True, "u.jpg", "v.jpg"), Pair("2", False, "v.jpg", "w.jpg")]
    acquired = acquired_of(["u.jpg", "v.jpg", "w.jpg"], rows)
    plain = evaluate_pairs(acquired, pairs, threshold=0.5)
    assert plain.counts.persons_by == "pair_labels"
    assert "all against all: n/a" in as_text(Report({}, plain))
    with pytest.raises(ModelsMissing, match="file names"):
        evaluate_pairs(acquired, pairs, threshold=0.5, identification=True)
    with pytest.raises(ModelsMissing, match="file names"):
        evaluate_pairs(acquired, pairs, threshold=0.5, groups=dict.fromkeys(acquired.names, "x"))
