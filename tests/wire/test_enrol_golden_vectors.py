"""What a device and the desk of today say to each other, later releases understand byte for byte."""

import hashlib
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519

from wire.claim_code import claim_code, typed_code
from wire.enrol import (
    Grant,
    Hello,
    Installed,
    Poll,
    Press,
    Renewal,
    Status,
    encode_enrol,
    parse_answer,
    parse_hello,
    parse_said,
)
from wire.envelope import Purpose, claimed_signer, seal, verify
from wire.fields import Body
from wire.signers import Ed25519Signer

SAID: dict[str, type[Body]] = {"poll": Poll, "press": Press, "installed": Installed}


@pytest.fixture
def golden(vectors: Any) -> Any:
    return vectors("enrol.json")


def _signer(golden: Any, kid: str) -> Ed25519Signer:
    return Ed25519Signer(kid, ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(golden["seed"])))


def test_codes_of_the_vectors_are_those_of_their_numbers(golden: Any) -> None:
    for number, code in golden["codes"]:
        assert claim_code(number) == code == typed_code(code)


def test_a_hello_reads_as_it_was_said_and_its_request_proves_the_key(golden: Any) -> None:
    plain = bytes.fromhex(golden["hello"])
    hello = parse_hello(plain)
    assert (hello.role, hello.serial, hello.tls_request) == ("keypad", "10000000a3b1c2d4", None)
    assert encode_enrol(hello) == plain
    assert hello.request.hex() == golden["request"]
    request = x509.load_der_x509_csr(hello.request)
    assert request.is_signature_valid
    key = request.public_key()
    assert isinstance(key, ed25519.Ed25519PublicKey)
    assert key.public_bytes_raw() == _signer(golden, "any").public_key.raw


@pytest.mark.parametrize(("name", "kind"), [("status", Status), ("grant", Grant)])
def test_answers_of_the_vectors_are_read_and_written_alike(
    golden: Any, name: str, kind: type[Status] | type[Grant]
) -> None:
    plain = bytes.fromhex(golden[name])
    assert encode_enrol(parse_answer(plain, kind)) == plain


@pytest.mark.parametrize("name", SAID)
def test_what_a_claim_says_is_signed_in_its_own_name(golden: Any, name: str) -> None:
    envelope = bytes.fromhex(golden["said"][name])
    signer = _signer(golden, golden["claim"])
    assert claimed_signer(envelope) == golden["claim"]
    body = parse_said(verify(envelope, Purpose.ENROL, golden["claim"], signer.public_key), SAID[name])
    assert seal(encode_enrol(body), Purpose.ENROL, signer) == envelope  # type: ignore[arg-type]  # one of SAID
    if isinstance(body, Press):
        assert body.request_hash == hashlib.sha256(bytes.fromhex(golden["request"])).digest()


def test_a_renewal_is_signed_in_the_devices_name(golden: Any) -> None:
    envelope = bytes.fromhex(golden["renewal"])
    signer = _signer(golden, "keypad-abcdefgh")
    renewal = parse_said(verify(envelope, Purpose.ENROL, signer.kid, signer.public_key), Renewal)
    assert isinstance(renewal, Renewal)
    assert renewal.request.hex() == golden["request"]
    assert seal(encode_enrol(renewal), Purpose.ENROL, signer) == envelope


def test_a_hello_is_no_answer_and_an_answer_no_hello(golden: Any) -> None:
    assert isinstance(parse_hello(bytes.fromhex(golden["hello"])), Hello)
    for name, kind in (("hello", Status), ("status", Grant), ("grant", Status)):
        with pytest.raises(Exception, match=f"not a {kind.kind}"):
            parse_answer(bytes.fromhex(golden[name]), kind)
