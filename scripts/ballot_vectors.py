"""Writes ballot/vectors: known answers of HV-1, good ballots and refused ones. Run once for a new format.

    python -m scripts.ballot_vectors FOLDER

The files that are in the repository are never edited; tests make them again and compare.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ballot.adapters.libsodium import Libsodium
from ballot.context import Context
from ballot.group import Group
from ballot.hashing import h32, hash_of, hs
from ballot.proofs import Place
from ballot.prove import Prover
from ballot.seeds import Check, check_text, code_of, seed_of
from ballot.shape import BITS, LINEAR, Relation, Shape, at_most, each_of, one_of
from scripts.ballot_forger import Forger, alterations, swaps
from wire import cbor
from wire.ids import ContestId, VoterRef

THREE: Final = one_of(["yes", "no", "abstain"])
TWO_OF_FOUR: Final = at_most(2, [f"c{number}" for number in range(1, 5)])
SEVENTEEN_OF_EIGHTEEN: Final = at_most(17, [f"c{number}" for number in range(1, 19)])
TWO_PERSONS: Final = each_of(["c1", "c2"])
# Relations that share options, weights, and bits of two of them behind each other.
MIXED: Final = Shape(
    ("a", "b", "c", "d"),
    (
        Relation(((0, 3), (1, 2), (2, 1)), 1, 4, BITS),
        Relation(((1, 1), (3, 1)), 0, 1, LINEAR),
        Relation(((0, 1), (2, 1), (3, 5)), 0, 7, BITS),
    ),
)
UP_TO_ONE: Final = Shape(("a", "b", "c"), (Relation(((0, 1), (1, 1), (2, 1)), 0, 1, LINEAR),))

# name -> shape, choices, generation, seq. The numbers cross every length that their encoding has.
BALLOTS: Final[dict[str, tuple[Shape, tuple[int, ...], int, int]]] = {
    "yes of yes, no, abstain": (THREE, (1, 0, 0), 0, 1),
    "abstain of yes, no, abstain": (THREE, (0, 0, 1), 0, 23),
    "two of at most two of four": (TWO_OF_FOUR, (0, 1, 0, 1, 0), 1, 24),
    "one of at most two of four": (TWO_OF_FOUR, (1, 0, 0, 0, 0), 23, 255),
    "blank of at most two of four": (TWO_OF_FOUR, (0, 0, 0, 0, 1), 24, 256),
    "seventeen of eighteen, in bits": (SEVENTEEN_OF_EIGHTEEN, (*[1] * 17, 0, 0), 0, 65535),
    "three of eighteen, in bits": (SEVENTEEN_OF_EIGHTEEN, (0, 1, 1, 1, *[0] * 15), 256, 65536),
    "blank of eighteen, in bits": (SEVENTEEN_OF_EIGHTEEN, (*[0] * 18, 1), 65536, 2**32 - 1),
    "for one person, nothing for another": (TWO_PERSONS, (1, 0, 0, 0), 2**32 - 1, 2),
    "against one person, for another": (TWO_PERSONS, (0, 1, 1, 0), 0, 3),
    "relations that share options": (MIXED, (1, 0, 1, 0), 3, 4),
}


def secret_key() -> int:
    """Of the election key of every vector: known to all, so that plaintexts can be looked at."""
    return hs("vectors", "election key")


def context_of(group: Group, shape: Shape, name: str) -> Context:
    contest = ContestId(h32("vectors", "contest", name)[:16])
    return Context(h32("vectors", "manifest", name), contest, shape, group.base(secret_key()))


def place_of(name: str, generation: int, seq: int) -> Place:
    voter = h32("vectors", "voter", name)[:16]
    return Place(voter, generation, h32("vectors", "session key", name), seq)


def good_ballots(group: Group) -> list[dict[str, Any]]:
    return [_good(group, name, *case) for name, case in BALLOTS.items()]


def _good(
    group: Group, name: str, shape: Shape, choices: tuple[int, ...], generation: int, seq: int
) -> dict[str, Any]:
    context, place = context_of(group, shape, name), place_of(name, generation, seq)
    local, nonce = h32("vectors", "local", name), h32("vectors", "nonce", name)
    seed = seed_of(local, nonce, context, place.voter, seq)
    body = Prover(group, context).body(place.voter, generation, place.session_key, seq, seed, choices)
    body_hash = hash_of(body)
    voter = VoterRef(place.voter)
    check = Check(context.contest, voter, generation, seq, local, nonce, bytes(choices))
    return {
        "name": name,
        **_inputs(context, place),
        "local": local.hex(),
        "nonce": nonce.hex(),
        "choices": list(choices),
        "seed": seed.hex(),
        "body": body.hex(),
        "c": cbor.decode(body, len(body))[5].hex(),
        "body_hash": body_hash.hex(),
        "ballot_code": code_of(context.manifest_hash, voter, generation, seq, body_hash),
        "check_text": check_text(check),
    }


def refused_ballots(group: Group) -> list[dict[str, Any]]:
    """code: what a verifier says of it (SPEC §6.2)."""
    context, place = context_of(group, THREE, "refused"), place_of("refused", 1, 30)
    seed = h32("vectors", "seed", "refused")
    prover = Prover(group, context)
    honest = prover.body(place.voter, place.generation, place.session_key, place.seq, seed, (0, 1, 0))
    found = [_refused(context, place, n, body, "bad-body") for n, body in alterations(honest).items()]
    found += [_refused(context, place, n, body, "bad-proof") for n, body in swaps(honest).items()]
    return found + _moved(group, context, place, honest) + _forged(group, place)


def _moved(group: Group, context: Context, place: Place, honest: bytes) -> list[dict[str, Any]]:
    """A good ballot, where another one is due."""
    hash_, contest, key = context.manifest_hash, context.contest, context.election_key
    other_options = Shape(("no", "yes", "abstain"), THREE.relations)
    other_session = Place(place.voter, place.generation, bytes(32), place.seq)
    contexts = {
        "under another manifest": Context(bytes(32), contest, THREE, key),
        "in another contest": Context(hash_, ContestId(bytes(16)), THREE, key),
        "with the options in another order": Context(hash_, contest, other_options, key),
        "under another election key": Context(hash_, contest, THREE, group.base(7)),
    }
    return [
        *(_refused(other, place, name, honest, "bad-proof") for name, other in contexts.items()),
        _refused(context, other_session, "under another session key", honest, "bad-proof"),
    ]


def _forged(group: Group, place: Place) -> list[dict[str, Any]]:
    plaintexts: dict[str, tuple[Shape, tuple[int, ...]]] = {
        "two in one, sum 2": (THREE, (2, 0, 0)),
        "two in one, sum 1": (THREE, (2, 0, -1)),
        "nothing chosen": (THREE, (0, 0, 0)),
        "everything chosen": (THREE, (1, 1, 1)),
        "1, 0, -1": (UP_TO_ONE, (1, 0, -1)),
        "1, 1, -1": (THREE, (1, 1, -1)),
        "three of at most two": (TWO_OF_FOUR, (1, 1, 1, 0, 0)),
        "neither choice nor blank": (TWO_OF_FOUR, (0, 0, 0, 0, 0)),
        "blank and a choice": (TWO_OF_FOUR, (1, 0, 0, 0, 1)),
        "for and against": (TWO_PERSONS, (1, 1, 0, 0)),
        # What is above 1 would be 17 here; the weights of the bits end at 16.
        "eighteen of at most seventeen": (SEVENTEEN_OF_EIGHTEEN, (*[1] * 18, 0, 1, 1, 1, 1, 1)),
        "a bit that is 2": (SEVENTEEN_OF_EIGHTEEN, (*[1] * 18, 0, 1, 1, 1, 1, 2)),
    }
    found = []
    for name, (shape, plain) in plaintexts.items():
        context = context_of(group, shape, "forged")
        body = cbor.encode(Forger(group, context, place, name).parts(plain))
        found.append(_refused(context, place, name, body, "bad-proof"))
    context = context_of(group, UP_TO_ONE, "forged")
    parts = Forger(group, context, place, "a proof left out").parts((1, 0, -1))
    del parts[6][2]
    found.append(_refused(context, place, "1, 0, -1 without its proof", cbor.encode(parts), "bad-body"))
    context = context_of(group, THREE, "forged")
    parts = Forger(group, context, place, "alpha the identity").parts((1, 0, 0), (0, 5, 6))
    found.append(_refused(context, place, "blinded by 0, proved well", cbor.encode(parts), "bad-proof"))
    for half, named in enumerate(("alpha", "beta")):
        parts = Forger(group, context, place, named).parts((1, 0, 0), bit_255_of=[half])
        name = f"{named} with bit 255, proved well"
        found.append(_refused(context, place, name, cbor.encode(parts), "bad-proof"))
    weak = cbor.encode(Forger(group, context, place, "weak").weak())
    return [*found, _refused(context, place, "weak Fiat-Shamir", weak, "bad-proof")]


def _refused(context: Context, place: Place, name: str, body: bytes, code: str) -> dict[str, Any]:
    return {"name": name, **_inputs(context, place), "body": body.hex(), "code": code}


def _inputs(context: Context, place: Place) -> Mapping[str, Any]:
    return {
        "manifest_hash": context.manifest_hash.hex(),
        "contest": context.contest.hex(),
        "shape": context.shape.encoded(),
        "election_key": context.election_key.hex(),
        "voter": place.voter.hex(),
        "generation": place.generation,
        "session_key": place.session_key.hex(),
        "seq": place.seq,
    }


def written(cases: list[dict[str, Any]]) -> str:
    """A line for each key, lists on one line: long, and readable in a difference."""
    lines = [
        "  {\n"
        + ",\n".join(f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in case.items())
        + "\n  }"
        for case in cases
    ]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def main() -> None:
    folder = Path(sys.argv[1])
    group = Libsodium()
    (folder / "ballots.json").write_text(written(good_ballots(group)), encoding="ascii")
    (folder / "refused.json").write_text(written(refused_ballots(group)), encoding="ascii")
    print(f"ballots.json and refused.json are in {folder}")


if __name__ == "__main__":
    main()
