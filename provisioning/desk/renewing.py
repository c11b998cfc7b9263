"""A device of the hall asks for a new certificate over the key it has (wire/SPEC.md §10.3, `renew`).

Who asks is who stands in the ledger with exactly the certificate that the connection was made with, not
whom a chain vouches for: a stolen hall key signs what it likes, and after its theft the old devices come back
this way. The identity key that signs the envelope is the one in the fleet's registry, so that the key of a
connection alone (where the identity lives in an element) renews nothing.
"""

import logging
import threading
from typing import Any, Final
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from provisioning.desk.book import Book
from provisioning.desk.errors import Refused
from provisioning.desk.fleet_seats import OwnAccount
from provisioning.desk.ports import Authority
from provisioning.desk.registering import is_for_later
from provisioning.desk.requests import Requested, read_key, read_request
from provisioning.desk.terms import Terms
from provisioning.errors import AuthorityError, FleetRefused
from wire.enrol import Grant, Renewal, parse_said
from wire.envelope import Purpose, verify
from wire.errors import BadSchema, RecordRejected
from wire.ids import DeviceId

_log: Final = logging.getLogger("hallward.provisioning.desk")
_DER: Final = serialization.Encoding.DER


class Renewing:
    def __init__(
        self, book: Book, authority: Authority, turn: threading.Lock, own: OwnAccount, terms: Terms
    ) -> None:
        self._book, self._authority, self._turn = book, authority, turn
        self._own, self._terms = own, terms

    def renew(self, envelope: bytes, presented: bytes | None) -> Grant:
        """presented: the certificate of the connection, DER. Raises Refused."""
        self._book.check_clock()
        if presented is None:
            raise Refused("no-certificate", 403)
        device = self._holder(presented)
        try:
            known = self._own.call("GET", f"/api/devices/{quote(device)}")
            return self._renewed(device, envelope, presented, known)
        except FleetRefused as err:
            if is_for_later(err):
                raise Refused("fleet-down", 503) from err
            raise Refused("fleet-refused", 403, sentence=err.what) from err
        except AuthorityError as err:
            _log.warning("%s is not renewed: %s", device, err.what)
            raise Refused("authority-refused", 403, sentence=err.what) from err

    def _holder(self, presented: bytes) -> DeviceId:
        with self._turn:
            device = self._authority.certificate_in_force(presented)
            if device is not None:
                return device
            named = _common_name(presented)
            if self._authority.is_revoked(DeviceId(named)):
                raise Refused("revoked", 403, device=named)
        raise Refused("unknown-certificate", 403)

    def _renewed(self, device: DeviceId, envelope: bytes, presented: bytes, known: dict[str, Any]) -> Grant:
        identity = _registered(known)
        try:
            asked = parse_said(verify(envelope, Purpose.ENROL, device, identity.verifies), Renewal)
            request = read_request(asked.request)
            tls = None if asked.tls_request is None else read_request(asked.tls_request)
        except RecordRejected as err:
            raise Refused("bad-request", 422, sentence=err.what) from None
        if known.get("state") != "active":
            raise Refused("revoked", 403, device=device)
        if request.spki != identity.spki:
            raise Refused("other-identity", 403)
        with self._turn:
            made = self._authority.renew(presented, request.key)
            made_tls = None if tls is None else self._authority.renew(presented, tls.key)
        self._own.call("POST", "/api/devices", _registration(known, made))
        return self._terms.grant(
            device, known["role"], made.public_bytes(_DER), made_tls.public_bytes(_DER) if made_tls else None
        )


def _registered(known: dict[str, Any]) -> Requested:
    """The identity that the fleet has of this device. Raises FleetRefused."""
    try:
        return read_key(x509.load_pem_x509_certificate(known["certificate"].encode()).public_key())
    except (KeyError, ValueError, AttributeError, BadSchema):
        raise FleetRefused("the fleet does not answer as a fleet does: bring both to one release") from None


def _registration(known: dict[str, Any], certificate: x509.Certificate) -> dict[str, Any]:
    """The same device with its new certificate. All else is left out and stays as it is: what was read a
    moment ago may have changed since, and a renewal moves nobody back to where they stood."""
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return {"role": known["role"], "certificate": pem}


def _common_name(der: bytes) -> str:
    names = x509.load_der_x509_certificate(der).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""
