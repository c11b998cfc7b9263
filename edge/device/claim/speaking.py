"""What a machine says to a desk, and what comes of it: each word of SPEC §10.3 ends in an event.

Blocking, for one thread that is not the loop's.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from edge.device.claim.grant import BadGrant, Trusted, files_of
from edge.device.claim.pages import NOTHING, Situation, Words
from edge.device.claim.ports import Asked, Desk, Discovery, Files, Home
from edge.device.claim.seed import Seed
from edge.device.claim.table import Effect, Event
from edge.device.config import DeskAddress, DeviceConfig
from edge.device.errors import (
    ClockBehind,
    ConfigError,
    DeskNotTrusted,
    DeskRefused,
    DeskUnreachable,
    DeviceError,
    StoreError,
)
from edge.device.ports import Clock
from wire.enrol import (
    GRANT_PATH,
    HELLO_PATH,
    INSTALLED_PATH,
    POLL_PATH,
    PRESS_PATH,
    Grant,
    Hello,
    Installed,
    Poll,
    Press,
    Status,
    encode_enrol,
    parse_answer,
)
from wire.envelope import Purpose, seal
from wire.errors import HallError, RecordRejected
from wire.keys import Alg, PublicKey, Signer

CLOCK_MIN_MS: Final = 1_767_225_600_000
"""2026-01-01. No clock that is right stands before this software was written."""
_SAID: Final = {
    "waiting": Event.SAID_WAITING,
    "placed": Event.SAID_PLACED,
    "pressed": Event.SAID_PRESSED,
    "granted": Event.SAID_GRANTED,
    "refused": Event.SAID_REFUSED,
}
_EVENTS: Final = (
    (ClockBehind, Event.CLOCK_BEHIND),
    (DeskNotTrusted, Event.IMPOSTOR),
    (DeskUnreachable, Event.UNREACHABLE),
    (RecordRejected, Event.UNREACHABLE),  # of another version, or broken
    (BadGrant, Event.BAD_GRANT),
    (DeskRefused, Event.NO),
    (StoreError, Event.UNFIT),
    (DeviceError, Event.UNFIT),
    (ConfigError, Event.UNFIT),
)
"""Which error is which event; an order of special before general."""


def one_line(text: str) -> str:
    """Somebody else's words for a display: letters and their marks as one, and nothing that steers."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(each if each.isprintable() else " " for each in composed).split())


@dataclass(frozen=True, slots=True)
class Under:
    """Implements Signer: the machine's key under the name of its claim."""

    signer: Signer
    kid: str

    @property
    def alg(self) -> Alg:
        return self.signer.alg

    @property
    def public_key(self) -> PublicKey:
        return self.signer.public_key

    def sign(self, message: bytes) -> bytes:
        return self.signer.sign(message)


@dataclass(frozen=True, slots=True)
class Means:
    """What a claim is made of. connect: opens a way to a desk; says nothing to it yet. software: as in a
    birth, at most 64 bytes. check_parts: raises ConfigError when the table of the role is wrong."""

    seed: Seed
    home: Home
    discovery: Discovery
    connect: Callable[[DeskAddress], Desk]
    clock: Clock
    software: str
    check_parts: Callable[[DeviceConfig], object]


