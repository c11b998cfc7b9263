"""The queue counts what happens before the gate: who got in, by which way, how fast, who should not have."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bench.errors import BenchError
from bench.queue_cast import MIX, SHOWN_FROM, Collection, Comer, Kind, Way, portraits, printed, queue
from bench.queue_lane import FRAME_MS, GIVE_UP_MS, KEY_MS, STEP_UP_MS, USHER_MS, WALK_MS, Tried, Visit
from bench.queue_of_people import Plan, measure, rows_of, share_at_most
from edge.rollcall_gate.trial.replay import member_of
from edge.rollcall_gate.who.decide import DEFAULT, Admitted, AttackSuspected, Decision, NoMatch
from tests.models.gate_models import ready_cache

ANN, BOB = member_of("ann"), member_of("bob")


def told(visits: list[Visit]) -> dict[str, float]:
    rows = list(rows_of(visits, "q"))
    found = {row.name.removeprefix("q: "): row.value for row in rows}
    assert len(found) == len(rows), "two rows of one name"
    return found


def visit(kind: Kind, *tried: Tried, name: str = "ann", lasted_ms: float = 3_000) -> Visit:
    return Visit(Comer(kind, name), tried, lasted_ms)


def by_face(decision: Decision | None, took_ms: float = 200, *, challenged: bool = False) -> Tried:
    return Tried("face", decision, took_ms, challenged)


IN_BY_FACE = Admitted(ANN, "face", 0.8)


def test_percentiles_are_of_each_way_in_by_itself_and_leave_out_who_gave_up() -> None:
    visits = [visit(Kind.DELEGATE, by_face(IN_BY_FACE, ms)) for ms in range(10, 1_010, 10)]
    visits += [visit(Kind.DELEGATE, by_face(None, 8_000), Tried("badge", Admitted(ANN, "badge", None), 40))]
    visits += [visit(Kind.STRANGER, by_face(NoMatch(0.1), 9_999))]
    found = told(visits)
    assert found["time to decision by face, admitted, of 100, p50"] == 500
    assert found["time to decision by face, admitted, of 100, p95"] == 950
    assert found["time to decision by face, of 101, p95"] == 960
    assert found["time to decision by badge, of 1, p50"] == 40
    assert not any("by pin" in name or "by usher" in name for name in found)


def test_people_a_minute_count_everybody_and_each_way_by_itself() -> None:
    found = told(
        [
            visit(Kind.DELEGATE, by_face(IN_BY_FACE), lasted_ms=2_000),
            visit(Kind.BADGE, Tried("badge", Admitted(ANN, "badge", None), 30), lasted_ms=4_000),
            visit(Kind.STRANGER, by_face(NoMatch(0.1)), lasted_ms=6_000),
        ]
    )
    assert found["people a minute, all 3"] == 15
    assert found["people a minute, 1 admitted by face"] == 30
    assert found["people a minute, 1 admitted by badge"] == 15


def test_each_wrong_admit_is_counted_by_who_it_was() -> None:
    found = told(
        [
            visit(Kind.STRANGER, by_face(IN_BY_FACE)),
            visit(Kind.STRANGER, by_face(NoMatch(0.1))),
            visit(Kind.PRINT, by_face(AttackSuspected())),
            visit(Kind.USHER, by_face(IN_BY_FACE)),
            visit(Kind.DELEGATE, by_face(Admitted(BOB, "face", 0.6))),
            visit(Kind.FILMED, by_face(IN_BY_FACE)),
        ]
    )
    assert found["wrong admits: strangers, of 2"] == 1
    assert found["wrong admits: strangers, share seen"] == 50
    assert found["wrong admits: prints, of 1"] == 0
    assert found["wrong admits: people not enrolled, of 1"] == 1
    assert found["wrong admits: delegates taken for another, of 1"] == 1
    assert found["wrong admits: delegates on webcam films taken for another, of 1"] == 0


def test_a_wrong_refusal_is_one_whether_suspected_asked_or_never_decided() -> None:
    badge, usher = Admitted(ANN, "badge", None), Admitted(ANN, "usher", None)
    found = told(
        [
            visit(Kind.DELEGATE, by_face(IN_BY_FACE)),
            visit(Kind.DELEGATE, by_face(AttackSuspected(), challenged=True), Tried("badge", badge, 30)),
            visit(Kind.DELEGATE, by_face(None), Tried("usher", usher, 1)),
            visit(Kind.DELEGATE, by_face(NoMatch(0.2)), Tried("pin", None, 30)),
        ]
    )
    assert found["wrong refusals: delegates not taken by face, of 4"] == 3
    assert found["wrong refusals: delegates, AttackSuspected after a challenge"] == 1
    assert found["wrong refusals: delegates, nothing decided"] == 1
    assert found["wrong refusals: delegates let in by badge, PIN, usher, of 3"] == 2
    asked = [value for name, value in found.items() if name.startswith("PAD in doubt: delegates")]
    assert asked == [25]


def test_none_seen_of_so_many_is_bounded_by_the_rule_of_three() -> None:
    assert share_at_most(0, 300) == 1
    assert share_at_most(0, 2) == 100
    assert share_at_most(2, 100) == 2


def some(name: str, count: int) -> tuple[Path, ...]:
    return tuple(Path(f"{name}_{number}.jpg") for number in range(count))


COLLECTION = Collection(
    "made up",
    {"ann": some("ann", 2), "bob": some("bob", 2)},
    {"ann": some("ann-here", 2), "bob": some("bob-here", 2)},
    (("ann", some("film", 6)),),
    (some("who", 1),),
    (("bob", some("print", 6)),),
    emulated=False,
)


def test_the_queue_has_the_stated_mix_and_nobody_comes_twice_in_a_row() -> None:
    comers = queue(COLLECTION, 100, np.random.default_rng(1))
    kinds = [comer.kind for comer in comers]
    assert {kind: kinds.count(kind) for kind in Kind} == {kind: round(100 * MIX[kind]) for kind in Kind}
    delegates = [(a.name, b.name) for a, b in pairwise(comers) if b.kind is Kind.DELEGATE]
    assert all(one != other for one, other in delegates)
    assert comers == queue(COLLECTION, 100, np.random.default_rng(1))
    assert comers != queue(COLLECTION, 100, np.random.default_rng(2))


def test_without_films_more_come_by_photographs() -> None:
    comers = queue(replace(COLLECTION, filmed=()), 100, np.random.default_rng(1))
    assert sum(comer.kind is Kind.DELEGATE for comer in comers) == 55


@pytest.mark.parametrize("missing", [{"shown": {}}, {"strangers": ()}, {"prints": ()}])
def test_a_collection_without_one_of_them_makes_no_queue(missing: dict[str, object]) -> None:
    with pytest.raises(BenchError):
        queue(replace(COLLECTION, **missing), 10, np.random.default_rng(1))


def test_nobody_is_shown_by_the_photographs_they_were_enrolled_with(tmp_path: Path) -> None:
    images, live, prints = tmp_path / "images", tmp_path / "webcam" / "live", tmp_path / "webcam" / "print"
    for folder in (images, live, prints):
        folder.mkdir(parents=True)
    for name, count in {"A_B": SHOWN_FROM, "C_D": 9, "E_F": 2, "G_H": 1}.items():
        for number in range(1, count + 1):
            (images / f"{name}_{number:04}.jpg").touch()
    for take in (1, 2):
        for frame in range(0, 200, 20):
            (live / f"0001_0001_00_00_{take:02}_{frame}.jpg").touch()
    for client in (1, 8):
        (prints / f"{client:04}_{client:04}_00_00_01_0.jpg").touch()
    found = portraits(images, tmp_path / "webcam")
    assert {name: len(those) for name, those in found.enrolled.items()} == {
        "A_B": 2,
        "C_D": 3,
        "E_F": 2,
        "0001": 3,
    }
    assert {name: len(those) for name, those in found.shown.items()} == {"A_B": 2, "C_D": 6}
    assert [[path.stem for path in those] for those in found.strangers] == [["G_H_0001"]]
    assert [name for name, _ in found.prints] == ["0001"], "of client 8 nobody is enrolled"
    assert all(path.stem.startswith("0001_0001_00_00_02") for _, take in found.filmed for path in take)
    given = {path for those in found.enrolled.values() for path in those}
    seen = {path for those in found.shown.values() for path in those}
    assert not given & (seen | {path for _, take in found.filmed for path in take})


def test_an_emulated_print_is_paler_and_softer_than_the_photograph() -> None:
    photograph = np.random.default_rng(1).integers(0, 256, (120, 90, 3), np.uint8)
    paper = printed(photograph)
    inner, before = paper[10:-10, 10:-10], photograph[10:-10, 10:-10]
    assert paper.shape == photograph.shape
    assert inner.std() < before.std() / 2
    assert inner.min() > before.min()


def ways(visits: dict[str, float]) -> set[Way | str]:
    return {name.split(" by ")[1].split(",")[0] for name in visits if name.startswith("time to decision")}


@pytest.fixture(scope="module")
def quick() -> dict[str, float]:
    rows = measure(Plan(people=14), ready_cache())
    return {row.name.partition("): ")[2]: row.value for row in rows}


@pytest.mark.slow
def test_a_queue_goes_through_a_whole_gate_by_every_way(quick: dict[str, float]) -> None:
    assert ways(quick) == {"face", "badge", "pin", "usher"}
    assert quick["wrong admits: strangers, of 2"] == 0
    taken = next(name for name in quick if name.endswith("admitted by face"))
    fastest_ms = STEP_UP_MS + 2 * FRAME_MS + WALK_MS
    slowest_ms = STEP_UP_MS + DEFAULT.decide_within_ms + 2 * WALK_MS
    assert 60_000 / slowest_ms < quick[taken] < 60_000 / fastest_ms
    by_pin = next(value for name, value in quick.items() if name.endswith("admitted by pin"))
    assert by_pin < 60_000 / (STEP_UP_MS + 8 * KEY_MS + WALK_MS)
    by_usher = next(value for name, value in quick.items() if name.endswith("admitted by usher"))
    assert by_usher < 60_000 / (STEP_UP_MS + USHER_MS + WALK_MS)
    assert all(value < GIVE_UP_MS for name, value in quick.items() if name.startswith("time to"))


@pytest.mark.slow
def test_a_wrong_admit_is_counted() -> None:
    """Where any likeness is a match, the nearest one enrolled is whoever comes."""
    rows = measure(Plan(people=14, thresholds=replace(DEFAULT, match_min=-1, margin_min=0)), ready_cache())
    found = {row.name.partition("): ")[2]: row.value for row in rows}
    assert found["wrong admits: strangers, of 2"] > 0
