"""A code typed wrongly is noticed; bytes that nobody of ours would say are refused; a key behind a port stays
there."""

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from wire import cbor
from wire.claim_code import ALPHABET, CODE_CHARACTERS, RANDOM_BITS, claim_code, spaced, typed_code
from wire.enrol import Hello, Poll, Status, encode_enrol, parse_answer, parse_hello, parse_said
from wire.envelope import Purpose, seal, verify
from wire.errors import BadSchema, BadSignature, RecordRejected
from wire.keys import Signer
from wire.remote_key import RemoteEcKey, RemoteEd25519Key, key_of
from wire.signers import Ed25519Signer, Es256Signer

CLAIM = bytes(range(16))
NONCE = bytes(32)
numbers = st.integers(0, 2**RANDOM_BITS - 1)
places = st.integers(0, CODE_CHARACTERS - 1)


@given(numbers)
def test_a_code_is_read_as_people_type_it(number: int) -> None:
    code = claim_code(number)
    assert typed_code(code) == code
    assert typed_code(spaced(code).lower()) == code
    assert typed_code(f" {code[:4]}-{code[4:]} ".replace("1", "l").replace("0", "o")) == code


@given(numbers, places, st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_noticed(number: int, place: int, other: str) -> None:
    code = claim_code(number)
    typed = code[:place] + other + code[place + 1 :]
    if other == code[place]:
        assert typed_code(typed) == code
    else:
        with pytest.raises(BadSchema, match="look at the device again"):
            typed_code(typed)


@given(numbers, st.integers(0, CODE_CHARACTERS - 2))
def test_two_neighbours_in_the_wrong_order_are_noticed(number: int, place: int) -> None:
    code = claim_code(number)
    if code[place] != code[place + 1]:
        with pytest.raises(BadSchema, match="exchanged"):
            typed_code(code[:place] + code[place + 1] + code[place] + code[place + 2 :])


@pytest.mark.parametrize("typed", ["", "7K3F", "7K3F9QX2Z", "7K3F 9QU2", "🔑" * 8, "7K3F9QX2\n7K3F9QX2"])
def test_what_cannot_be_a_code_is_answered_with_a_sentence(typed: str) -> None:
    with pytest.raises(BadSchema, match=r"type it again|look at the device again"):
        typed_code(typed)


def test_a_number_too_large_for_a_code_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="35 bits"):
        claim_code(2**RANDOM_BITS)


def _status(**changed: Any) -> Status:
    fields: dict[str, Any] = {
        "claim": CLAIM, "nonce": NONCE, "state": "waiting", "code": claim_code(7), "expires_ms": 1,
        "page": "", "place": "", "vi": "", "en": "",
    }  # fmt: skip
    return Status(**{**fields, **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {"claim": b"short"}, {"state": "green"}, {"code": "0000000U"}, {"code": "0000"}, {"page": "x" * 201},
        {"vi": "ơ" * 201}, {"expires_ms": -1},
    ],
)  # fmt: skip
def test_a_status_that_cannot_be_is_refused_where_it_is_made(changed: dict[str, Any]) -> None:
    with pytest.raises(BadSchema):
        encode_enrol(_status(**changed))


@given(st.binary(max_size=300))
def test_garbage_is_refused_in_our_own_words(content: bytes) -> None:
    for parse in (parse_hello, lambda data: parse_answer(data, Status)):
        with pytest.raises(RecordRejected):
            parse(content)


def test_a_hello_over_the_limit_is_refused_before_it_is_read() -> None:
    hello = Hello("gate", "s", b"r" * 2048, b"t" * 2048, None, "", None)
    assert parse_hello(encode_enrol(hello)) == hello
    with pytest.raises(RecordRejected):
        parse_hello(cbor.encode(["hello/1", *hello.raw(), b"x" * 8192]))


def test_what_was_signed_for_another_purpose_is_not_said_to_the_desk(signer: Any) -> None:
    mine = signer(CLAIM.hex())
    plain = encode_enrol(Poll(CLAIM, NONCE))
    with pytest.raises(BadSignature):
        verify(seal(plain, Purpose.BIRTH, mine), Purpose.ENROL, mine.kid, mine.public_key)
    birth = verify(seal(plain, Purpose.BIRTH, mine), Purpose.BIRTH, mine.kid, mine.public_key)
    with pytest.raises(BadSchema, match="desk"):
        parse_said(birth, Poll)


@pytest.mark.parametrize("curve", ["ed25519", "p256"])
def test_a_key_behind_a_port_signs_requests_and_never_shows_itself(curve: str) -> None:
    signer: Signer = (
        Ed25519Signer("device", ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)))
        if curve == "ed25519"
        else Es256Signer("device", ec.derive_private_key(77, ec.SECP256R1()))
    )
    key = key_of(signer)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "serial")])
    algorithm = None if isinstance(key, RemoteEd25519Key) else hashes.SHA256()
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, algorithm)
    assert request.is_signature_valid
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with pytest.raises(TypeError, match="does not leave"):
        key.private_bytes(*form)
    if isinstance(key, RemoteEcKey):
        assert key.key_size == 256
        with pytest.raises(TypeError, match="does not leave"):
            key.private_numbers()
        with pytest.raises(TypeError, match="does not leave"):
            key.exchange(ec.ECDH(), key.public_key())
    else:
        with pytest.raises(TypeError, match="does not leave"):
            key.private_bytes_raw()
