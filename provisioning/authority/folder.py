"""The authority's folder: the only place where the hall's key lies.

hall.toml          what devices must know of the hall
ca.key             the hall's key, readable by its owner alone and never printed
ca.crt             the anchor, signed by that key itself; two while the key is being replaced (rotation.py)
previous.key       the key that goes, until the rotation is finished; next.key  the one that comes, before it
former.crt         anchors that nobody trusts any more, but whose devices may still come for a renewal
root.crt, …        the way up to the root (chain.py)
ledger.jsonl       what was issued and revoked; written before a certificate leaves
ca.crl             the signed revocation list, always that of the ledger
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from provisioning.authority import forms, issuing
from provisioning.authority.chain import Chain, read_chain, write_chain
from provisioning.authority.keys import authority_key, private_key
from provisioning.authority.ledger import Ledger
from provisioning.authority.root import Answer
from provisioning.errors import AuthorityError, ClockTrouble, ConfigError
from provisioning.files import PUBLIC, is_file, made_once, read_whole, write_whole
from provisioning.hall import FILE_NAME, HallCard, load_card
from wire.board import is_device_name
from wire.ids import RESERVED, DeviceId

KEY_FILE: Final = "ca.key"
PREVIOUS_KEY_FILE: Final = "previous.key"
CERTIFICATE_FILE: Final = "ca.crt"
FORMER_FILE: Final = "former.crt"
LEDGER_FILE: Final = "ledger.jsonl"
REVOCATIONS_FILE: Final = "ca.crl"
INGEST: Final = DeviceId("ingest")
DESK: Final = "provisioning"
CLOCK_MIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right stands before this software was written."""


@dataclass(frozen=True, slots=True)
class Means:
    """What an authority takes from the world: the time (with zone), and serial numbers nobody can guess."""

    now: Callable[[], datetime]
    serial: Callable[[], int]

    def time(self) -> datetime:
        """Now, for everything that is dated by it. Raises ClockTrouble for a clock that was never set."""
        now = self.now()
        if now < CLOCK_MIN:
            raise ClockTrouble(
                f"the clock of this machine stands at {now:%Y-%m-%d %H:%M} UTC: set it, then try again"
            )
        return now

    def time_before(self, end: datetime, whose: str) -> datetime:
        """Now, for what is issued under something that has this end. A clock far ahead would make
        certificates that outlive everybody who could renew them. Raises ClockTrouble."""
        now = self.time()
        if now >= end:
            raise ClockTrouble(
                f"the clock of this machine stands at {now:%Y-%m-%d %H:%M} UTC, past the end of {whose} "
                f"({end:%Y-%m-%d}): set it, then try again; if it is right, do what "
                "docs/runbooks/authority.md says, and restart the desk, which keeps what it read at its start"
            )
        return now


