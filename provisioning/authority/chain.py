"""The way from a hall up to the root, as files of the authority's folder.

root.crt           PEM, pinned with the first answer: no later one may come from another root
intermediate.crt   PEM, the hall's key under the root; while the key is being replaced also the old one
root.crl           DER, the newest list of the root that this folder has seen
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from provisioning.authority.forms import bundle_pem, certificate_pem, certificates_of
from provisioning.authority.root import Answer, list_number
from provisioning.errors import AuthorityError
from provisioning.files import PUBLIC, read_whole, write_whole

ROOT_FILE: Final = "root.crt"
INTERMEDIATE_FILE: Final = "intermediate.crt"
ROOT_LIST_FILE: Final = "root.crl"


@dataclass(frozen=True, slots=True)
class Chain:
    """revocations: the root's list, DER."""

    root: x509.Certificate
    intermediates: tuple[x509.Certificate, ...]
    revocations: bytes

    def is_listed(self, certificate: x509.Certificate) -> bool:
        revoked = x509.load_der_x509_crl(self.revocations)
        return revoked.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None


def read_chain(folder: Path) -> Chain | None:
    """None where no root was asked yet. Raises ConfigError, AuthorityError."""
    if not (folder / INTERMEDIATE_FILE).exists():
        return None
    root = certificates_of(read_whole(folder / ROOT_FILE, "the root's certificate"), ROOT_FILE)[0]
    intermediates = certificates_of(
        read_whole(folder / INTERMEDIATE_FILE, "the hall's intermediate"), INTERMEDIATE_FILE
    )
    return Chain(root, tuple(intermediates), _list(folder))


def write_chain(folder: Path, answer: Answer, others: Iterable[x509.Certificate] = ()) -> None:
    """Keep an answer of the root; others: intermediates that stay beside the new one. The intermediate comes
    last, so a folder that has one has all. Raises AuthorityError for another root, or for a list older than
    the one that is here."""
    pinned = folder / ROOT_FILE
    if pinned.exists():
        known = certificates_of(read_whole(pinned, "the root's certificate"), ROOT_FILE)[0]
        if known != answer.root:
            raise AuthorityError(
                "this answer comes from another root than the one that this hall is under: use the hall's "
                "own, or, if that one is lost, follow docs/runbooks/authority.md"
            )
    if (folder / ROOT_LIST_FILE).exists():
        seen = list_number(x509.load_der_x509_crl(_list(folder)))
        if list_number(answer.revocations) < seen:
            raise AuthorityError(
                "the root's list in this answer is older than the one that is here: have the request "
                "signed again"
            )
    write_whole(pinned, certificate_pem(answer.root), PUBLIC)
    listed = answer.revocations.public_bytes(serialization.Encoding.DER)
    write_whole(folder / ROOT_LIST_FILE, listed, PUBLIC)
    write_whole(folder / INTERMEDIATE_FILE, bundle_pem((answer.intermediate, *others)), PUBLIC)


def _list(folder: Path) -> bytes:
    content = read_whole(folder / ROOT_LIST_FILE, "the root's list")
    try:
        x509.load_der_x509_crl(content)
    except ValueError:
        raise AuthorityError(f"{ROOT_LIST_FILE} is damaged: restore it from the backup") from None
    return content
