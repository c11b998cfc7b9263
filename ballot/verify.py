"""Whether bytes are a ballot that may be counted (SPEC §5.1): for the fleet, trustees and audits.

Total: any bytes end in a verdict with its reason. The order, so that nothing is used before it is known to
be what it should be: (1) length and decoding, (2) types, and sizes as the context derives them, (3) whose
ballot, (4) scalars below the order, (5) points, (6) arithmetic and the challenge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

from ballot.context import Context
from ballot.errors import BadBallot
from ballot.group import BASE, ORDER, POINT_BYTES, Group, Point, Scalar, is_usable, scalar_of
from ballot.proofs import PROOF_SCALAR_BYTES, VERSION, Place, challenge_of, combined
from ballot.shape import CIPHERTEXT_BYTES, Shape
from wire import cbor
from wire.board import SEQ_MAX
from wire.errors import RecordRejected
from wire.ids import VOTER_BYTES

BAD_BODY: Final = "bad-body"
BAD_PROOF: Final = "bad-proof"


@dataclass(frozen=True, slots=True)
class Accepted:
    """ciphertexts: of the options alone, α ‖ β each, in their order; what is added up."""

    ciphertexts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """code: bad-body or bad-proof (SPEC §6.2). what: the reason, in words."""

    code: str
    what: str


Verdict: TypeAlias = Accepted | Refused


@dataclass(frozen=True, slots=True)
class _Ballot:
    """Of the right types and sizes. Nothing more is known of it."""

    voter: bytes
    generation: int
    seq: int
    ciphertexts: list[bytes]
    challenge: bytes
    proofs: list[bytes]


def check_body(
    group: Group,
    context: Context,
    voter: bytes,
    generation: int,
    session_key: bytes,
    seq: int,
    body: bytes,
) -> Verdict:
    """The verdict on a ballot that should be `voter`'s, of that generation, session key and seq."""
    place = Place(voter, generation, session_key, seq)
    try:
        ballot = _read(context.shape, body)
        _check_place(ballot, place)
    except RecordRejected as err:
        return Refused(BAD_BODY, err.what)
    try:
        _check_proofs(group, context, place, ballot)
    except BadBallot as err:
        return Refused(BAD_PROOF, err.what)
    return Accepted(tuple(ballot.ciphertexts[: len(context.shape.options)]))


def _read(shape: Shape, body: bytes) -> _Ballot:
    """Steps 1 and 2. Raises RecordRejected."""
    parts = _array(cbor.decode(body, shape.body_bytes), 7, "ballot")
    version, voter, generation, seq, ciphertexts, challenge, proofs = parts
    if type(version) is not int or version != VERSION:
        raise BadBallot(f"the ballot does not begin with version {VERSION}")
    return _Ballot(
        _blob(voter, VOTER_BYTES, "voter"),
        _number(generation, 0, "generation"),
        _number(seq, 1, "seq"),
        [
            _blob(ciphertext, CIPHERTEXT_BYTES, f"ciphertext {index}")
            for index, ciphertext in enumerate(_array(ciphertexts, shape.ciphertexts, "list of ciphertexts"))
        ],
        _blob(challenge, PROOF_SCALAR_BYTES, "challenge"),
        [
            _blob(given, proof.length, f"proof {index}")
            for index, (given, proof) in enumerate(
                zip(_array(proofs, len(shape.proofs), "list of proofs"), shape.proofs, strict=True)
            )
        ],
    )


def _check_place(ballot: _Ballot, place: Place) -> None:
    """Step 3. Raises BadBallot."""
    if ballot.voter != place.voter:
        raise BadBallot("it is the ballot of another voter")
    if ballot.generation != place.generation:
        raise BadBallot(f"it is of generation {ballot.generation}, not {place.generation}")
    if ballot.seq != place.seq:
        raise BadBallot(f"it is number {ballot.seq} of this voter, not {place.seq}")


def _check_proofs(group: Group, context: Context, place: Place, ballot: _Ballot) -> None:
    """Steps 4 to 6. Raises BadBallot."""
    challenge = scalar_of(ballot.challenge)
    answers = [_scalars(proof) for proof in ballot.proofs]
    if not is_usable(group, context.election_key):
        raise BadBallot("the election key is no usable point")
    alphas = [ciphertext[:POINT_BYTES] for ciphertext in ballot.ciphertexts]
    betas = [ciphertext[POINT_BYTES:] for ciphertext in ballot.ciphertexts]
    for index, (alpha, beta) in enumerate(zip(alphas, betas, strict=True)):
        if not is_usable(group, alpha) or not group.is_point(beta):
            raise BadBallot(f"ciphertext {index} is not two points, the first of them usable")
    commitments = []
    total = partial(combined, times=group.mul, plus=group.add)
    for proof, scalars in zip(context.shape.proofs, answers, strict=True):
        alpha, beta = total(proof.terms, alphas), total(proof.terms, betas)
        last = len(proof.values) - 1
        challenges = [*scalars[:last], (challenge - sum(scalars[:last])) % ORDER]
        commitments.append(
            _commitments(group, context.election_key, alpha, beta, proof.values, challenges, scalars[last:])
        )
    if challenge_of(context, place, ballot.ciphertexts, commitments) != challenge:
        raise BadBallot("its proofs do not hold: altered, made for another place, or not a ballot")


def _commitments(
    group: Group,
    election_key: Point,
    alpha: Point,
    beta: Point,
    values: Sequence[int],
    challenges: Sequence[Scalar],
    responses: Sequence[Scalar],
) -> bytes:
    """A1 ‖ A2 of every branch, as its challenge and response say they were."""
    made = []
    # β less the value of the branch, in steps of one: the values of a proof follow each other.
    shifted = beta if values[0] == 0 else group.sub(beta, group.base(values[0]))
    for branch, (c, z) in enumerate(zip(challenges, responses, strict=True)):
        if branch:
            shifted = group.sub(shifted, BASE)
        made.append(group.sub(group.base(z), group.mul(c, alpha)))
        made.append(group.sub(group.mul(z, election_key), group.mul(c, shifted)))
    return b"".join(made)


def _scalars(proof: bytes) -> list[Scalar]:
    return [scalar_of(proof[at : at + PROOF_SCALAR_BYTES]) for at in range(0, len(proof), PROOF_SCALAR_BYTES)]


def _array(value: Any, length: int, what: str) -> list[Any]:
    if type(value) is not list or len(value) != length:
        raise BadBallot(f"its {what} is not an array of {length}")
    return value


def _blob(value: Any, length: int, what: str) -> bytes:
    if type(value) is not bytes or len(value) != length:
        raise BadBallot(f"its {what} is not {length} bytes")
    return value


def _number(value: Any, least: int, what: str) -> int:
    if type(value) is not int or not least <= value <= SEQ_MAX:
        raise BadBallot(f"its {what} is not an integer of {least} to {SEQ_MAX}")
    return value
