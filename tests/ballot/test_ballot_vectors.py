"""The known answers: made anew they are the same bytes; what is refused is refused for the same reason."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ballot.context import Context
from ballot.hashing import hash_of
from ballot.prove import Prover
from ballot.seeds import check_text, code_of, parse_check_text, seed_of
from ballot.shape import BITS, parse_shape
from ballot.verify import Accepted, Refused, check_body
from scripts import ballot_vectors
from tests.ballot.contests import GROUP
from tests.ballot.plain_ristretto import PlainRistretto
from wire import cbor
from wire.ids import ContestId

VECTORS = Path(__file__).parents[2] / "ballot" / "vectors"
GOOD = json.loads((VECTORS / "ballots.json").read_text())
REFUSED = json.loads((VECTORS / "refused.json").read_text())
SHA256 = {
    "ballots.json": "1d1b1161e30038d2467e281d22e5052ce1ae7067aec89c87f11fd2e14b2465dc",
    "refused.json": "70453a1e2f56e4e570741dfa3c207c95040457932b773d9c330193197ff6a939",
}


def raw(case: dict[str, Any], key: str) -> bytes:
    return bytes.fromhex(case[key])


def context_of(case: dict[str, Any]) -> Context:
    contest = ContestId(raw(case, "contest"))
    return Context(raw(case, "manifest_hash"), contest, parse_shape(case["shape"]), raw(case, "election_key"))


def verdict_on(case: dict[str, Any], group: Any = GROUP) -> Accepted | Refused:
    place = (raw(case, "voter"), case["generation"], raw(case, "session_key"), case["seq"])
    return check_body(group, context_of(case), *place, raw(case, "body"))


def test_known_answers_are_never_edited() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VECTORS.iterdir()}
    assert found == SHA256


def test_the_script_makes_the_files_that_are_there() -> None:
    made = ballot_vectors.written(ballot_vectors.good_ballots(GROUP))
    assert made == (VECTORS / "ballots.json").read_text()
    made = ballot_vectors.written(ballot_vectors.refused_ballots(GROUP))
    assert made == (VECTORS / "refused.json").read_text()


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case["name"])
def test_a_known_ballot_is_made_accepted_and_named_again(case: dict[str, Any]) -> None:
    context, voter, seq = context_of(case), raw(case, "voter"), case["seq"]
    local, nonce = raw(case, "local"), raw(case, "nonce")
    seed = seed_of(local, nonce, context, voter, seq)
    assert seed.hex() == case["seed"]
    prover = Prover(GROUP, context)
    body = prover.body(voter, case["generation"], raw(case, "session_key"), seq, seed, case["choices"])
    assert body.hex() == case["body"]
    assert cbor.decode(body, len(body))[5].hex() == case["c"]
    assert hash_of(body).hex() == case["body_hash"]
    code = code_of(context.manifest_hash, voter, case["generation"], seq, hash_of(body))
    assert code == case["ballot_code"]
    check = parse_check_text(case["check_text"])
    assert check_text(check) == case["check_text"]
    assert (check.contest, check.voter, check.generation, check.seq) == (
        context.contest,
        voter,
        case["generation"],
        seq,
    )
    assert (check.local, check.nonce, list(check.choices)) == (local, nonce, case["choices"])
    assert isinstance(verdict_on(case), Accepted)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_a_known_forgery_is_refused_for_its_reason(case: dict[str, Any]) -> None:
    verdict = verdict_on(case)
    assert isinstance(verdict, Refused)
    assert verdict.code == case["code"]


@pytest.mark.slow
def test_plain_integers_come_to_the_same_verdicts() -> None:
    plain = PlainRistretto()
    assert all(isinstance(verdict_on(case, plain), Accepted) for case in GOOD)
    for case in REFUSED:
        verdict = verdict_on(case, plain)
        assert isinstance(verdict, Refused)
        assert verdict.code == case["code"]


def test_the_known_answers_cover_what_there_is() -> None:
    shapes = [parse_shape(case["shape"]) for case in GOOD]
    assert {relation.mode for shape in shapes for relation in shape.relations} == {0, BITS}
    assert any(case["choices"][-1] and case["shape"][0][-1] == "blank" for case in GOOD)
    assert any(option.endswith("-for") for shape in shapes for option in shape.options)
    assert {case["code"] for case in REFUSED} == {"bad-body", "bad-proof"}
    assert len({case["name"] for case in GOOD + REFUSED}) == len(GOOD + REFUSED)
