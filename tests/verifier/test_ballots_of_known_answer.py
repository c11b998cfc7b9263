"""Prover and both verifiers agree about every ballot of ballot/vectors: those made well and those refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from verifier import verify

pytestmark = pytest.mark.slow

VECTORS = Path(__file__).parents[2] / "ballot" / "vectors"
GOOD = json.loads((VECTORS / "ballots.json").read_text())
REFUSED = json.loads((VECTORS / "refused.json").read_text())


def who_of(vector: dict[str, Any]) -> verify.Who:
    raw = {key: bytes.fromhex(vector[key]) for key in ("manifest_hash", "contest", "election_key", "voter")}
    shape = verify.read("shape", vector["shape"])
    context = [raw["manifest_hash"], raw["contest"], shape, raw["election_key"]]
    key = bytes.fromhex(vector["session_key"])
    return verify.Who(context, raw["voter"], vector["generation"], key, vector["seq"])


def verdict(vector: dict[str, Any], body: bytes | None = None) -> str:
    """`ok`, or the code of ballot/SPEC §6.2."""
    who = who_of(vector)
    data = bytes.fromhex(vector["body"]) if body is None else body
    try:
        verify.read_ballot(who, data, verify.shape_of(who.context[2]))
        return "ok" if verify.tried(verify.ballot_holds, (who, data)) is True else "bad-proof"
    except verify.Bad:
        return "bad-body"


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector["name"])
def test_a_good_ballot_holds_and_is_made_anew(vector: dict[str, Any]) -> None:
    assert verdict(vector) == "ok"
    who = who_of(vector)
    local, nonce = bytes.fromhex(vector["local"]), bytes.fromhex(vector["nonce"])
    seed = verify.h64("seed", local, nonce, who.context, who.v, who.seq)[:32]
    assert seed.hex() == vector["seed"]
    body = verify.make_body(who, seed, bytes(vector["choices"]))
    assert body.hex() == vector["body"]
    digest = verify.hash_of(body)
    code = verify.h32("code", who.context[0], who.v, who.g, who.seq, digest)
    assert verify.spoken(code) == vector["ballot_code"]
    other = [1 - choice for choice in vector["choices"]]
    assert verify.tried(verify.make_body, (who, seed, bytes(other))) != body


@pytest.mark.parametrize("vector", REFUSED, ids=lambda vector: vector["name"])
def test_a_bad_ballot_is_refused_for_its_reason(vector: dict[str, Any]) -> None:
    assert verdict(vector) == vector["code"]


@pytest.mark.slow
def test_no_single_bit_of_a_ballot_can_be_flipped() -> None:
    body = bytes.fromhex(GOOD[0]["body"])
    for bit in range(0, 8 * len(body), 3):
        mutant = bytearray(body)
        mutant[bit // 8] ^= 1 << bit % 8
        assert verdict(GOOD[0], bytes(mutant)) != "ok"
