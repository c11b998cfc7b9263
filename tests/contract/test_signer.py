"""A signer, whatever holds its key: what it signs verifies, and only that; its key never leaves."""

import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519

from edge.device.adapters.file_signer import load_signer
from edge.device.adapters.keystore import KEY_FILE, TLS_KEY_FILE, make_key, open_signer, open_tls_signer
from edge.device.config import IdentityTable
from edge.device.errors import ConfigError, DeviceError, StoreError
from edge.device.request import signing_request
from tests.contract import rpi_fw_crypto
from tests.servers import softhsm, software_tpm
from tests.servers.softhsm import PIN, tokens  # noqa: F401  # a fixture
from tests.servers.software_tpm import tpm  # noqa: F401  # a fixture
from wire.envelope import Purpose, seal, verify
from wire.errors import BadSignature
from wire.keys import SIGNATURE_BYTES, Alg, Signer
from wire.remote_key import key_of
from wire.signers import Ed25519Signer, Es256Signer

pytestmark = pytest.mark.slow
Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | x25519.X25519PrivateKey
FILE = IdentityTable()


def pem(key: Private) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def in_file(folder: Path, key: Private) -> Signer:
    path = folder / "identity.key"
    path.touch(0o600)
    path.write_bytes(pem(key))
    return load_signer(path, "gate-01")


def made_in(folder: Path, identity: IdentityTable, alg: Alg) -> Signer:
    make_key(folder, identity, alg)
    return open_signer(folder, "gate-01", identity)


def token_of(folder: Path, label: str = "hallward") -> IdentityTable:
    """A SoftHSM token and its PIN's file."""
    pin = folder / "token.pin"
    pin.touch(0o600)
    pin.write_text(f"{PIN}\n")
    return IdentityTable("pkcs11", str(softhsm.MODULE), label, "hallward", "token.pin")


def tpm_of(folder: Path) -> IdentityTable:
    return replace(token_of(folder, software_tpm.TOKEN), module=str(software_tpm.module()))


def raspberry(folder: Path) -> IdentityTable:
    """The stand-in of its program, which stands for the Pi as well."""
    program = folder / "rpi-fw-crypto"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -I {rpi_fw_crypto.__file__} {folder} "$@"\n')
    program.chmod(0o755)
    return IdentityTable("rpi-otp", str(program), key="1")


@dataclass(frozen=True)
class Maker:
    make: Callable[[Path], Signer]
    needs: str = ""


MAKERS: dict[str, Maker] = {
    "Ed25519 in memory": Maker(lambda _: Ed25519Signer("gate-01", ed25519.Ed25519PrivateKey.generate())),
    "P-256 in memory": Maker(lambda _: Es256Signer("gate-01", ec.generate_private_key(ec.SECP256R1()))),
    "Ed25519 file": Maker(lambda folder: made_in(folder, FILE, Alg.EDDSA)),
    "P-256 file": Maker(lambda folder: made_in(folder, FILE, Alg.ES256)),
    "PKCS #11 token": Maker(lambda folder: made_in(folder, token_of(folder), Alg.ES256), "tokens"),
    "TPM": Maker(lambda folder: made_in(folder, tpm_of(folder), Alg.ES256), "tpm"),
    "OTP of a Raspberry Pi": Maker(lambda folder: made_in(folder, raspberry(folder), Alg.ES256)),
}


@pytest.fixture(params=MAKERS)
def signer(request: pytest.FixtureRequest, tmp_path: Path) -> Signer:
    maker = MAKERS[request.param]
    if maker.needs:
        request.getfixturevalue(maker.needs)
    return maker.make(tmp_path)


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
    assert repr(signer) == f"{type(signer).__name__}(gate-01)"
    with pytest.raises(TypeError):
        key_of(signer).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def test_it_signs_a_request_that_proves_it_holds_the_key(signer: Signer) -> None:
    request = x509.load_der_x509_csr(signing_request(signer, "gate-01"))
    assert request.is_signature_valid
    assert request.subject.rfc4514_string() == "CN=gate-01"
    assert request.public_key() == key_of(signer).public_key()


@pytest.mark.parametrize(
    "key",
    [ec.generate_private_key(ec.SECP384R1()), x25519.X25519PrivateKey.generate()],
    ids=["P-384", "X25519"],
)
def test_a_key_of_another_kind_is_refused_in_words(tmp_path: Path, key: Private) -> None:
    with pytest.raises(ConfigError, match=r"identity\.key: .*neither Ed25519 nor P-256"):
        in_file(tmp_path, key)


# -- keys that are made where they stay --------------------------------------------------------------------


@pytest.mark.parametrize("alg", [Alg.EDDSA, Alg.ES256])
def test_a_key_in_a_file_is_its_owners_alone_and_is_made_once(tmp_path: Path, alg: Alg) -> None:
    make_key(tmp_path, FILE, alg)
    before = (tmp_path / KEY_FILE).read_bytes()
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    make_key(tmp_path, FILE, alg)
    assert (tmp_path / KEY_FILE).read_bytes() == before
    assert open_tls_signer(tmp_path, "gate-01", FILE) is None


@pytest.mark.usefixtures("tokens")
def test_a_key_in_a_token_is_made_once_and_connections_have_another(tmp_path: Path) -> None:
    identity = token_of(tmp_path)
    first = made_in(tmp_path, identity, Alg.ES256).public_key
    assert made_in(tmp_path, identity, Alg.ES256).public_key == first
    assert not (tmp_path / KEY_FILE).exists()
    tls = open_tls_signer(tmp_path, "gate-01", identity)
    assert tls is not None
    assert tls.alg is Alg.ES256
    assert tls.public_key != first
    assert stat.S_IMODE((tmp_path / TLS_KEY_FILE).stat().st_mode) == 0o600


