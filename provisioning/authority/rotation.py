"""Another key for a hall: because the old one is getting old, or because somebody else has it.

planned    next.key is made and signed by the root; ca.crt = [new, old]; the new key signs, the old one still
           vouches for the broker and lists what it took back; devices learn both anchors as they renew;
           `finish` drops the old one
at once    ca.crt = [new]; broker and fleet trust the new one alone; devices come back through the renewal
           listener, since the ledger knows their exact certificates

Either way the root takes the old intermediate back: nothing but the desk's own chain goes through it, and the
desk has the new one from its next start on. Else whoever had kept a copy of a key that was replaced long ago
could pose as the desk for the rest of its five years.

Which key is the hall's own is decided by ca.key alone, replaced in one step; what stands before and after
that step can be read by both. So a rotation that a power cut stopped is run again, with the same words.
"""

from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from provisioning.authority.chain import INTERMEDIATE_FILE, write_chain
from provisioning.authority.folder import (
    CERTIFICATE_FILE,
    FORMER_FILE,
    INGEST,
    KEY_FILE,
    PREVIOUS_KEY_FILE,
    AuthorityFolder,
    open_authority,
)
from provisioning.authority.forms import bundle_pem, certificate_pem
from provisioning.authority.issuing import DEVICE_LIFETIME, create_authority
from provisioning.authority.keys import authority_key
from provisioning.authority.root import Answer, hall_request
from provisioning.errors import AuthorityError, ConfigError
from provisioning.files import PUBLIC, SECRET, key_pem, write_whole

NEXT_KEY_FILE: Final = "next.key"
_NAMED_MAX: Final = 5


def is_under_way(authority: AuthorityFolder) -> bool:
    """Whether an earlier key is still trusted."""
    return len(authority.anchors) > 1


def next_key(authority: AuthorityFolder) -> ec.EllipticCurvePrivateKey:
    """The key that comes; made once, until it has taken over. Raises AuthorityError."""
    return authority_key(authority.path / NEXT_KEY_FILE)


def next_request(authority: AuthorityFolder) -> bytes:
    """What the root is asked to sign, PEM."""
    return hall_request(authority.card.hall, next_key(authority))


def rotate(authority: AuthorityFolder, answer: Answer, *, at_once: bool) -> AuthorityFolder:
    """Let the next key take over. answer: the root's, for that key.

    Raises AuthorityError while an earlier rotation is not finished (unless at once), and while the root has
    not taken the old intermediate back.
    """
    fresh = next_key(authority)
    if fresh.public_key() != authority.own.key.public_key():
        _check(authority, answer, at_once=at_once)
        _prepare(authority, answer, fresh, at_once=at_once)
        write_whole(authority.path / KEY_FILE, key_pem(fresh), SECRET)
        authority = open_authority(authority.path, authority.means)
    if at_once:
        authority = _drop_earlier_anchors(authority)
    write_whole(authority.path / INTERMEDIATE_FILE, certificate_pem(authority.intermediate), PUBLIC)
    authority = open_authority(authority.path, authority.means)
    authority.write_revocations()
    _remove(authority.path / NEXT_KEY_FILE)
    return authority


def finish(authority: AuthorityFolder, *, anyway: bool = False) -> AuthorityFolder:
    """Trust the new key alone, and destroy the old one. Raises AuthorityError when no rotation is under way,
    and, unless told to go on anyway, while devices have not renewed."""
    if not is_under_way(authority):
        raise AuthorityError("there is no rotation to finish: begin one with `hallward provision rotate`")
    behind = not_renewed(authority)
    if behind and not anyway:
        named = ", ".join(behind[:_NAMED_MAX]) + (", …" if len(behind) > _NAMED_MAX else "")
        raise AuthorityError(
            f"{len(behind)} devices have not renewed since the key changed ({named}): switch them on and "
            "wait, revoke them, or add --anyway"
        )
    authority = _drop_earlier_anchors(authority)
    authority.write_revocations()
    return authority


def not_renewed(authority: AuthorityFolder) -> list[str]:
    """Devices whose certificate is in force and signed by an earlier key."""
    earliest = authority.means.time() - DEVICE_LIFETIME
    names = authority.ledger.not_since_rotation(int(earliest.timestamp() * 1000))
    return [name for name in names if name != INGEST]


def earlier_intermediates(authority: AuthorityFolder) -> list[x509.Certificate]:
    """Those that the next key makes needless."""
    coming = next_key(authority).public_key()
    found = authority.chain.intermediates if authority.is_under_root else ()
    return [old for old in found if old.public_key() != coming]


def _drop_earlier_anchors(authority: AuthorityFolder) -> AuthorityFolder:
    """They go to those whose devices may still come for a renewal."""
    path, own = authority.path, authority.own.certificate
    former = path / FORMER_FILE
    kept = former.read_bytes() if former.exists() else b""
    gone = [certificate_pem(found) for found in authority.anchors if found != own]
    write_whole(former, kept + b"".join(pem for pem in gone if pem not in kept), PUBLIC)
    _remove(path / PREVIOUS_KEY_FILE)
    write_whole(path / CERTIFICATE_FILE, certificate_pem(own), PUBLIC)
    return open_authority(path, authority.means)


def _check(authority: AuthorityFolder, answer: Answer, *, at_once: bool) -> None:
    if authority.previous is not None and not at_once:
        raise AuthorityError(
            "the last rotation is not finished: `hallward provision rotate --finish` first, or --at-once "
            "if a key was stolen"
        )
    if not at_once:
        authority.time()  # past its end nobody believes the key that would sign for the broker meanwhile
    listed = answer.revocations.get_revoked_certificate_by_serial_number
    if any(listed(old.serial_number) is None for old in earlier_intermediates(authority)):
        raise AuthorityError(
            "the root has not taken the old intermediate back: `hallward provision root … --revoke "
            "intermediate.crt` there first, then sign the request"
        )


def _prepare(
    authority: AuthorityFolder, answer: Answer, fresh: ec.EllipticCurvePrivateKey, *, at_once: bool
) -> None:
    """Everything that must stand before ca.key is replaced, in an order in which both keys can be read."""
    path, means = authority.path, authority.means
    now = means.time()
    made = create_authority(authority.card.hall, fresh, now=now, serial=means.serial())
    known = [found for found in authority.anchors if found.public_key() != fresh.public_key()]
    write_chain(path, answer, earlier_intermediates(authority))
    if not at_once:
        write_whole(path / PREVIOUS_KEY_FILE, key_pem(authority.own.key), SECRET)
    write_whole(path / CERTIFICATE_FILE, bundle_pem((made.certificate, *known)), PUBLIC)
    authority.ledger.rotated(authority.card.hall, made.certificate, now)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as err:
        raise ConfigError(f"{path} cannot be removed: {err.strerror}") from err
