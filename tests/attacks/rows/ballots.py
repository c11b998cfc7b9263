"""Ballots that are none: what a voter, or a unit in their name, can write into one."""

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ballot import proofs
from ballot.errors import BadBallot
from ballot.group import IDENTITY
from ballot.prove import Prover
from ballot.shape import Relation, Shape, at_most
from ballot.verify import Accepted, Refused
from scripts.ballot_forger import Forger, alterations, swaps
from tests.attacks.row import ACCEPTED, Rows, codes, honest, refusal
from tests.ballot.contests import GROUP, KINDS, THREE, Poll, candidates
from tests.ballot.test_ballot_vectors import context_of, raw, verdict_on
from tests.verifier.test_ballots_of_known_answer import verdict as observers_verdict
from wire import cbor

ROWS = Rows()
VECTORS = Path(__file__).parents[3] / "ballot" / "vectors"
POLL = Poll()
HONEST = POLL.body((0, 1, 0))
BOTH = "ballot.verify.check_body"


def ours(poll: Poll, body: bytes) -> str:
    found = poll.verdict(body)
    return found.code if isinstance(found, Refused) else ACCEPTED


def theirs(poll: Poll, body: bytes) -> str:
    """What the verifier of observers says, which shares no code with us."""
    case: dict[str, Any] = {
        "manifest_hash": poll.manifest.hex(), "contest": poll.contest.hex(), "shape": poll.shape.encoded(),
        "election_key": poll.key.hex(), "voter": poll.voter.hex(), "generation": poll.generation,
        "session_key": poll.session.hex(), "seq": poll.seq,
    }  # fmt: skip
    found = observers_verdict(case, body)
    return ACCEPTED if found == "ok" else found


def both(poll: Poll, bodies: Iterable[bytes]) -> str:
    """The codes of both verifiers, who must say the same of each."""
    found = []
    for body in bodies:
        one, other = ours(poll, body), theirs(poll, body)
        found.append(one if one == other else f"DISAGREE: {one} / {other}")
    return codes(found)


def forger(poll: Poll, label: str) -> Forger:
    place = proofs.Place(poll.voter, poll.generation, poll.session, poll.seq)
    return Forger(GROUP, poll.context, place, label)


def lies(kind: str, *plains: Sequence[int]) -> str:
    """Ballots of these plaintexts by somebody who knows every formula; the same hand can tell the truth."""
    poll = Poll(KINDS[kind])
    true = {
        "three": (0, 1, 0),
        "linear": (1, 1, 0, 0, 0),
        "bits": (1, 1, 1, 0, 0, 1, 1),
        "each": (1, 0, 0, 1),
    }
    honest(ours(poll, cbor.encode(forger(poll, "true").parts(true[kind]))) == ACCEPTED, kind)
    return both(poll, (cbor.encode(forger(poll, str(plain)).parts(plain)) for plain in plains))


@ROWS.attack(
    "issue",
    "voter",
    "forges a ballot of (random, 1, 0) that every weak Fiat-Shamir verifier takes",
    by="ballot.proofs.challenge_of",
    said="bad-proof",
)
def weak_fiat_shamir() -> str:
    forged = cbor.encode(forger(POLL, "weak").weak())
    with pytest.MonkeyPatch.context() as weakened:
        weakened.setattr(
            "ballot.verify.challenge_of",
            lambda context, place, _, commitments: proofs.challenge_of(context, place, [], commitments),
        )
        honest(ours(POLL, forged) == ACCEPTED, "the forgery passes where the ciphertexts are left out")
    return both(POLL, [forged])


@ROWS.attack("issue", "voter", "chooses two of three, or one twice", by=BOTH, said="bad-proof")
def two_in_one() -> str:
    return lies("three", (1, 1, 0), (2, 0, 0), (2, 0, -1))


@ROWS.attack(
    "issue", "voter", "chooses more than the limit, or a blank and a person", by=BOTH, said="bad-proof"
)
def over_limit() -> str:
    found = [
        lies("linear", (1, 1, 1, 0, 0), (1, 0, 0, 0, 1)),
        lies("bits", (1, 1, 1, 1, 0, 1, 1), (1, 1, 1, 1, 0, 2, 1)),
        lies("each", (1, 1, 0, 0)),
    ]
    return codes(found)


@ROWS.attack("issue", "voter", "chooses nothing where one must be chosen", by=BOTH, said="bad-proof")
def under_limit() -> str:
    return codes([lies("three", (0, 0, 0)), lies("linear", (0, 0, 0, 0, 0))])


