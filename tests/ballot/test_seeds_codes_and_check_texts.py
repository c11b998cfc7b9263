"""A seed depends on all that it should, a code is read aloud without doubt, a damaged check text says so."""

import base64
import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.errors import BadBallot
from ballot.hashing import h32, h64, hash_of, hs, keyed_scalar, wipe
from ballot.seeds import Check, check_text, code_of, commitment, fingerprint, parse_check_text, seed_of
from tests.ballot.contests import CONTEST, VOTER, Poll
from wire import cbor
from wire.ids import ContestId, VoterRef

LOCAL, NONCE = h32("tests", "local"), h32("tests", "nonce")
CHECK = Check(CONTEST, VoterRef(VOTER), 2, 77, LOCAL, NONCE, b"\x00\x01\x00")
SYMBOLS = set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def test_a_seed_depends_on_both_sides_and_on_its_place() -> None:
    context = Poll().context
    seeds = {
        bytes(seed_of(*given))
        for given in (
            (LOCAL, NONCE, context, VOTER, 1),
            (NONCE, LOCAL, context, VOTER, 1),
            (LOCAL, bytes(32), context, VOTER, 1),
            (bytes(32), NONCE, context, VOTER, 1),
            (LOCAL, NONCE, context, bytes(16), 1),
            (LOCAL, NONCE, context, VOTER, 2),
            (LOCAL, NONCE, Poll(contest=ContestId(bytes(16))).context, VOTER, 1),
            (LOCAL, NONCE, Poll(manifest=bytes(32)).context, VOTER, 1),
        )
    }
    assert len(seeds) == 8
    assert {len(seed) for seed in seeds} == {32}


@pytest.mark.parametrize(("local", "nonce"), [(bytes(31), NONCE), (LOCAL, bytes(33)), (b"", b"")])
def test_a_seed_is_made_of_whole_parts(local: bytes, nonce: bytes) -> None:
    with pytest.raises(BadBallot):
        seed_of(local, nonce, Poll().context, VOTER, 1)


def test_a_commitment_is_to_one_place_and_hides_what_it_is_to() -> None:
    made = commitment(VOTER, CONTEST, 1, LOCAL)
    assert made == commitment(VOTER, CONTEST, 1, bytearray(LOCAL))
    others = {
        commitment(bytes(16), CONTEST, 1, LOCAL),
        commitment(VOTER, bytes(16), 1, LOCAL),
        commitment(VOTER, CONTEST, 2, LOCAL),
        commitment(VOTER, CONTEST, 1, NONCE),
    }
    assert len(others | {made}) == 5


def test_a_code_is_sixty_bits_in_symbols_that_nobody_confuses() -> None:
    code = code_of(bytes(32), VOTER, 0, 1, hash_of(b"body"))
    assert [len(part) for part in code.split("-")] == [4, 4, 4]
    assert set(code) - {"-"} <= SYMBOLS
    assert fingerprint(bytes(32)) == "0000-0000-0000"
    assert fingerprint(b"\xff" * 32) == "ZZZZ-ZZZZ-ZZZZ"
    assert fingerprint(bytes.fromhex("08421084210842ff") + bytes(24)) == "1111-1111-111F"


@given(st.binary(min_size=32, max_size=32))
def test_a_fingerprint_is_the_first_sixty_bits(digest: bytes) -> None:
    ordered = sorted(SYMBOLS)
    value = 0
    for symbol in fingerprint(digest).replace("-", ""):
        value = value * 32 + ordered.index(symbol)
    assert value == int.from_bytes(digest, "big") >> 196


def test_a_fingerprint_is_of_a_hash_alone() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        fingerprint(bytes(31))


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 2**32 - 1),
    st.lists(st.integers(0, 1), min_size=1, max_size=130),
)
def test_a_check_text_comes_back(generation: int, seq: int, choices: list[int]) -> None:
    check = replace(CHECK, generation=generation, seq=seq, choices=bytes(choices))
    text = check_text(check)
    assert parse_check_text(text) == check
    # The alphanumeric set of QR codes: a third smaller than bytes.
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567HV1:")