class Speaking:
    """One machine's side of the conversation. Its methods raise nothing: what goes wrong is an event."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._asked: Asked | None = None
        self._desks: list[DeskAddress] = []
        self._answered: DeskAddress | None = None
        self._desk: Desk | None = None
        self._status: Status | None = None
        self._files: Files | None = None
        self._says: Words = NOTHING
        self._detail = ""

    @property
    def situation(self) -> Situation:
        status, asked = self._status, self._asked
        serial = asked.serial if asked else self._means.seed.serial or ""
        if status is None or asked is None:
            return Situation(serial, self._says, self._detail)
        address = f"{status.page.partition('#')[0]}#{asked.fingerprint}" if status.page else ""
        return Situation(serial, self._says, self._detail, status.code, address, one_line(status.place))

    def do(self, effect: Effect) -> Event | None:
        """Carry out an effect; what came of it, None where nothing is waited for."""
        deeds: dict[Effect, Callable[[], Event | None]] = {
            Effect.FIND: self._find,
            Effect.HELLO: self._hello,
            Effect.POLL: lambda: self._said(POLL_PATH, Poll),
            Effect.PRESS: self._press,
            Effect.FETCH: self._fetch,
            Effect.INSTALL: self._install,
            Effect.TELL: self._tell,
        }
        try:
            return deeds[effect]()
        except HallError as err:
            return self._failed(err)

    def close(self) -> None:
        self._hang_up()
        self._means.discovery.close()

    # -- looking -----------------------------------------------------------------------------------------

    def _find(self) -> Event:
        self._says, self._detail = NOTHING, ""
        if self._means.clock.wall_ms() < CLOCK_MIN_MS:
            self._detail = "the clock stands before 2026"
            return Event.CLOCK_BEHIND
        seed = self._means.seed
        found = (seed.desk,) if seed.desk is not None else self._means.discovery.find()
        # The one that has answered comes first: it knows this claim. An answer to multicast DNS may be lost.
        known = (self._answered,) if self._answered is not None else ()
        self._desks = list(dict.fromkeys((*known, *found)))
        if self._desks:
            return Event.FOUND
        if not self._means.discovery.has_address():
            return Event.NO_ADDRESS
        self._detail = "nobody announces a desk by mDNS; seed.toml names none"
        return Event.NOT_FOUND

    def _hello(self) -> Event:
        """To each desk in turn, until one answers that is under our root."""
        if self._asked is None:
            self._asked = self._means.home.prepare()
        failed, detail = Event.UNREACHABLE, ""
        for address in self._desks:
            self._hang_up()
            self._desk = self._means.connect(address)
            try:
                event = self._take(self._desk.post(HELLO_PATH, self._hello_body(self._asked)))
                self._answered = address
                return event
            except HallError as err:
                self._answered = None
                event = self._failed(err)
                if event not in (Event.UNREACHABLE, Event.IMPOSTOR):
                    return event
                # An impostor is worth more words than a desk that is silent.
                if event is Event.IMPOSTOR or failed is not Event.IMPOSTOR:
                    failed, detail = event, self._detail
        self._detail = detail
        if failed is Event.UNREACHABLE and not self._means.discovery.has_address():
            return Event.NO_ADDRESS
        return failed

    def _hello_body(self, asked: Asked) -> bytes:
        seed = self._means.seed
        return encode_enrol(
            Hello(
                seed.role,
                asked.serial,
                asked.request,
                asked.tls_request,
                asked.sealing,
                self._means.software,
                seed.token,
            )
        )

    # -- one claim ---------------------------------------------------------------------------------------

    def _press(self) -> Event:
        asked = self._ready()[1]
        return self._said(PRESS_PATH, Press, sha256(asked.request).digest())

    def _said(self, path: str, kind: type[Poll | Press | Installed], *more: bytes) -> Event:
        desk, asked, status = self._ready()
        body = kind(status.claim, status.nonce, *more)
        envelope = seal(encode_enrol(body), Purpose.ENROL, Under(asked.signer, status.claim.hex()))
        try:
            return self._take(desk.post(path, envelope), status)
        except DeskRefused:
            return Event.GONE

    def _take(self, answer: bytes, before: Status | None = None) -> Event:
        status = parse_answer(answer, Status)
        if before is not None and (status.claim, status.nonce) != (before.claim, before.nonce):
            return Event.GONE
        self._status = status
        self._says, self._detail = (one_line(status.vi), one_line(status.en)), ""
        return _SAID[status.state]

    def _fetch(self) -> Event:
        desk, asked, status = self._ready()
        body = Poll(status.claim, status.nonce)
        envelope = seal(encode_enrol(body), Purpose.ENROL, Under(asked.signer, status.claim.hex()))
        try:
            grant = parse_answer(desk.post(GRANT_PATH, envelope), Grant)
        except DeskRefused:
            return Event.GONE
        home = self._means.home
        trusted = Trusted(home.root(), desk.intermediate, home.newest_revocations())
        self._files = files_of(grant, asked, self._means.seed, trusted, self._means.check_parts)
        return Event.FETCHED

    def _install(self) -> Event:
        if self._files is None:
            raise AssertionError("nothing was fetched")
        self._means.home.install(self._files)
        return Event.INSTALLED

    def _tell(self) -> None:
        if self._files is not None:
            self._said(INSTALLED_PATH, Installed, sha256(self._files.certificate).digest())

    # --

    def _ready(self) -> tuple[Desk, Asked, Status]:
        if self._desk is None or self._asked is None or self._status is None:
            raise AssertionError("no desk has answered hello")
        return self._desk, self._asked, self._status

    def _failed(self, err: HallError) -> Event:
        self._says, self._detail = NOTHING, err.diagnostics()
        if isinstance(err, DeskRefused):
            said = one_line(err.what)
            self._says, self._detail = (said, said), err.reason
        return next((event for kind, event in _EVENTS if isinstance(err, kind)), Event.NO)

    def _hang_up(self) -> None:
        if self._desk is not None:
            self._desk.close()
        self._desk = None