@ROWS.attack(
    "issue; hv1 24",
    "voter",
    "takes votes away: -1 for another, with all proofs or with one left out for a verifier that zips",
    by=BOTH,
    said="bad-body, bad-proof",
)
def negative() -> str:
    parts = forger(POLL, "zip").parts((1, 0, -1))
    left_out = [[*parts[:6], [*parts[6][:at], *parts[6][at + 1 :]]] for at in range(4)]
    shortest = [[*parts[:6], parts[6][:2]]]
    zipped = both(POLL, map(cbor.encode, left_out + shortest))
    return codes([*lies("three", (1, 1, -1), (1, 0, -1)).split(", "), *zipped.split(", ")])


@ROWS.attack(
    "issue; hv1 right",
    "voter",
    "puts the identity where α must be (a blinding of 0 shows the choice), or votes under it as a key",
    by="ballot.group.is_usable",
    said="bad-ballot, bad-proof",
)
def identity_points() -> str:
    zero = forger(POLL, "zero").parts((1, 0, 0), (0, 5, 6))
    honest(zero[4][0][:32] == IDENTITY, "α is the identity")
    swapped = swaps(HONEST)
    found = [both(POLL, [cbor.encode(zero), swapped["alpha the identity"], swapped["beta the identity"]])]
    keyless = Poll(key=IDENTITY)
    try:
        Prover(GROUP, keyless.context)
    except BadBallot as err:
        found.append(err.code)
    parts = forger(keyless, "no key").parts((0, 1, 0))
    return codes([*found, both(keyless, [cbor.encode(parts)])])


@ROWS.attack(
    "issue; hv1 right",
    "voter",
    "writes a point or scalar in a second form: bit 255, the other root, not below p or L, no point at all",
    by="ballot.adapters.libsodium.Libsodium.is_point",
    said="bad-proof",
)
def non_canonical_encodings() -> str:
    aliased = [
        cbor.encode(forger(POLL, "alias").parts((1, 0, 0), bit_255_of=halves))
        for halves in ([0], [1], [0, 1])
    ]
    return both(POLL, [*aliased, *swaps(HONEST).values()])


@ROWS.attack(
    "hv1 21",
    "voter",
    "confuses types: true as seq, arrays as blobs, null, another length, a longer head, bytes behind",
    by=BOTH,
    said="bad-body",
)
def type_confusion() -> str:
    return both(POLL, alterations(HONEST).values())


@ROWS.attack(
    "hv1 21",
    "voter",
    "puts any value in any place of a ballot, a thousand times: both verifiers say the same and none crashes",
    by=BOTH,
    said="bad-body, bad-proof",
)
def fuzzed_ballots() -> str:
    rng = random.Random(7)
    values: list[Any] = [
        None,
        True,
        False,
        0,
        1,
        -1,
        2**32,
        2**64 - 1,
        "",
        "v" * 16,
        b"",
        [],
        {},
        [1],
        {1: 2},
    ]
    values += [bytes(size) for size in (15, 16, 31, 32, 33, 63, 64, 65, 96)] + [
        rng.randbytes(n) for n in (32, 64)
    ]
    mutants = []
    for _ in range(1000):
        parts = cbor.decode(HONEST, len(HONEST))
        place = rng.randrange(7)
        if type(parts[place]) is list and rng.random() < 0.7:
            parts[place][rng.randrange(len(parts[place]))] = rng.choice(values)
        else:
            parts[place] = rng.choice(values)
        mutants.append(cbor.encode(parts))
    return both(POLL, {mutant for mutant in mutants if mutant != HONEST})


@ROWS.attack(
    "hv1 24", "voter", "gives each list of a ballot one element more or less", by=BOTH, said="bad-body"
)
def lists_of_another_length() -> str:
    parts = cbor.decode(HONEST, len(HONEST))
    made = [
        [*parts[:place], items, *parts[place + 1 :]]
        for place in (4, 6)
        for items in (parts[place][:-1], parts[place][1:], [*parts[place], parts[place][0]], [])
    ]
    return both(POLL, map(cbor.encode, [*made, parts[:-1], [*parts, parts[-1]]]))


@ROWS.attack(
    "issue", "broker, fleet", "flips one bit in each byte of a ballot", by=BOTH, said="bad-body, bad-proof"
)
def one_bit_of_every_byte() -> str:
    return codes(ours(POLL, flipped(8 * at + at % 8)) for at in range(len(HONEST)))


@ROWS.attack(
    "issue",
    "broker, fleet",
    "flips every single bit of a ballot, before both verifiers",
    by=BOTH,
    said="bad-body, bad-proof",
    slow=True,
)
def every_single_bit() -> str:
    every = [ours(POLL, flipped(bit)) for bit in range(8 * len(HONEST))]
    return codes([*every, *both(POLL, (flipped(bit) for bit in range(0, 8 * len(HONEST), 11))).split(", ")])


