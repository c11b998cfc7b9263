"""Every ballot proves that it is one, holds what was chosen, and shows by nothing else what that was."""

import hmac
import itertools
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings

from ballot import hashing
from ballot.errors import BadBallot
from ballot.group import IDENTITY
from ballot.proofs import Place
from ballot.prove import Prover
from ballot.shape import Shape
from ballot.verify import Accepted
from scripts.ballot_forger import Forger
from tests.ballot.contests import (
    GROUP,
    KINDS,
    SEED,
    THREE,
    CountingGroup,
    Poll,
    plaintexts,
    shapes_with_choices,
)
from tests.ballot.plain_ristretto import PlainRistretto
from wire import cbor

KIND = pytest.mark.parametrize("shape", KINDS.values(), ids=KINDS)


def allowed(shape: Shape) -> list[tuple[int, ...]]:
    return [c for c in itertools.product((0, 1), repeat=len(shape.options)) if shape.allows(c)]


@settings(max_examples=60)
@given(shapes_with_choices())
def test_any_choices_of_any_shape_prove_verify_and_decrypt(case: tuple[Shape, tuple[int, ...]]) -> None:
    shape, choices = case
    poll = Poll(shape)
    body = poll.body(choices)
    verdict = poll.verdict(body)
    assert isinstance(verdict, Accepted)
    assert plaintexts(verdict.ciphertexts) == list(choices)
    assert len(body) <= shape.body_bytes


def test_a_plain_implementation_makes_and_takes_the_same_ballot() -> None:
    poll = Poll(KINDS["bits"])
    body = poll.body((1, 0, 1, 0, 0))
    assert poll.body((1, 0, 1, 0, 0), PlainRistretto()) == body
    assert isinstance(poll.verdict(body, PlainRistretto()), Accepted)


@KIND
def test_the_longest_ballot_is_as_long_as_its_shape_says(shape: Shape) -> None:
    poll = Poll(shape, generation=2**32 - 1, seq=2**32 - 1)
    assert {len(poll.body(choices)) for choices in allowed(shape)} == {shape.body_bytes}


@KIND
def test_every_choice_is_the_same_work(shape: Shape) -> None:
    asked = set()
    for choices in allowed(shape):
        group = CountingGroup()
        Poll(shape).body(choices, group)
        asked.add(tuple(group.asked))
    assert len(asked) == 1
    work = Counter(asked.pop())
    branches = sum(len(proof.values) for proof in shape.proofs)
    simulated = branches - len(shape.proofs)
    assert work["mul"] == shape.ciphertexts + branches
    assert work["base"] == shape.ciphertexts + branches + simulated
    assert work["add"] == shape.ciphertexts + simulated


