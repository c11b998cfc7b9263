"""A grant that is not ours changes nothing, however it came through a desk that was verified."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge.device.errors import DeskNotTrusted
from edge.device.grant import Asked, checked_grant, number_of, revocations_of
from provisioning.authority.issuing import issue_server
from tests.edge.device.hall_desk import DEVICE, Hall, der, make_hall, pem
from tests.provisioning.authority.roots import replaced_key
from wire.keys import Alg, PublicKey

KEY = ed25519.Ed25519PrivateKey.generate()
OWN = PublicKey(Alg.EDDSA, KEY.public_key().public_bytes_raw())
TLS = ec.generate_private_key(ec.SECP256R1())


def asked(hall: Hall, **other: Any) -> Asked:
    return replace(Asked(hall.root.certificate, hall.authority.intermediate, None, OWN), **other)


def certificate(hall: Hall, key: Any = None, device: str = DEVICE) -> x509.Certificate:
    return hall.authority.issue_from_key(device, (key or KEY).public_key())  # type: ignore[arg-type]  # a name


def test_an_honest_grant_becomes_the_files_of_the_folder(hall: Hall) -> None:
    issued = certificate(hall)
    papers = checked_grant(hall.grant(issued), asked(hall, device=DEVICE))
    assert papers.certificate == pem(issued)
    assert papers.authority == hall.authority.certificate_pem
    assert papers.intermediate == pem(hall.authority.intermediate)
    assert papers.revocations == hall.authority.root_revocations
    assert papers.tls_certificate is None


def test_a_second_key_gets_a_certificate_of_its_own(hall: Hall) -> None:
    tls = certificate(hall, TLS)
    point = TLS.public_key()
    own = PublicKey(Alg.ES256, point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    papers = checked_grant(hall.grant(certificate(hall), tls), asked(hall, tls_key=own))
    assert papers.tls_certificate == pem(tls)


def test_while_the_halls_key_is_replaced_both_authorities_are_taken(tmp_path_factory: Any) -> None:
    hall = make_hall(tmp_path_factory.mktemp("rotating"))
    old = hall.authority.own.certificate
    hall.authority = replaced_key(hall.authority, hall.root)
    papers = checked_grant(hall.grant(certificate(hall)), asked(hall))
    assert set(x509.load_pem_x509_certificates(papers.authority)) == {old, hall.authority.own.certificate}


def server(hall: Hall) -> x509.Certificate:
    own = hall.authority.own
    return issue_server(own, KEY.public_key(), [], now=datetime.now(UTC), serial=5, common_name=DEVICE)


FORGED: dict[str, tuple[Callable[[Hall, Hall], dict[str, Any]], str]] = {
    "for another device": (lambda *_: {"device": "keypad-02"}, "it is for keypad-02"),
    "a certificate of another name": (
        lambda hall, _: {"certificate": der(certificate(hall, device="keypad-02"))},
        "for keypad-02, not for keypad-01",
    ),
    "a certificate over another key": (
        lambda hall, _: {"certificate": der(certificate(hall, TLS))},
        "over another key",
    ),
    "a certificate of another hall": (
        lambda _, other: {"certificate": der(certificate(other))},
        "not issued by the authority beside it",
    ),
    "a server's certificate": (lambda hall, _: {"certificate": der(server(hall))}, "not for a device"),
    "a second certificate that nobody asked for": (
        lambda hall, _: {"tls_certificate": der(certificate(hall, TLS))},
        "not for the keys that were asked for",
    ),
    "another hall of the same root": (
        lambda _, other: {
            "certificate": der(certificate(other)),
            "authority": other.authority.certificate_pem,
            "intermediate": der(other.authority.intermediate),
        },
        "not the one that the desk itself stands under",
    ),
    "another hall's authority": (
        lambda _, other: {"authority": other.authority.certificate_pem},
        "not of the hall's key",
    ),
    "three authorities": (
        lambda hall, _: {"authority": hall.authority.certificate_pem * 3},
        "its authority is none",
    ),
    "the intermediate as authority": (
        lambda hall, _: {"authority": pem(hall.authority.intermediate)},
        "its authority is none",
    ),
    "a device as authority": (lambda hall, _: {"authority": pem(certificate(hall))}, "its authority is none"),
    "rubbish as authority": (lambda *_: {"authority": b"rubbish"}, "not a certificate"),
    "rubbish as certificate": (lambda *_: {"certificate": b"rubbish"}, "not a certificate"),
    "rubbish as intermediate": (lambda *_: {"intermediate": b"rubbish"}, "not a certificate"),
    "the authority as intermediate": (
        lambda hall, _: {"intermediate": der(hall.authority.own.certificate)},
        "not under the pinned root",
    ),
    "rubbish as list": (lambda *_: {"root_revocations": b"rubbish"}, "not the root's"),
}


@pytest.fixture(scope="module")
def other(hall: Hall) -> Hall:
    """Another hall under the same root."""
    return make_hall(hall.path, "hall-2", hall.root)


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_grant_is_refused_in_words(hall: Hall, other: Hall, case: str) -> None:
    change, words = FORGED[case]
    with pytest.raises(DeskNotTrusted, match=words) as refused:
        checked_grant(hall.grant(certificate(hall), **change(hall, other)), asked(hall, device=DEVICE))
    assert "nothing was changed" in refused.value.what


def test_a_list_that_names_the_halls_own_key_is_obeyed(tmp_path_factory: Any) -> None:
    hall = make_hall(tmp_path_factory.mktemp("revoked"))
    honest = hall.authority.root_revocations
    assert honest is not None
    listed = hall.root.revoke(hall.authority.intermediate)
    with pytest.raises(DeskNotTrusted, match="root has revoked"):
        checked_grant(
            hall.grant(certificate(hall), root_revocations=listed.public_bytes(Encoding.DER)), asked(hall)
        )
    with pytest.raises(DeskNotTrusted, match="root has revoked"):  # an old list does not make it good again
        checked_grant(hall.grant(certificate(hall), root_revocations=honest), asked(hall, kept=listed))


def test_an_older_list_never_takes_the_place_of_a_newer_one(hall: Hall, other: Hall) -> None:
    old = hall.root.write_list()
    newer = hall.root.revoke(other.authority.intermediate)
    assert number_of(newer) > number_of(old)
    for said in (old.public_bytes(Encoding.DER), None):
        papers = checked_grant(hall.grant(certificate(hall), root_revocations=said), asked(hall, kept=newer))
        assert papers.revocations == newer.public_bytes(Encoding.DER)
        assert revocations_of(papers.revocations, hall.root.certificate) is not None