def flipped(bit: int) -> bytes:
    changed = bytearray(HONEST)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


ELSEWHERE: dict[str, dict[str, Any]] = {
    "seat": {"voter": bytes(16)},
    "generation": {"generation": 1},
    "seq": {"seq": 2},
    "unit": {"session": bytes(32)},
    "manifest": {"manifest": bytes(32)},
    "question or round": {"contest": bytes(16)},
    "election key": {"key": GROUP.base(5)},
}


@ROWS.attack(
    "issue; hv1 right",
    "fleet, voter",
    "moves a good ballot to another seat, unit, seq, question, round or key, as it is or relabelled",
    by="ballot.proofs.challenge_of",
    said="bad-body, bad-proof",
)
def moved_ballot() -> str:
    honest(ours(POLL, HONEST) == ACCEPTED, "it counts where it was made for")
    found = []
    for changed in ELSEWHERE.values():
        there = replace(POLL, **changed)
        parts = cbor.decode(HONEST, len(HONEST))
        parts[1], parts[2], parts[3] = there.voter, there.generation, there.seq
        found += both(there, [HONEST, cbor.encode(parts)]).split(", ")
    return codes(found)


@ROWS.attack(
    "hv1 22",
    "fleet",
    "has a ballot read under another shape: the same n, lo, hi with options exchanged or renamed",
    by="ballot.context.Context",
    said="bad-proof",
)
def another_shape() -> str:
    options = (("no", "yes", "abstain"), ("a", "b", "c"), ("yes", "abstain", "no"))
    found = [both(replace(POLL, shape=Shape(names, THREE.relations)), [HONEST]) for names in options]
    linear = Poll(KINDS["linear"])
    body = linear.body((1, 1, 0, 0, 0))
    honest(ours(linear, body) == ACCEPTED, "two of four")
    renamed = replace(linear, shape=at_most(2, [*candidates(3), "c9"]))
    return codes([*found, both(renamed, [body])])


@ROWS.attack(
    "hv1 22",
    "counting board, by mistake or not",
    "makes a shape with a free blank, k > n, k of 0, no candidate, an option in no relation",
    by="ballot.shape.Shape",
    said="blank, k, lo, no-options, not-covered",
)
def shapes_that_give_votes_away() -> str:
    return codes(
        [
            refusal(lambda: at_most(3, candidates(2))),
            refusal(lambda: at_most(0, candidates(2))),
            refusal(lambda: at_most(2, candidates(2), lo=0)),
            refusal(lambda: at_most(1, [])),
            refusal(lambda: Shape(("c1", "blank"), (Relation(((0, 1), (1, 1)), 0, 1, 0),))),
            refusal(lambda: Shape(("c1", "c2"), (Relation(((0, 1),), 0, 1, 0),))),
        ]
    )


@ROWS.attack(
    "issue",
    "voter",
    "puts a ballot together from pieces of two good ones",
    by="ballot.proofs.challenge_of",
    said="bad-proof",
)
def pieces_of_two_ballots() -> str:
    one, two = (cbor.decode(POLL.body(choices), 1000) for choices in ((1, 0, 0), (0, 1, 0)))
    mixed = [[*one[:place], two[place], *one[place + 1 :]] for place in (4, 5, 6)]
    for at in range(3):
        piece = cbor.decode(cbor.encode(one), 1000)
        piece[4][at], piece[6][at] = two[4][at], two[6][at]
        mixed.append(piece)
    return both(POLL, map(cbor.encode, mixed))


@ROWS.attack(
    "issue; hv1 21",
    "whoever gains by a ballot that counts here and not there",
    "seeks a known ballot on which prover and the two verifiers disagree",
    by=BOTH,
    said="they agree",
)
def known_answers() -> str:
    good, bad = (json.loads((VECTORS / name).read_text()) for name in ("ballots.json", "refused.json"))
    for case in good + bad:
        context = context_of(case)
        poll = Poll(
            context.shape, raw(case, "voter"), case["generation"], raw(case, "session_key"), case["seq"],
            context.manifest_hash, context.contest, context.election_key,
        )  # fmt: skip
        body, mine = raw(case, "body"), verdict_on(case)
        expected = case.get("code", ACCEPTED)
        said = ACCEPTED if isinstance(mine, Accepted) else mine.code
        if {said, theirs(poll, body)} != {expected}:
            return f"DISAGREE about {case['name']}"
        if case in good and replace(poll, seed=raw(case, "seed")).body(case["choices"]) != body:
            return f"the prover makes another {case['name']}"
    return "they agree"
