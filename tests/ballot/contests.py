"""Contests to vote in: an election key whose secret is known, shapes of every kind, a group that counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from ballot.adapters.libsodium import Libsodium
from ballot.context import Context
from ballot.errors import BadShape
from ballot.group import ORDER
from ballot.hashing import h32, hs
from ballot.prove import Prover
from ballot.shape import BITS, LINEAR, Relation, Shape, at_most, each_of, one_of
from ballot.verify import Accepted, Refused, check_body
from wire.ids import ContestId

GROUP = Libsodium()
SECRET = hs("tests", "election key")
KEY = GROUP.base(SECRET)
VOTER, SESSION, SEED = h32("tests", "voter")[:16], h32("tests", "session"), h32("tests", "seed")
MANIFEST, CONTEST = h32("tests", "manifest"), ContestId(h32("tests", "contest")[:16])
THREE = one_of(["yes", "no", "abstain"])


def candidates(number: int) -> list[str]:
    return [f"c{one}" for one in range(1, number + 1)]


def as_bits(shape: Shape) -> Shape:
    """The same relations, proved in bits."""
    return Shape(shape.options, tuple(Relation(r.terms, r.lo, r.hi, BITS) for r in shape.relations))


KINDS = {
    "three": THREE,
    "linear": at_most(2, candidates(4)),
    "bits": as_bits(at_most(3, candidates(4))),
    "each": each_of(["c1", "c2"]),
}


@dataclass(frozen=True)
class Poll:
    """One voter in one contest; everything can be another's."""

    shape: Shape = THREE
    voter: bytes = VOTER
    generation: int = 0
    session: bytes = SESSION
    seq: int = 1
    manifest: bytes = MANIFEST
    contest: ContestId = CONTEST
    key: bytes = KEY
    seed: bytes = SEED

    @property
    def context(self) -> Context:
        return Context(self.manifest, self.contest, self.shape, self.key)

    def body(self, choices: Sequence[int], group: Any = GROUP) -> bytes:
        prover = Prover(group, self.context)
        return prover.body(self.voter, self.generation, self.session, self.seq, self.seed, choices)

    def verdict(self, body: bytes, group: Any = GROUP) -> Accepted | Refused:
        return check_body(group, self.context, self.voter, self.generation, self.session, self.seq, body)


def plaintexts(ciphertexts: Sequence[bytes], most: int = 1) -> list[int]:
    """What they hold, by the secret that no process of an election has."""
    shown = {GROUP.base(number): number for number in range(most + 1)}
    return [shown[GROUP.sub(pair[32:], GROUP.mul(SECRET, pair[:32]))] for pair in ciphertexts]


class CountingGroup:
    """libsodium, which notes what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        function = getattr(GROUP, name)

        def noted(*given: Any) -> Any:
            self.asked.append(name)
            return function(*given)

        return noted


@st.composite
def shapes_with_choices(draw: st.DrawFn) -> tuple[Shape, tuple[int, ...]]:
    """Any shape of up to six options and three relations, and choices that it allows."""
    count = draw(st.integers(1, 6))
    choices = tuple(draw(st.lists(st.integers(0, 1), min_size=count, max_size=count)))
    indices = list(range(count))
    places = [draw(st.sets(st.sampled_from(indices), min_size=1)) for _ in range(draw(st.integers(0, 2)))]
    left = set(indices) - set().union(*places)
    relations = [draw(_relation_over(sorted(place), choices)) for place in (*places, left) if place]
    try:
        return Shape(tuple(candidates(count)), tuple(relations)), choices
    except BadShape as err:  # nothing that is drawn above may be refused
        raise AssertionError(err.en) from err


@st.composite
def _relation_over(draw: st.DrawFn, places: list[int], choices: Sequence[int]) -> Relation:
    terms = tuple((place, draw(st.integers(1, 5))) for place in places)
    total = sum(weight * choices[place] for place, weight in terms)
    most = sum(weight for _, weight in terms)
    lo = draw(st.integers(max(0, total - 8), total))
    hi = draw(st.integers(total, min(most, lo + 15)))
    return Relation(terms, lo, hi, draw(st.sampled_from([LINEAR, BITS])) if hi > lo else LINEAR)


def scalars() -> st.SearchStrategy[int]:
    return st.one_of(st.integers(0, 3), st.integers(ORDER - 3, ORDER + 3), st.integers(0, 2**256))