@pytest.mark.usefixtures("tokens")
def test_a_key_in_a_token_cannot_be_read_out_of_it(tmp_path: Path) -> None:
    made_in(tmp_path, token_of(tmp_path), Alg.ES256)
    token = pkcs11.lib(str(softhsm.MODULE)).get_token(token_label="hallward")
    with token.open() as session:  # logged in with the signer: a login is the process's
        key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label="hallward")
        assert key[pkcs11.Attribute.SENSITIVE]
        assert not key[pkcs11.Attribute.EXTRACTABLE]
        with pytest.raises((pkcs11.AttributeSensitive, pkcs11.AttributeTypeInvalid)):
            _ = key[pkcs11.Attribute.VALUE]


@pytest.mark.usefixtures("tokens")
def test_a_key_that_somebody_put_into_the_token_readable_is_not_used(tmp_path: Path) -> None:
    token = pkcs11.lib(str(softhsm.MODULE)).get_token(token_label="hallward")
    with token.open(rw=True, user_pin=PIN) as session:
        curve = {pkcs11.Attribute.EC_PARAMS: pkcs11.util.ec.encode_named_curve_parameters("secp256r1")}
        session.create_domain_parameters(pkcs11.KeyType.EC, curve, local=True).generate_keypair(
            store=True, label="hallward", private_template={pkcs11.Attribute.EXTRACTABLE: True}
        )
    with pytest.raises(ConfigError, match="may be read out of it"):
        open_signer(tmp_path, "gate-01", token_of(tmp_path))


@pytest.mark.usefixtures("tokens")
def test_a_token_that_was_reset_goes_on_signing(tmp_path: Path) -> None:
    signer = made_in(tmp_path, token_of(tmp_path), Alg.ES256)
    softhsm.see_new_tokens()  # every session ends, as after a reset
    signer.public_key.verify(signer.sign(b"after"), b"after")


@pytest.mark.usefixtures("tokens")
def test_what_a_vanished_token_cannot_sign_is_not_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = made_in(tmp_path, token_of(tmp_path), Alg.ES256)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.conf").write_text(f"directories.tokendir = {tmp_path}/empty\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "empty.conf"))
    softhsm.see_new_tokens()
    with pytest.raises(StoreError, match=r"does not sign.*start this device again"):
        signer.sign(b"lost")


@pytest.mark.usefixtures("tokens")
@pytest.mark.parametrize(
    ("pin", "mode", "words"),
    [
        ("000000\n", 0o600, "refuses the PIN in token.pin .*do not try on"),
        (PIN, 0o640, "may be read by others .mode 640."),
        ("", 0o600, "holds no PIN"),
    ],
)
def test_a_pin_that_does_not_open_is_told_in_words_and_never_quoted(
    tmp_path: Path, pin: str, mode: int, words: str
) -> None:
    identity = token_of(tmp_path)
    (tmp_path / "token.pin").write_text(pin)
    (tmp_path / "token.pin").chmod(mode)
    with pytest.raises(ConfigError, match=words) as refused:
        make_key(tmp_path, identity, Alg.ES256)
    assert not pin or pin.strip() not in str(refused.value)


@pytest.mark.usefixtures("tokens")
def test_a_token_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=r"0 tokens are called 'other' .*hallward.*connected"):
        make_key(tmp_path, token_of(tmp_path, "other"), Alg.ES256)


def test_a_library_that_is_none_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "module.so").write_bytes(b"no library")
    identity = IdentityTable("pkcs11", str(tmp_path / "module.so"), "hallward", "hallward", "token.pin")
    with pytest.raises(ConfigError, match=r"identity\.module .*module\.so is no PKCS #11 library"):
        make_key(tmp_path, identity, Alg.ES256)


# -- the firmware of a Raspberry Pi ------------------------------------------------------------------------


def test_one_time_memory_is_written_once_and_locked_against_reading(tmp_path: Path) -> None:
    identity = raspberry(tmp_path)
    first = made_in(tmp_path, identity, Alg.ES256)
    assert made_in(tmp_path, identity, Alg.ES256).public_key == first.public_key
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked.count("genkey --key-id 1 --alg ec") == 1
    assert asked[-1] == "set-key-status 1 LOCKED"
    assert not any("privkey" in line for line in asked)


def test_what_the_firmware_cannot_sign_is_not_stored(tmp_path: Path) -> None:
    signer = made_in(tmp_path, raspberry(tmp_path), Alg.ES256)
    (tmp_path / "broken").touch()
    with pytest.raises(StoreError, match=r"does not sign .*Failed to open /dev/vcio"):
        signer.sign(b"lost")


def script(folder: Path, text: str) -> IdentityTable:
    program = folder / "program"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    return IdentityTable("rpi-otp", str(program), key="1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("yes", "said more than 512 bytes"),
        ("printf rubbish", "OTP key 1 is not a P-256 key"),
        ("exit 3", "pubkey failed: status 3"),
    ],
)
def test_a_program_that_talks_nonsense_is_not_believed(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(DeviceError, match=words):
        open_signer(tmp_path, "gate-01", script(tmp_path, text))


def test_a_program_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.device.adapters.rpi_otp_signer.TIMEOUT_S", 0.05)
    with pytest.raises(DeviceError, match="took longer"):
        open_signer(tmp_path, "gate-01", script(tmp_path, "exec sleep 60"))


def test_a_raspberry_without_the_program_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="install rpi-fw-crypto"):
        make_key(tmp_path, IdentityTable("rpi-otp", str(tmp_path / "none"), key="1"), Alg.ES256)