@KIND
def test_every_choice_hashes_as_many_bytes(shape: Shape, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[int] = []

    def noting(*given: bytes) -> bytes:
        hashed.append(len(given[1]))
        return digest(*given)  # type: ignore[arg-type]  # handed through as it came

    digest = hmac.digest
    monkeypatch.setattr("ballot.hashing.hmac.digest", noting)
    seen = set()
    for choices in allowed(shape):
        hashed.clear()
        Poll(shape).body(choices)
        seen.add(tuple(hashed))
    assert len(seen) == 1
    assert len(seen.pop()) > shape.ciphertexts


@KIND
def test_one_seed_with_other_choices_shares_no_number(shape: Shape) -> None:
    pieces: Counter[bytes] = Counter()
    ballots = allowed(shape)
    for choices in ballots:
        _, _, _, _, ciphertexts, challenge, proofs = cbor.decode(Poll(shape).body(choices), 10_000)
        pieces[challenge] += 1
        pieces.update(half for pair in ciphertexts for half in (pair[:32], pair[32:]))
        pieces.update(proof[at : at + 32] for proof in proofs for at in range(0, len(proof), 32))
    assert len(ballots) > 2
    assert set(pieces.values()) == {1}


@pytest.mark.parametrize(
    "changed",
    [
        {"voter": bytes(16)},
        {"generation": 1},
        {"seq": 2},
        {"manifest": bytes(32)},
        {"contest": bytes(16)},
        {"key": GROUP.base(5)},
        {"seed": bytes(32)},
        {"shape": Shape(("no", "yes", "abstain"), THREE.relations)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_no_alpha_comes_twice_wherever_the_seed_is_used(changed: dict[str, object]) -> None:
    def alphas(poll: Poll) -> set[bytes]:
        return {pair[:32] for pair in cbor.decode(poll.body((1, 0, 0)), 10_000)[4]}

    assert not alphas(Poll()) & alphas(Poll(**changed))  # type: ignore[arg-type]  # one field each


def test_the_same_inputs_make_the_same_bytes() -> None:
    assert Poll().body((0, 1, 0)) == Poll().body((0, 1, 0)) == Poll().body(b"\x00\x01\x00")
    assert Poll(seed=SEED).body((0, 1, 0)) == Poll(seed=bytearray(SEED)).body((0, 1, 0))  # type: ignore[arg-type]


@pytest.mark.parametrize("choices", [(1, 1, 0), (0, 0, 0), (1, 0), (2, 0, -1), (True, 0, 0), ()])
def test_choices_that_are_not_allowed_are_refused_and_not_repeated(choices: Sequence[int]) -> None:
    with pytest.raises(BadBallot) as refused:
        Poll().body(choices)
    assert str(list(choices))[1:-1] not in refused.value.what or not choices
    assert refused.value.__context__ is None


@pytest.mark.parametrize(
    "changed",
    [{"voter": b"v"}, {"session": b"s"}, {"seq": 0}, {"seq": 2**32}, {"generation": -1}, {"seed": bytes(31)}],
    ids=str,
)
def test_what_a_ballot_cannot_hold_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(BadBallot):
        Poll(**changed).body((1, 0, 0))  # type: ignore[arg-type]  # one field each


@pytest.mark.parametrize(
    "key", [IDENTITY, b"\x01" + bytes(31), bytes(31) + b"\x80"], ids=["identity", "odd", "alias"]
)
def test_no_ballot_is_made_or_taken_under_a_key_that_is_none(key: bytes) -> None:
    with pytest.raises(BadBallot):
        Prover(GROUP, Poll(key=key).context)
    assert not isinstance(Poll(key=key).verdict(Poll().body((1, 0, 0))), Accepted)


def test_a_good_proof_under_the_identity_is_no_ballot() -> None:
    """Its β would show what was chosen to everyone."""
    poll = Poll(key=IDENTITY)
    place = Place(poll.voter, poll.generation, poll.session, poll.seq)
    parts = Forger(GROUP, poll.context, place, "identity").parts((1, 0, 0))
    assert not isinstance(poll.verdict(cbor.encode(parts)), Accepted)


def test_what_is_wiped_is_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    wiped: list[bytearray] = []
    monkeypatch.setattr("ballot.prove.wipe", lambda *secrets: wiped.extend(secrets) or hashing.wipe(*secrets))
    Poll().body((1, 0, 0))
    assert [len(secret) for secret in wiped] == [3, 64, 3]
    assert not any(any(secret) for secret in wiped)


def test_work_that_fails_is_wiped_too_and_says_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(CountingGroup):
        def mul(self, *given: object) -> bytes:
            raise BadBallot("broken")

    wiped: list[bytearray] = []
    monkeypatch.setattr("ballot.prove.wipe", lambda *secrets: wiped.extend(secrets) or hashing.wipe(*secrets))
    with pytest.raises(BadBallot, match=r"^broken$"):
        Poll().body((0, 1, 0), Broken())
    assert len(wiped) == 3
    assert not any(any(secret) for secret in wiped)
    assert "object at" in repr(Prover(GROUP, Poll().context))
