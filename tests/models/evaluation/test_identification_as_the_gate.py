import numpy as np
import pytest

from edge.rollcall_gate.eyes.embed import fuse
from edge.rollcall_gate.frames import EmbedderId, Embedding, Floats
from edge.rollcall_gate.who.compare import compare
from edge.rollcall_gate.who.gallery import Gallery, Reference
from models.evaluation.acquire import Acquired
from models.evaluation.identification import FPIRS, SEARCHES_MAX, SIZES, Plan, identify, needed, plan, search
from models.evaluation.persons import Codes, Persons
from tests.models.evaluation.made_faces import crowd
from wire.ids import MemberRef

HERE = EmbedderId(bytes(32), "test 1")
PHOTOGRAPHS = [1] * 30 + [2] * 12 + [3] * 8 + [4] * 6 + [7] * 8 + [40]


def at_the_gate(acquired: Acquired, one: Plan) -> tuple[list[float], list[float]]:
    """The same searches with the gate's own gallery, one at a time."""

    def faces(photographs: Codes) -> list[Embedding]:
        return [Embedding(acquired.embeddings[i], HERE) for i in photographs if acquired.acquired[i]]

    def member(person: int) -> MemberRef:
        return MemberRef(person.to_bytes(16, "big"))

    gallery = Gallery.of(HERE, [Reference(member(p), f) for p, g in one.gallery.items() for f in faces(g)])
    mated, strangers = [], []
    for person, group in one.mated:
        best = compare(fuse(faces(group)), gallery).best if faces(group) else None
        mated.append(best.score if best and best.member == member(person) else -np.inf)
    for _, group in one.strangers:
        best = compare(fuse(faces(group)), gallery).best if faces(group) else None
        strangers.append(best.score if best else -np.inf)
    return mated, strangers


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("failed", [0, 25])
def test_every_search_scores_what_the_gate_would(size: tuple[int, int], failed: int) -> None:
    acquired, persons = crowd(11, PHOTOGRAPHS, scatter=0.15, failed=failed)
    one = plan(persons, *size, seed=0)
    found = search(acquired, one)
    mated, strangers = at_the_gate(acquired, one)
    assert found.mated == pytest.approx(mated, abs=1e-6)
    assert found.strangers == pytest.approx(strangers, abs=1e-6)


@pytest.mark.parametrize("size", SIZES)
def test_nobody_is_member_and_stranger_and_no_photograph_is_used_twice(size: tuple[int, int]) -> None:
    _, persons = crowd(11, PHOTOGRAPHS)
    for seed in range(3):
        one = plan(persons, *size, seed=seed)
        searched = one.mated + one.strangers
        assert not one.gallery.keys() & {person for person, _ in one.strangers}
        assert one.gallery.keys() == {person for person, _ in one.mated}
        used = np.concatenate([*one.gallery.values(), *(group for _, group in searched)])
        assert np.unique(used).size == used.size
        for person, group in [*one.gallery.items(), *searched]:
            assert (persons.codes[group] == person).all()
        assert {len(group) for group in one.gallery.values()} == {size[0]}
        assert {len(group) for _, group in searched} == {size[1]}
        people = [person for person, _ in searched]
        assert max(people.count(person) for person in people) <= SEARCHES_MAX


def test_members_become_strangers_where_strangers_are_few() -> None:
    _, persons = crowd(11, [6] * 20 + [1] * 50)
    one = plan(persons, 3, 3, seed=0)  # whoever has a single photograph cannot be searched for with three
    assert len(one.gallery) == 10
    assert len({person for person, _ in one.strangers}) == 10
    assert len(plan(persons, 1, 1, seed=0).gallery) == 20


def test_rates_are_those_counted_by_hand() -> None:
    acquired, persons = crowd(12, PHOTOGRAPHS, scatter=0.2, failed=12)
    threshold = 0.3
    for cell, size in zip(identify(acquired, persons, threshold, draws=3), SIZES, strict=True):
        scores = [at_the_gate(acquired, plan(persons, *size, seed=seed)) for seed in range(3)]
        assert (cell.enrolled, cell.probes) == size
        assert cell.rank1 is not None
        assert cell.fnir is not None
        assert cell.fpir is not None
        assert cell.rank1.value == pytest.approx(np.mean([np.mean(np.array(m) > -np.inf) for m, _ in scores]))
        assert cell.fnir.value == pytest.approx(
            np.mean([np.mean(np.array(m) < threshold) for m, _ in scores])
        )
        assert cell.fpir.value == pytest.approx(
            np.mean([np.mean(np.array(s) >= threshold) for _, s in scores])
        )
        for one in cell.at:
            if min(len(s) for _, s in scores) < needed(one.fpir):
                assert one.fnir is None
                continue
            by_hand = []
            for mated, strangers in scores:
                bar = sorted(strangers, reverse=True)[int(one.fpir * len(strangers) + 1e-9)]
                by_hand.append(np.mean(np.array(mated) <= bar))
            assert one.fnir is not None
            assert one.fnir.value == pytest.approx(np.mean(by_hand))
            assert one.fnir.low <= one.fnir.value <= one.fnir.high


def test_a_rate_needs_one_stranger_who_may_pass() -> None:
    assert [needed(fpir) for fpir in FPIRS] == [10, 100, 334]


def test_a_member_whose_references_all_failed_is_missed() -> None:
    acquired, persons = crowd(13, [2, 2, 1, 1])
    one = plan(persons, 1, 1, seed=0)
    person, group = next(iter(one.gallery.items()))
    got = acquired.acquired.copy()
    got[group] = False
    found = search(Acquired(acquired.names, acquired.embeddings, got, acquired.faults), one)
    assert found.mated[found.mated_person == person].tolist() == [-np.inf]
    assert (found.mated[found.mated_person != person] > 0).all()


def test_another_fusion_can_be_tried() -> None:
    acquired, persons = crowd(14, PHOTOGRAPHS)
    sizes: set[int] = set()

    def first(rows: Floats) -> Floats:
        sizes.add(len(rows))
        first_row: Floats = rows[0]
        return first_row

    cells = identify(acquired, persons, 0.3, fusion=first, draws=1)
    assert sizes == {1, 3}
    assert cells[3].fnir is not None


@pytest.mark.parametrize("photographs", [[1, 1, 1], [2, 1], [3, 3], [1] * 400])
def test_too_few_photographs_are_no_crash(photographs: list[int]) -> None:
    acquired, persons = crowd(15, photographs)
    cells = identify(acquired, persons, 0.3)
    assert cells[3].gallery == 0
    assert (cells[3].rank1, cells[3].fpir, cells[3].fnir) == (None, None, None)
    assert all(one.fnir is None for cell in cells for one in cell.at)


def test_the_same_photographs_give_the_same_report() -> None:
    acquired, persons = crowd(16, PHOTOGRAPHS, scatter=0.2)
    assert identify(acquired, persons, 0.3) == identify(acquired, Persons(persons.codes, persons.count), 0.3)
