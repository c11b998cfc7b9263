"""What a device says to the desk, and is answered (wire/SPEC.md §10.3): verified first, parsed then."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final, TypeVar

from provisioning.desk.book import Book, shown_state
from provisioning.desk.claims import BEFORE_THE_PRESS, Act, Claim, State
from provisioning.desk.errors import Refused
from provisioning.desk.naming import FINGERPRINT_DIGITS, device_name, fingerprint
from provisioning.desk.placing import Placing
from provisioning.desk.registering import Registering
from provisioning.desk.requests import Requested, read_request
from provisioning.desk.terms import Terms
from provisioning.desk.throttle import Throttle
from provisioning.desk.words import clipped, said
from wire.enrol import (
    PLACE_BYTES_MAX,
    WORDS_BYTES_MAX,
    Grant,
    Hello,
    Installed,
    Poll,
    Press,
    Status,
    parse_hello,
    parse_said,
)
from wire.envelope import Purpose, claimed_signer, verify
from wire.errors import RecordRejected

CLAIMS_MAX: Final = 5000
CLAIMS_PER_ADDRESS_MAX: Final = 64
HELLOS: Final = (120, 60.0)
"""So many within so many seconds from one address."""
_SAID = TypeVar("_SAID", Poll, Press, Installed)


@dataclass(frozen=True, slots=True)
class Limits:
    """claims: not ended, in all; per_address: of those without a batch. hellos: see HELLOS."""

    claims: int = CLAIMS_MAX
    per_address: int = CLAIMS_PER_ADDRESS_MAX
    hellos: tuple[int, float] = HELLOS


class Devices:
    """page: address of the pages, `https://host:port`, that the QR code leads to."""

    def __init__(
        self,
        book: Book,
        placing: Placing,
        registering: Registering,
        terms: Terms,
        *,
        page: str,
        limits: Limits | None = None,
    ) -> None:
        self._book, self._placing, self._registering, self._terms = book, placing, registering, terms
        self._page = page
        self._limits = limits or Limits()
        self._hellos = Throttle(*self._limits.hellos)

    def hello(self, content: bytes, address: str) -> Status:
        """Raises Refused."""
        self._book.check_clock()
        try:
            hello = parse_hello(content)
            asked = read_request(hello.request)
            if hello.tls_request is not None and read_request(hello.tls_request).spki == asked.spki:
                raise Refused("bad-request", 422, sentence="tls_request names the identity key again")
        except RecordRejected as err:
            self._count(address)
            raise Refused("bad-request", 422, sentence=err.what) from None
        if not (hello.serial and hello.serial.isprintable() and hello.software.isprintable()):
            raise Refused("bad-request", 422, sentence="serial and software must be printable text")
        key = fingerprint(asked.spki)
        batch = self._placing.batch_of(hello.token, key)
        if not batch:
            self._count(address)
        if self._terms.is_revoked(device_name(hello.role, asked.spki)):
            raise Refused("key-revoked", 403)
        with self._book.lock:
            claim = self._known(hello, asked) or self._opened(hello, address, batch)
            self._book.claims.hear(claim.claim, self._book.world.now_ms())
            if hello.token and not claim.batch and claim.state is State.WAITING:
                self._book.note(claim, "token-unknown")
        return self.status(self._moved(claim))

    def poll(self, envelope: bytes) -> Status:
        """Raises Refused."""
        claim, _ = self._heard(envelope, Poll)
        return self.status(self._moved(claim))

    def press(self, envelope: bytes) -> Status:
        """Raises Refused; the press of a device without a place is not taken."""
        claim, press = self._heard(envelope, Press)
        if not hmac.compare_digest(hashlib.sha256(claim.request).digest(), press.request_hash):
            raise Refused("other-request")
        with self._book.lock:
            claim = self._book.claims.by_id(claim.claim) or claim
            if claim.state in BEFORE_THE_PRESS:
                claim = self._book.write(Act.PRESSED, claim)
        return self.status(self._moved(claim))

    def grant(self, envelope: bytes) -> Grant:
        """Raises Refused before it is granted."""
        claim, _ = self._heard(envelope, Poll)
        if claim.state not in (State.GRANTED, State.INSTALLED) or claim.certificate is None:
            raise Refused("wrong-state")
        return self._terms.grant(claim.device, claim.role, claim.certificate, claim.tls_certificate)

    def installed(self, envelope: bytes) -> Status:
        """May be said again. Raises Refused."""
        claim, done = self._heard(envelope, Installed)
        digest = hashlib.sha256(claim.certificate or b"").digest()
        if claim.certificate is None or not hmac.compare_digest(digest, done.certificate_hash):
            raise Refused("other-request")
        with self._book.lock:
            claim = self._book.claims.by_id(claim.claim) or claim
            if claim.state is not State.INSTALLED:
                claim = self._book.write(Act.INSTALLED, claim)
        return self.status(claim)

    def status(self, claim: Claim) -> Status:
        vietnamese, english = self._words(claim)
        return Status(
            bytes.fromhex(claim.claim),
            claim.nonce,
            shown_state(claim.state),
            claim.code,
            self._book.claims.ends_ms(claim),
            f"{self._page}/c/{claim.code}#{claim.key[:FINGERPRINT_DIGITS]}",
            clipped(claim.label, PLACE_BYTES_MAX),
            clipped(vietnamese, WORDS_BYTES_MAX),
            clipped(english, WORDS_BYTES_MAX),
        )

    def _words(self, claim: Claim) -> tuple[str, str]:
        waits = self._book.waits_for(claim)
        if claim.state is State.REFUSED:
            return claim.vi, claim.en
        if waits:
            return waits[1]
        if claim.state is State.WAITING and self._has_namesake(claim):
            return said("same-serial", serial=claim.serial)
        return said(shown_state(claim.state), place=claim.label)

    def _has_namesake(self, claim: Claim) -> bool:
        with self._book.lock:
            return len(self._book.claims.of_serial(claim.serial)) > 1

    def _count(self, address: str) -> None:
        with self._book.lock:
            now_s = self._book.world.monotonic_s()
            if self._hellos.wait_s(address, now_s):
                raise Refused("too-many", 429)
            self._hellos.note(address, now_s)

    def _known(self, hello: Hello, asked: Requested) -> Claim | None:
        """The claim in force of this key, brought up to date; None when a new one is due."""
        claim = self._book.claims.by_key(fingerprint(asked.spki))
        if claim is None or _says_the_same(claim, hello):
            return claim
        if claim.state not in BEFORE_THE_PRESS:
            # It lost what it had: what was granted to it then would not fit what it says now.
            self._book.write(Act.ENDED, claim)
            return None
        if (claim.role, claim.serial) != (hello.role, hello.serial) and claim.state is State.PLACED:
            claim = self._book.write(Act.RELEASED, claim)
        return self._book.write(Act.SAID_AGAIN, claim, **_said_by(hello))

    def _opened(self, hello: Hello, address: str, batch: str) -> Claim:
        claims, limits = self._book.claims, self._limits
        if len(claims) >= limits.claims:
            raise Refused("desk-full", 503, count=limits.claims)
        if not batch and claims.of_address(address) >= limits.per_address:
            raise Refused("too-many", 429)
        return self._book.open(address=address, batch=batch, **_said_by(hello))

    def _moved(self, claim: Claim) -> Claim:
        """The claim after whatever can be done for it now without its device."""
        if claim.state is State.WAITING and claim.batch:
            return self._placing.try_batch(claim)
        if claim.state is State.PRESSED:
            self._registering.start(claim)
        return claim

    def _heard(self, envelope: bytes, kind: type[_SAID]) -> tuple[Claim, _SAID]:
        """Claim by kid, signature by its key, nonce; only then is it what it says. Raises Refused."""
        try:
            kid = claimed_signer(envelope)
            with self._book.lock:
                claim = self._book.claims.by_id(kid)
            if claim is None or claim.verifies is None:
                raise Refused("no-claim", 404)
            told = parse_said(verify(envelope, Purpose.ENROL, kid, claim.verifies), kind)
        except RecordRejected as err:
            raise Refused("bad-request", 422, sentence=err.what) from None
        if told.claim.hex() != kid or not hmac.compare_digest(told.nonce, claim.nonce):
            raise Refused("no-claim", 404)
        with self._book.lock:
            self._book.claims.hear(kid, self._book.world.now_ms())
        return claim, told


def _said_by(hello: Hello) -> dict[str, str | bytes | None]:
    return {
        "role": hello.role,
        "serial": hello.serial,
        "software": hello.software,
        "request": hello.request,
        "tls_request": hello.tls_request,
        "sealing_key": hello.sealing_key,
    }


def _says_the_same(claim: Claim, hello: Hello) -> bool:
    said_before = (claim.role, claim.serial, claim.request, claim.tls_request, claim.sealing_key)
    return said_before == (hello.role, hello.serial, hello.request, hello.tls_request, hello.sealing_key)