class AuthorityFolder:
    """An opened authority. Open it with `open_authority`, make it with `create_authority_folder`."""

    def __init__(
        self,
        path: Path,
        card: HallCard,
        own: issuing.Authority,
        previous: issuing.Authority | None,
        means: Means,
    ) -> None:
        self.path: Final = path
        self.card: Final = card
        self.own: Final = own
        self.previous: Final = previous
        self.means: Final = means
        self.ledger: Final = Ledger(path / LEDGER_FILE)
        self._chain = read_chain(path)

    @property
    def anchors(self) -> tuple[x509.Certificate, ...]:
        """What broker, fleet and devices trust; the hall's own first."""
        content = read_whole(self.path / CERTIFICATE_FILE, "the authority's certificate")
        found = forms.certificates_of(content, CERTIFICATE_FILE)
        return tuple(sorted(found, key=lambda one: one != self.own.certificate))

    @property
    def certificate_pem(self) -> bytes:
        """The anchors, as every `ca.crt` holds them."""
        return forms.bundle_pem(self.anchors)

    @property
    def renewal_anchors(self) -> bytes:
        """PEM: whose certificates may knock at the renewal listener. Not who is let in: a key that was stolen
        is among them, so the listener asks `certificate_in_force`."""
        former = self.path / FORMER_FILE
        return self.certificate_pem + (former.read_bytes() if former.exists() else b"")

    @property
    def chain(self) -> Chain:
        """Raises AuthorityError where no root has signed this hall's key."""
        if self._chain is None:
            raise AuthorityError(
                "this hall is under no root, so no device can be claimed in it: run `hallward provision "
                "hall` again with --root"
            )
        return self._chain

    @property
    def is_under_root(self) -> bool:
        return self._chain is not None

    @property
    def intermediate(self) -> x509.Certificate:
        """The hall's key under the root. Raises AuthorityError."""
        for found in self.chain.intermediates:
            if found.public_key() == self.own.certificate.public_key():
                return found
        raise AuthorityError("intermediate.crt is of another key: restore the folder from its backup")

    def time(self) -> datetime:
        """Now, while this hall's key lasts. Raises AuthorityError."""
        return self.means.time_before(self.own.certificate.not_valid_after_utc, "this hall's own certificate")

    @property
    def root_certificate(self) -> x509.Certificate:
        return self.chain.root

    @property
    def root_revocations(self) -> bytes | None:
        """The root's newest list, DER."""
        return self._chain.revocations if self._chain is not None else None

    def adopt(self, answer: Answer) -> None:
        """Keep the root's answer for this hall's key. Raises AuthorityError for another root's."""
        write_chain(self.path, answer)
        self._chain = read_chain(self.path)

    def issue_from_key(self, device: DeviceId, key: issuing.DeviceKey) -> x509.Certificate:
        """A device's certificate for 90 days. Raises ConfigError for a name that no device can have,
        AuthorityError for one that was revoked: a name is given once."""
        _check_name(device)
        if self.is_under_root:
            self._check_intermediate()
        if self.ledger.is_revoked(device):
            raise AuthorityError(f"{device} was revoked, and its name with it: give the device another name")
        return self._issue(device, key)

    def renew(self, presented: bytes, key: issuing.DeviceKey) -> x509.Certificate:
        """A new certificate for the holder of this one (DER), over a key that it holds already. Raises
        AuthorityError for a certificate that is not in force, and for another key."""
        device = self.certificate_in_force(presented)
        if device is None:
            raise AuthorityError("this certificate is not in force here: claim the device anew, or revoke it")
        if x509.load_der_x509_certificate(presented).public_key() != key and not self.ledger.holds(
            device, key
        ):
            raise AuthorityError(f"{device} is known with another key: claim it anew, under another name")
        return self.issue_from_key(device, key)

    def issue_desk(self, key: issuing.DeviceKey, names: Iterable[str]) -> x509.Certificate:
        """The provisioning desk's certificate, for two years, for localhost and these host names: with the
        intermediate it forms the chain up to the root. Raises ConfigError, AuthorityError."""
        now, last = self._check_intermediate(), self.intermediate.not_valid_after_utc
        made = issuing.issue_server(
            self.own, key, names, now=now, serial=self.means.serial(), common_name=DESK, last=last
        )
        self.ledger.served(DESK, made, now)
        return made

    def is_revoked(self, device: DeviceId) -> bool:
        return self.ledger.is_revoked(device)

    def certificate_in_force(self, der: bytes) -> DeviceId | None:
        """Whose certificate this is, if it is exactly one that stands in the ledger, not revoked and not at
        its end. A signature is not asked for: a stolen key of the hall signs what it likes. (In a ledger that
        is older than digests it is, with the serial number.)"""
        try:
            certificate = x509.load_der_x509_certificate(der)
        except ValueError:
            return None
        holder = self.ledger.holder(certificate)
        if holder is None and any(forms.is_issued_by(certificate, anchor) for anchor in self.anchors):
            holder = self.ledger.old_holder(certificate)
        if holder is None or holder != forms.common_name(certificate.subject) or not is_device_name(holder):
            return None
        over = certificate.not_valid_after_utc <= self.means.time()
        return None if over or self.ledger.is_revoked(holder) else DeviceId(holder)

    def revoke(self, device: DeviceId) -> bytes:
        """Take back every certificate of a device; the new list, PEM. May be repeated. Raises
        AuthorityError."""
        if not self.ledger.knows(device):
            raise AuthorityError(f"this authority never issued a certificate to {device}")
        self.ledger.revoke(device, self.means.time())
        return self.write_revocations()

    def revocations(self) -> bytes:
        """PEM: one list, and a second one while the previous key's certificates are still good. Serial
        numbers are random, so both lists hold all of them."""
        revoked, now = self.ledger.revoked, self.means.time()
        signers = (self.own, *([self.previous] if self.previous is not None else []))
        return b"".join(
            issuing.revocation_list(signer, revoked, now=now, number=len(revoked) + 1) for signer in signers
        )

    def write_revocations(self, *copies: Path) -> bytes:
        """Sign the list anew, keep it here and at every given path."""
        with self.ledger.held():
            content = self.revocations()
            for path in (self.path / REVOCATIONS_FILE, *copies):
                write_whole(path, content, PUBLIC)
        return content

    def write_fleet_tls(self, folder: Path, names: Iterable[str]) -> None:
        """What the hall's server needs, into its `tls` folder: anchors, revocation list, the broker's
        certificate for localhost and these host names, and ingest's. Existing keys are kept, certificates
        issued anew."""
        write_whole(folder / CERTIFICATE_FILE, self.certificate_pem, PUBLIC)
        self.write_revocations(folder / REVOCATIONS_FILE)
        # Until the rotation is finished there are devices that trust nothing but the previous key.
        signer, now = self.previous or self.own, self.time()
        end = signer.certificate.not_valid_after_utc
        self.means.time_before(end, "the earlier key, which signs for the broker until `rotate --finish`")
        key = private_key(folder / "server.key").public_key()
        names = (self.card.broker_host, *names)
        server = issuing.issue_server(signer, key, names, now=now, serial=self.means.serial())
        self.ledger.served("broker", server, now)
        write_whole(folder / "server.crt", issuing.certificate_pem(server), PUBLIC)
        ingest = self._issue(INGEST, private_key(folder / "ingest.key").public_key())
        write_whole(folder / "ingest.crt", issuing.certificate_pem(ingest), PUBLIC)

    def _check_intermediate(self) -> datetime:
        """Now, while the root's word for this hall lasts. Raises AuthorityError."""
        return self.means.time_before(self.intermediate.not_valid_after_utc, "the hall's intermediate")

    def _issue(self, name: DeviceId, key: issuing.DeviceKey) -> x509.Certificate:
        now = self.time()
        made = issuing.issue_device(self.own, name, key, now=now, serial=self.means.serial())
        self.ledger.issued(name, made, now)
        return made


