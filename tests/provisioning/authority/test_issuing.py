"""What the hall's authority issues, and what it never does."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID

from provisioning.authority import issuing
from provisioning.errors import AuthorityError, ConfigError
from tests.servers.credentials import HALL
from wire.ids import DeviceId

DEVICE = DeviceId("keypad-1")
NOW = issuing.BEGINNING + timedelta(days=9000)


@pytest.fixture
def hall_authority() -> issuing.Authority:
    return issuing.create_authority(HALL, ec.generate_private_key(ec.SECP256R1()), now=NOW, serial=1)


def test_a_device_certificate_names_the_device_and_nothing_else(hall_authority: issuing.Authority) -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    certificate = issuing.issue_device(hall_authority, DEVICE, key, now=NOW, serial=2)
    certificate.verify_directly_issued_by(hall_authority.certificate)
    assert certificate.subject.rfc4514_string() == "CN=keypad-1"
    with pytest.raises(x509.ExtensionNotFound):  # NATS would map an alternative name before the subject
        certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)


def test_a_device_certificate_is_for_clients_and_ends_after_ninety_days(
    hall_authority: issuing.Authority,
) -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    certificate = issuing.issue_device(hall_authority, DEVICE, key, now=NOW, serial=2)
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not constraints.ca
    assert certificate.not_valid_after_utc - NOW == timedelta(days=90)


def test_a_certificate_is_believed_by_a_device_whose_clock_fell_back(
    hall_authority: issuing.Authority,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    certificate = issuing.issue_server(hall_authority, key, [], now=NOW, serial=2)
    year_before = NOW - timedelta(days=365)
    assert certificate.not_valid_before_utc < year_before
    assert hall_authority.certificate.not_valid_before_utc < year_before


def test_the_broker_is_itself_on_localhost_and_under_every_given_name(
    hall_authority: issuing.Authority,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    certificate = issuing.issue_server(hall_authority, key, ["hall.local", "10.0.0.2"], now=NOW, serial=2)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "hall.local"]
    assert [str(found) for found in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "10.0.0.2"]


@pytest.mark.parametrize("name", ["", "Keypad-1", "a/b", "+", "x" * 33, "-a", "keypad 1", "a.b"])
def test_a_name_that_a_topic_cannot_hold_gets_no_certificate(
    hall_authority: issuing.Authority, name: str
) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    with pytest.raises(ConfigError):
        issuing.issue_device(hall_authority, DeviceId(name), key.public_key(), now=NOW, serial=2)


def test_the_revocation_list_is_the_authoritys(hall_authority: issuing.Authority) -> None:
    pem = issuing.revocation_list(hall_authority, [issuing.Revoked(77, NOW)], now=NOW, number=3)
    found = x509.load_pem_x509_crl(pem)
    assert found.is_signature_valid(hall_authority.key.public_key())
    assert [entry.serial_number for entry in found] == [77]
    assert found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 3


def test_a_key_that_belongs_to_another_certificate_is_no_authority(
    hall_authority: issuing.Authority,
) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(AuthorityError, match="does not belong"):
        issuing.load_authority(hall_authority.certificate_pem, pem)


def test_the_key_of_an_authority_is_not_in_its_words(hall_authority: issuing.Authority) -> None:
    number = str(hall_authority.key.private_numbers().private_value)
    assert "key" not in repr(hall_authority).replace("Certificate", "")
    assert number not in repr(hall_authority)


def test_a_foreign_authority_did_not_issue_it(hall_authority: issuing.Authority) -> None:
    other = issuing.create_authority(HALL, ec.generate_private_key(ec.SECP256R1()), now=NOW, serial=1)
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    certificate = issuing.issue_device(other, DEVICE, key, now=NOW, serial=2)
    with pytest.raises(InvalidSignature):
        certificate.verify_directly_issued_by(hall_authority.certificate)
