"""The papers of a grant as files of the device folder: each whole, in an order in which a power cut between
two of them leaves a device that still connects, and asks again for what is missing."""

from pathlib import Path

from edge.device.adapters.whole_file import PUBLIC, Step, write_whole
from edge.device.grant import Papers


def install_papers(folder: Path, papers: Papers, step: Step = lambda _: None) -> None:
    """Whom to trust first, which may hold an old and a new key; then the certificates, which tell when the
    next renewal is due, and so the last of them. Raises StoreError; step: see write_whole."""
    files = {
        "root.crl": papers.revocations,
        "intermediate.crt": papers.intermediate,
        "ca.crt": papers.authority,
        "tls.crt": papers.tls_certificate,
        "identity.crt": papers.certificate,
    }
    for name, content in files.items():
        path = folder / name
        if content is not None and not _holds(path, content):
            write_whole(path, content, PUBLIC, step)


def _holds(path: Path, content: bytes) -> bool:
    """A card is not worn by writing what is there."""
    try:
        return path.read_bytes() == content
    except OSError:
        return False