def test_a_check_does_not_show_itself_in_logs() -> None:
    assert LOCAL.hex() not in repr(CHECK)
    assert "choices" not in repr(CHECK)
    assert "local" not in repr(CHECK)


def text_of(value: Any) -> str:
    return "HV1:" + base64.b32encode(cbor.encode(value)).decode().rstrip("=")


PARTS: list[Any] = [CONTEST, VOTER, 2, 77, LOCAL, NONCE, b"\x00\x01\x00"]
GOOD = check_text(CHECK)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "HV1:",
        "HV2:" + GOOD[4:],
        GOOD[4:],
        GOOD.lower(),
        GOOD + "=",
        GOOD + "A",
        GOOD[:-1],
        " " + GOOD,
        GOOD + "\n",
        GOOD[:20] + "0" + GOOD[21:],
        GOOD[:20] + "é" + GOOD[21:],
        "HV1:" + "A" * 5000,
        text_of(None),
        text_of(PARTS[:-1]),
        text_of([*PARTS, 1]),
        *(
            text_of([*PARTS[:place], odd, *PARTS[place + 1 :]])
            for place, odds in enumerate(
                [
                    [None, bytes(15), "c" * 16],
                    [None, bytes(17)],
                    [True, -1, 2**32],
                    [True, 0, 2**32],
                    [bytes(31), list(LOCAL)],
                    [bytes(33)],
                    [b"", b"\x02", bytes(131), [0, 1, 0]],
                ]
            )
            for odd in odds
        ),
    ],
)
def test_another_text_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadBallot) as refused:
        parse_check_text(text)
    assert "check" in refused.value.diagnostics()
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize("options", range(1, 6))
def test_the_last_symbol_has_no_second_writing(options: int) -> None:
    """Base32 leaves bits over at four of five lengths; only zeros may stand there."""
    text = check_text(replace(CHECK, choices=bytes(options)))
    for symbol in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567":
        other = text[:-1] + symbol
        try:
            check = parse_check_text(other)
        except BadBallot:
            continue
        assert check_text(check) == other


@given(st.text(max_size=60))
def test_any_text_is_a_check_or_refused(text: str) -> None:
    for given_text in (text, "HV1:" + text):
        with pytest.raises(BadBallot):
            parse_check_text(given_text)


def test_hashes_are_of_the_one_encoding_whatever_carries_the_parts() -> None:
    whole = cbor.encode(["hallvote-eg-ristretto255-sha512-v1", "tag", LOCAL, [1, None, "x"], 7])
    assert h32("tag", LOCAL, [1, None, "x"], 7) == hashlib.sha256(whole).digest()
    assert h64("tag", bytearray(LOCAL), [1, None, "x"], 7) == hashlib.sha512(whole).digest()
    for length in (0, 23, 24, 255):
        assert h64("tag", bytearray(length)) == h64("tag", bytes(length))
    assert hs("tag") < 2**252 + 2**125
    assert (
        keyed_scalar(b"k", 1, 2, 3) == keyed_scalar(bytearray(b"k"), 1, 2, 3) != keyed_scalar(b"k", 1, 2, 4)
    )


def test_the_context_stands_in_hashes_as_its_value() -> None:
    context = Poll().context
    value = [context.manifest_hash, context.contest, context.shape.encoded(), context.election_key]
    assert h64("tag", context.encoded, 1) == h64("tag", value, 1)


def test_a_context_of_other_lengths_is_a_fault_of_ours() -> None:
    for odd in ({"manifest": bytes(31)}, {"contest": bytes(15)}, {"key": bytes(33)}):
        with pytest.raises(ValueError, match="bytes"):
            _ = Poll(**odd).context  # type: ignore[arg-type]  # one field each


def test_wiping_leaves_zeros() -> None:
    secret = bytearray(LOCAL)
    wipe(secret, bytearray())
    assert secret == bytes(32)
