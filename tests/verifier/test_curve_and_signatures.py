"""The verifier's own arithmetic against published answers and known bad signatures."""

import hashlib
import json
from pathlib import Path

import pytest

from tests.verifier.election import signer
from verifier import verify

RFC9496 = json.loads((Path(__file__).parents[1] / "ballot" / "rfc9496.json").read_text())
RFC8032 = [  # RFC 8032 §7.1, tests 1 to 3: key, message, signature
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0"
            "595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eae"
            "b4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9"
            "716ed28dc027beceea1ec40a"
        ),
    ),
]
TORSION_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")


def test_multiples_of_the_base() -> None:
    for k, expected in enumerate(RFC9496["multiples_of_the_base"]):
        assert verify.point_bytes(verify.mix((k, verify.BASE_TABLE))).hex() == expected
        assert verify.point_bytes(verify.point_of(bytes.fromhex(expected))).hex() == expected


@pytest.mark.parametrize("encoding", RFC9496["bad_encodings"])
def test_bad_encodings_are_no_points(encoding: str) -> None:
    with pytest.raises(verify.Bad):
        verify.point_of(bytes.fromhex(encoding))


@pytest.mark.parametrize("raw", [b"", bytes(31), bytes(33)])
def test_other_lengths_are_no_points_scalars_or_keys(raw: bytes) -> None:
    for read in (verify.point_of, verify.scalar_of, verify.edwards):
        with pytest.raises(verify.Bad):
            read(raw)
    assert verify.key_table(raw) is None


def test_the_order_times_the_base_is_the_identity() -> None:
    assert verify.point_bytes(verify.mix((verify.L, verify.BASE_TABLE))) == bytes(32)
    with pytest.raises(verify.Bad):
        verify.scalar_of(verify.L.to_bytes(32, "little"))
    with pytest.raises(verify.Bad):
        verify.usable(bytes(32))


@pytest.mark.parametrize(("key", "message", "signature"), RFC8032)
def test_published_signatures_verify_and_their_mutants_do_not(key: str, message: str, signature: str) -> None:
    k, m, s = bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)
    assert verify.ed25519(k, m, s)
    assert not verify.ed25519(k, m + b"\0", s)
    for bit in range(0, 512, 37):
        mutant = bytearray(s)
        mutant[bit // 8] ^= 1 << bit % 8
        assert not verify.ed25519(k, m, bytes(mutant))
    above = s[:32] + (int.from_bytes(s[32:], "little") + verify.L).to_bytes(32, "little")
    assert not verify.ed25519(k, m, above)
    assert not verify.ed25519(k, m, s[:63])


@pytest.mark.parametrize(
    "key",
    [
        b"\1" + bytes(31),  # the identity
        bytes(32),  # order 4
        TORSION_8,
        (2**255 - 20).to_bytes(32, "little"),  # order 2
        (2**255 - 18).to_bytes(32, "little"),  # the identity, not in its one form
        b"\1" + bytes(30) + b"\x80",  # x = 0 with a sign
        b"\2" + bytes(31),  # no point
    ],
)
def test_keys_of_small_order_and_other_forms_sign_nothing(key: bytes) -> None:
    # With a key of small order S = 0 and R = the identity would verify any message with k = 0 mod 8.
    for attempt in range(16):
        assert not verify.ed25519(key, bytes([attempt]), b"\1" + bytes(63))
    assert verify.key_table(key) is None


def test_a_key_with_a_torsion_part_is_none() -> None:
    honest = verify.edwards(signer("a").public_key.raw)
    mixed = verify.add(honest, verify.prepared(verify.edwards(TORSION_8)))
    assert verify.key_table(verify.edwards_bytes(mixed)) is None


def test_a_signature_that_holds_only_with_the_cofactor_is_none() -> None:
    secret, message = 12345, b"message"
    key = verify.edwards_bytes(verify.mix((secret, verify.ED_BASE_TABLE)))
    torsion = verify.prepared(verify.edwards(TORSION_8))
    r = verify.edwards_bytes(verify.add(verify.mix((777, verify.ED_BASE_TABLE)), torsion))
    k = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % verify.L
    s = ((777 + k * secret) % verify.L).to_bytes(32, "little")
    assert not verify.ed25519(key, message, r + s)