def create_authority_folder(path: Path, card: HallCard, means: Means) -> AuthorityFolder:
    """Make a hall's authority, or open the one that is there: the key is made once, hall.toml follows the
    card.

    Raises ConfigError when the folder belongs to another hall, or cannot be written.
    """
    _check_hall(path, card)
    now = means.time()
    key = None if (path / CERTIFICATE_FILE).exists() else authority_key(path / KEY_FILE)
    with made_once(path):
        _check_hall(path, card)  # again: another hall may have come while this one waited
        write_whole(path / FILE_NAME, card.toml().encode(), PUBLIC)
        if key is not None and not (path / CERTIFICATE_FILE).exists():
            made = issuing.create_authority(card.hall, key, now=now, serial=means.serial())
            write_whole(path / CERTIFICATE_FILE, made.certificate_pem, PUBLIC)
    opened = open_authority(path, means)
    opened.write_revocations()
    return opened


def _check_hall(path: Path, card: HallCard) -> None:
    """Raises ConfigError where another hall is at home."""
    if not is_file(path / FILE_NAME):
        return
    known = load_card(path)
    if known.hall != card.hall:
        raise ConfigError(
            f"{path} is the authority of hall {known.hall}: choose another folder for {card.hall}"
        )


def open_authority(path: Path, means: Means) -> AuthorityFolder:
    """Raises ConfigError or AuthorityError when it is missing or damaged."""
    if not is_file(path / FILE_NAME):
        raise ConfigError(f"{path} is no authority's folder: make one with `hallward provision hall`")
    certificates = read_whole(path / CERTIFICATE_FILE, "the authority's certificate")
    own = issuing.load_authority(certificates, read_whole(path / KEY_FILE, "the authority's key"))
    previous = None
    if (path / PREVIOUS_KEY_FILE).exists():
        key = read_whole(path / PREVIOUS_KEY_FILE, "the authority's previous key")
        found = issuing.load_authority(certificates, key)
        # Of a rotation that a power cut stopped before the new key took over, it is the key itself.
        previous = found if found.certificate != own.certificate else None
    return AuthorityFolder(path, load_card(path), own, previous, means)


def _check_name(device: DeviceId) -> None:
    """Raises ConfigError."""
    if not is_device_name(device):
        raise ConfigError(
            f"a device's name is 1 to 32 of a-z, 0-9 and '-', none of {', '.join(sorted(RESERVED))}, and not "
            f"32 hexadecimal digits, which stand for a voter; got {device!r:.40}: give it another name"
        )
