"""A signer, whatever holds its key: what it signs verifies, and only that."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519

from edge.device.adapters.file_signer import load_signer
from edge.device.errors import ConfigError
from wire.envelope import Purpose, seal, verify
from wire.errors import BadSignature
from wire.keys import SIGNATURE_BYTES, Alg, Signer
from wire.signers import Ed25519Signer, Es256Signer

Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | x25519.X25519PrivateKey


def pem(key: Private) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def in_file(folder: Path, key: Private) -> Signer:
    path = folder / "identity.key"
    path.touch(0o600)
    path.write_bytes(pem(key))
    return load_signer(path, "gate-01")


MAKERS: dict[str, Callable[[Path], Signer]] = {
    "Ed25519 in memory": lambda _: Ed25519Signer("gate-01", ed25519.Ed25519PrivateKey.generate()),
    "P-256 in memory": lambda _: Es256Signer("gate-01", ec.generate_private_key(ec.SECP256R1())),
    "Ed25519 file": lambda folder: in_file(folder, ed25519.Ed25519PrivateKey.generate()),
    "P-256 file": lambda folder: in_file(folder, ec.generate_private_key(ec.SECP256R1())),
}


@pytest.fixture(params=MAKERS)
def signer(request: pytest.FixtureRequest, tmp_path: Path) -> Signer:
    return MAKERS[request.param](tmp_path)


def test_what_it_signs_verifies_under_its_public_key_and_name(signer: Signer) -> None:
    envelope = seal(b"\x01", Purpose.RECORD, signer)
    assert verify(envelope, Purpose.RECORD, "gate-01", signer.public_key).payload == b"\x01"


def test_a_signature_has_64_bytes_and_covers_every_bit(signer: Signer) -> None:
    for round_ in range(20):
        message = bytes([round_]) * 40
        signature = signer.sign(message)
        assert len(signature) == SIGNATURE_BYTES
        signer.public_key.verify(signature, message)
        with pytest.raises(BadSignature):
            signer.public_key.verify(signature, message[:-1] + b"!")


def test_its_algorithm_is_its_keys(signer: Signer) -> None:
    assert signer.alg is signer.public_key.alg
    assert signer.alg in (Alg.EDDSA, Alg.ES256)


def test_it_never_shows_its_key(signer: Signer) -> None:
    assert repr(signer) in ("Ed25519Signer(gate-01)", "Es256Signer(gate-01)")


@pytest.mark.parametrize(
    "key",
    [ec.generate_private_key(ec.SECP384R1()), x25519.X25519PrivateKey.generate()],
    ids=["P-384", "X25519"],
)
def test_a_key_of_another_kind_is_refused_in_words(tmp_path: Path, key: Private) -> None:
    with pytest.raises(ConfigError, match=r"identity\.key: .*neither Ed25519 nor P-256"):
        in_file(tmp_path, key)
