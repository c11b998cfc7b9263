"""Which choices a ballot can hold, as linear relations over its options, and how that is proved (SPEC §4).

A shape that exists is sound: whatever cannot be voted on is refused when it is made, in words for the
counting board. `proofs` is what prover and verifier walk along together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from ballot.errors import BadShape
from ballot.shape_words import WHY
from wire import cbor
from wire.board import BODY_BYTES_MAX, SEQ_MAX
from wire.ids import VOTER_BYTES, is_name
from wire.voting import OPTIONS_MAX

LINEAR: Final = 0
"""A relation proved by one branch per value from lo to hi."""
BITS: Final = 1
"""A relation proved by further ciphertexts, which hold what is above lo in binary weights."""
LINEAR_RANGE_MAX: Final = 15
RANGE_MAX: Final = 400
BLANK: Final = "blank"
CIPHERTEXT_BYTES: Final = 64

Terms: TypeAlias = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """lo ≤ Σ weight·choice ≤ hi, over terms of (option index, weight), ascending by index."""

    terms: Terms
    lo: int
    hi: int
    mode: int

    @property
    def bits(self) -> tuple[int, ...]:
        """The weights of its further ciphertexts."""
        return weights(self.hi - self.lo) if self.mode == BITS else ()

    def total(self, choices: Sequence[int]) -> int:
        return sum(weight * choices[option] for option, weight in self.terms)


@dataclass(frozen=True, slots=True)
class Proof:
    """That the sum of weight·plaintext over terms of (ciphertext index, weight) is one of `values`."""

    terms: Terms
    values: tuple[int, ...]

    @property
    def length(self) -> int:
        """Of its bytes: a response for each branch, a challenge for each but the last."""
        return 32 * (2 * len(self.values) - 1)


@dataclass(frozen=True, slots=True)
class Shape:
    """proofs: first one for each ciphertext, then one for each relation. Raises BadShape, in words."""

    options: tuple[str, ...]
    relations: tuple[Relation, ...]
    proofs: tuple[Proof, ...] = field(init=False, repr=False, compare=False)
    body_bytes: int = field(init=False, repr=False, compare=False)
    """The most that a body has. Its length depends on generation and seq alone, never on the choices."""

    def __post_init__(self) -> None:
        _check_options(self.options)
        for number, relation in enumerate(self.relations, 1):
            _check_relation(number, relation, self.options)
        covered = {option for relation in self.relations for option, _ in relation.terms}
        for index, option in enumerate(self.options):
            if index not in covered:
                raise refused("not-covered", option=option)
        object.__setattr__(self, "proofs", tuple(_proofs(self)))
        object.__setattr__(self, "body_bytes", _body_bytes(self))
        if self.body_bytes > BODY_BYTES_MAX:
            raise refused("too-long", bytes=self.body_bytes, most=BODY_BYTES_MAX)

    @property
    def ciphertexts(self) -> int:
        """How many a ballot has: the options, then the bits of each relation of mode BITS."""
        return len(self.proofs) - len(self.relations)

    def encoded(self) -> list[Any]:
        relations = [
            [[list(term) for term in relation.terms], relation.lo, relation.hi, relation.mode]
            for relation in self.relations
        ]
        return [list(self.options), relations]

    def allows(self, choices: Sequence[int]) -> bool:
        """Whether these are one 0 or 1 per option, within every relation."""
        if len(choices) != len(self.options) or any(type(c) is not int or c not in (0, 1) for c in choices):
            return False
        return all(relation.lo <= relation.total(choices) <= relation.hi for relation in self.relations)

    def plaintexts(self, choices: Sequence[int]) -> bytearray:
        """The bit in every ciphertext, for choices that are allowed."""
        plain = bytearray(choices)
        for relation in self.relations:
            left = relation.total(choices) - relation.lo
            for weight in relation.bits:
                bit = int(left >= weight)
                plain.append(bit)
                left -= weight * bit
        return plain


def one_of(options: Sequence[str]) -> Shape:
    """Exactly one: yes, no, abstain."""
    terms = tuple((index, 1) for index in range(len(options)))
    return Shape(tuple(options), (Relation(terms, 1, 1, LINEAR),))


def at_most(k: int, options: Sequence[str], lo: int = 1) -> Shape:
    """From lo to k of the options, or none of them and the option `blank`, which is added behind them."""
    if not options:
        raise refused("no-options")
    if not 1 <= k <= len(options):
        raise refused("k", k=k, n=len(options))
    if not 1 <= lo <= k:
        raise refused("lo", lo=lo, k=k)
    # A blank that weighs k leaves room for nothing else, and with lo ≥ 1 an empty ballot must choose it: one
    # relation says both.
    terms = (*((index, 1) for index in range(len(options))), (len(options), k))
    mode = LINEAR if k - lo <= LINEAR_RANGE_MAX else BITS
    return Shape((*options, BLANK), (Relation(terms, lo, k, mode),))


def each_of(persons: Sequence[str]) -> Shape:
    """For each person: for, against, or neither."""
    if not persons:
        raise refused("no-options")
    options = tuple(f"{person}-{side}" for person in persons for side in ("for", "against"))
    relations = tuple(
        Relation(((2 * place, 1), (2 * place + 1, 1)), 0, 1, LINEAR) for place in range(len(persons))
    )
    return Shape(options, relations)


def parse_shape(value: Any) -> Shape:
    """The shape that `encoded` wrote. Raises BadShape for anything else, whatever it is."""
    options, relations = _array(value, 2)
    return Shape(
        tuple(_name(option) for option in _array(options)),
        tuple(_relation(relation) for relation in _array(relations)),
    )


def weights(most: int) -> tuple[int, ...]:
    """Of bits whose sums are exactly 0 to `most`."""
    found = []
    while most:
        found.append((most + 1) // 2)
        most //= 2
    return tuple(found)


def refused(why: str, **numbers: int | str) -> BadShape:
    vi, en = WHY[why]
    return BadShape(why, vi.format(**numbers), en.format(**numbers))


def _check_options(options: tuple[str, ...]) -> None:
    if not options:
        raise refused("no-options")
    if len(options) > OPTIONS_MAX:
        raise refused("too-many", n=len(options), most=OPTIONS_MAX)
    for option in options:
        if not is_name(option):
            raise refused("name", option=option)
    if len(set(options)) != len(options):
        twice = next(option for option in options if options.count(option) > 1)
        raise refused("twice", option=twice)


def _check_relation(number: int, relation: Relation, options: tuple[str, ...]) -> None:
    named = [index for index, _ in relation.terms]
    if not named or named != sorted(set(named)) or not 0 <= named[0] <= named[-1] < len(options):
        raise refused("terms", relation=number)
    if any(weight < 1 for _, weight in relation.terms):
        raise refused("weight", relation=number)
    lo, hi, most = relation.lo, relation.hi, sum(weight for _, weight in relation.terms)
    if not 0 <= lo <= hi <= most:
        raise refused("bounds", relation=number, lo=lo, hi=hi, most=most)
    if hi - lo > RANGE_MAX:
        raise refused("range", relation=number, most=RANGE_MAX)
    if relation.mode not in (LINEAR, BITS):
        raise refused("mode", relation=number)
    if relation.mode == LINEAR and hi - lo > LINEAR_RANGE_MAX:
        raise refused("linear", relation=number, most=LINEAR_RANGE_MAX)
    if relation.mode == BITS and hi == lo:
        raise refused("bits", relation=number)
    if BLANK in (options[index] for index in named) and not _is_blank_alone(relation, options):
        raise refused("blank", relation=number, hi=hi)


def _is_blank_alone(relation: Relation, options: tuple[str, ...]) -> bool:
    """Whether a blank leaves room for nothing else, and nothing at all is not allowed beside it."""
    due = (relation.hi if options[index] == BLANK else 1 for index, _ in relation.terms)
    return relation.lo >= 1 and all(weight == it for (_, weight), it in zip(relation.terms, due, strict=True))


def _proofs(shape: Shape) -> Iterator[Proof]:
    count = len(shape.options) + sum(len(relation.bits) for relation in shape.relations)
    for index in range(count):
        yield Proof(((index, 1),), (0, 1))
    bit = len(shape.options)
    for relation in shape.relations:
        if relation.mode == LINEAR:
            yield Proof(relation.terms, tuple(range(relation.lo, relation.hi + 1)))
            continue
        above = tuple((bit + place, -weight) for place, weight in enumerate(relation.bits))
        yield Proof(relation.terms + above, (relation.lo,))
        bit += len(above)


def _body_bytes(shape: Shape) -> int:
    ciphertexts = [bytes(CIPHERTEXT_BYTES)] * shape.ciphertexts
    proofs = [bytes(proof.length) for proof in shape.proofs]
    return len(cbor.encode([1, bytes(VOTER_BYTES), SEQ_MAX, SEQ_MAX, ciphertexts, bytes(32), proofs]))


def _array(value: Any, length: int | None = None) -> list[Any]:
    if type(value) is not list or (length is not None and len(value) != length):
        raise refused("not-a-shape")
    return value


def _integer(value: Any) -> int:
    if type(value) is not int:
        raise refused("not-a-shape")
    return value


def _name(value: Any) -> str:
    if type(value) is not str:
        raise refused("not-a-shape")
    return value


def _relation(value: Any) -> Relation:
    terms, lo, hi, mode = _array(value, 4)
    pairs = [_array(term, 2) for term in _array(terms)]
    return Relation(
        tuple((_integer(option), _integer(weight)) for option, weight in pairs),
        _integer(lo),
        _integer(hi),
        _integer(mode),
    )
