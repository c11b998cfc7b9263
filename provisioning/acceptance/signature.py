"""The hall's signature under its commissioning report: PAdES baseline B, certified by the hall's authority.

The key lies in the authority's folder and signs reports alone: its certificate is for documents, so no broker
takes it for a device. There is no time-stamp server in an offline hall: the time in the signature is that of
the machine that made it, and the report says so.
"""

import io
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.keys.pemder import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from provisioning.authority import forms
from provisioning.authority.folder import AuthorityFolder
from provisioning.authority.keys import authority_key
from provisioning.errors import AuthorityError
from provisioning.files import PUBLIC, key_pem, write_whole

KEY_FILE: Final = "commissioning.key"
CERTIFICATE_FILE: Final = "commissioning.crt"
FIELD: Final = "Commissioning"
DOCUMENT_SIGNING: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""id-kp-documentSigning, RFC 9336."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What signs the reports of one hall. Its key is never printed."""

    certificate: x509.Certificate
    issuer: x509.Certificate
    _key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hex."""
        return forms.digest(self.certificate)

    def sign(self, pdf: bytes, *, reason: str, location: str) -> bytes:
        """The same document with one invisible signature over every byte of it."""
        (own,) = load_certs_from_pemder_data(forms.certificate_pem(self.certificate))
        key = load_private_key_from_pemder_data(key_pem(self._key), passphrase=None)
        # The authority's certificate does not travel along: who checks has it from elsewhere, or believes
        # nobody.
        signer = SimpleSigner(own, key, SimpleCertificateStore())  # type: ignore[no-untyped-call]  # it has none
        meta = PdfSignatureMetadata(
            field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, reason=reason,
            location=location,
        )  # fmt: skip
        out = io.BytesIO()
        PdfSigner(meta, signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
        return out.getvalue()


def seal_of(authority: AuthorityFolder) -> Seal:
    """The hall's seal, made at the first report, and certified anew when the hall's key was replaced. Raises
    AuthorityError, ConfigError."""
    now = authority.time()
    key = authority_key(authority.path / KEY_FILE)
    issuer = authority.own.certificate
    found = _read(authority)
    if (
        found is None
        or found.public_key() != key.public_key()
        or not forms.is_issued_by(found, issuer)
        or found.not_valid_after_utc <= now
    ):
        found = _issue(authority, key.public_key(), now)
    return Seal(found, issuer, key)


def _read(authority: AuthorityFolder) -> x509.Certificate | None:
    path = authority.path / CERTIFICATE_FILE
    if not path.exists():
        return None
    found = forms.certificates_of(path.read_bytes(), CERTIFICATE_FILE)
    if len(found) != 1:
        raise AuthorityError(f"{path} holds {len(found)} certificates: remove it to have another one made")
    return found[0]


def _issue(authority: AuthorityFolder, key: ec.EllipticCurvePublicKey, now: datetime) -> x509.Certificate:
    """As long as the authority itself lasts: a report is read for years. Written to the ledger first."""
    own, name = authority.own, f"Commissioning {authority.card.hall}"
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,  # non-repudiation: what validators ask of who signs documents
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    start = forms.builder(
        forms.name(name),
        own.certificate.subject,
        key,
        own.certificate.not_valid_after_utc,
        authority.means.serial(),
    )
    made = (
        start.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(forms.issuer_id(own.key), critical=False)
        .sign(own.key, hashes.SHA256())
    )
    authority.ledger.served(name, made, now)
    write_whole(authority.path / CERTIFICATE_FILE, forms.certificate_pem(made), PUBLIC)
    return made
