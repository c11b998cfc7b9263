"""A signing request (PKCS #10): this is my name, this is my key, and I hold it. Pure."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from wire.keys import Alg, Signer
from wire.remote_key import key_of


def signing_request(signer: Signer, common_name: str) -> bytes:
    """DER. Whoever issues decides the name: this one is what the device believes, or its serial number."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    digest = None if signer.alg is Alg.EDDSA else hashes.SHA256()
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key_of(signer), digest)
    return request.public_bytes(Encoding.DER)
