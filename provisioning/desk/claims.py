"""A claim: how a device that belongs to nobody becomes one of the hall, step by step. Pure.

    waiting -> placed -> pressed -> granted -> installed
    any of these -> ended (silence); waiting, placed, pressed -> refused (words say why)

The technician places, the device's own button presses, the desk certifies, registers and grants, the device
says that it has installed. Every step is an Event, which the journal keeps; a desk that was killed applies
them again and stands where it stood.

A claim lasts as long as its device is heard of, so that no code changes under the eyes of whoever types it,
and a device that has gone frees its code: SILENCE_MS says how long each state waits for a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from provisioning.desk.naming import device_name, fingerprint
from provisioning.desk.requests import read_request
from wire.ids import DeviceId
from wire.keys import PublicKey

MINUTE_MS: Final = 60_000
DAY_MS: Final = 24 * 60 * MINUTE_MS


class State(StrEnum):
    WAITING = "waiting"
    PLACED = "placed"
    PRESSED = "pressed"
    GRANTED = "granted"
    INSTALLED = "installed"
    REFUSED = "refused"
    ENDED = "ended"


class Act(StrEnum):
    OPENED = "opened"
    SAID_AGAIN = "said-again"
    PLACED = "placed"
    RELEASED = "released"
    PRESSED = "pressed"
    CERTIFIED = "certified"
    GRANTED = "granted"
    INSTALLED = "installed"
    REFUSED = "refused"
    ENDED = "ended"


TABLE: Final[Mapping[tuple[State, Act], State]] = {
    (State.WAITING, Act.SAID_AGAIN): State.WAITING,
    (State.WAITING, Act.PLACED): State.PLACED,
    (State.WAITING, Act.REFUSED): State.REFUSED,
    (State.PLACED, Act.SAID_AGAIN): State.PLACED,
    (State.PLACED, Act.PLACED): State.PLACED,
    (State.PLACED, Act.RELEASED): State.WAITING,
    (State.PLACED, Act.REFUSED): State.REFUSED,
    (State.PLACED, Act.PRESSED): State.PRESSED,
    (State.PRESSED, Act.CERTIFIED): State.PRESSED,
    (State.PRESSED, Act.REFUSED): State.REFUSED,
    (State.PRESSED, Act.GRANTED): State.GRANTED,
    (State.GRANTED, Act.INSTALLED): State.INSTALLED,
    **{(state, Act.ENDED): State.ENDED for state in State if state is not State.ENDED},
}
SILENCE_MS: Final[Mapping[State, int]] = {
    State.WAITING: 15 * MINUTE_MS,
    State.PLACED: 15 * MINUTE_MS,
    State.PRESSED: DAY_MS,  # a hall's server may be away over night
    State.GRANTED: 30 * DAY_MS,  # a device that lost its power comes back for what is its own
    State.INSTALLED: 15 * MINUTE_MS,
    State.REFUSED: 5 * MINUTE_MS,  # long enough for the device to hear why
}
BEFORE_THE_PRESS: Final = frozenset({State.WAITING, State.PLACED})
HOLDS_A_PLACE: Final = frozenset({State.PLACED, State.PRESSED})
"""States in which the place is nobody's at the fleet yet, and must not be given to a second claim."""
ANSWERS_HELLO: Final = frozenset({*BEFORE_THE_PRESS, State.PRESSED, State.GRANTED, State.INSTALLED})


class NotNow(Exception):
    """This act has no place in the state of the claim. A rule of the table, said by the caller in words."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the journal. facts: fields of Claim that this act sets, in their JSON form."""

    act: Act
    claim: str
    at_ms: int
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """claim: 32 hexadecimal digits. place: None before a technician or the plan gave one, "" for a spare.

    by: account of who placed it; batch: whose token it brought, "" without. certificate, tls_certificate:
    issued in this claim, handed out only when the state is granted. why: code of a refusal, or of what a
    pressed claim waits for; vi, en: the same in words.
    """

    claim: str
    nonce: bytes
    code: str
    role: str
    serial: str
    software: str
    request: bytes
    tls_request: bytes | None
    sealing_key: bytes | None
    opened_ms: int
    changed_ms: int
    address: str = ""
    batch: str = ""
    state: State = State.WAITING
    place: str | None = None
    label: str = ""
    by: str = ""
    certificate: bytes | None = None
    tls_certificate: bytes | None = None
    why: str = ""
    vi: str = ""
    en: str = ""
    spki: bytes = b""
    verifies: PublicKey | None = None

    @property
    def key(self) -> str:
        """Fingerprint of the identity key: one key has one claim at a time."""
        return fingerprint(self.spki)

    @property
    def device(self) -> DeviceId:
        return device_name(self.role, self.spki)


_BYTES: Final = frozenset(
    {"nonce", "request", "tls_request", "sealing_key", "certificate", "tls_certificate"}
)
_SAID: Final = ("role", "serial", "software", "request", "tls_request", "sealing_key")
_SETS: Final[Mapping[Act, tuple[str, ...]]] = {
    Act.OPENED: ("nonce", "code", *_SAID, "address", "batch"),
    Act.SAID_AGAIN: _SAID,
    Act.PLACED: ("place", "label", "by"),
    Act.RELEASED: (),
    Act.PRESSED: (),
    Act.CERTIFIED: ("certificate", "tls_certificate"),
    Act.GRANTED: (),
    Act.INSTALLED: (),
    Act.REFUSED: ("why", "vi", "en"),
    Act.ENDED: (),
}
_FORGETS: Final[Mapping[Act, Mapping[str, Any]]] = {
    Act.RELEASED: {"place": None, "label": "", "by": ""},
    Act.GRANTED: {"why": "", "vi": "", "en": ""},
}


def facts_of(act: Act, **values: Any) -> dict[str, Any]:
    """The facts of an event, bytes as hexadecimal digits."""
    return {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in values.items()
        if name in _SETS[act]
    }


class Claims:
    """The claims of a desk: by id, by code, by key. `apply` is the only way to change them."""

    def __init__(self) -> None:
        self._claims: dict[str, Claim] = {}
        self._by_code: dict[str, str] = {}
        self._by_key: dict[str, str] = {}
        self._heard_ms: dict[str, int] = {}
        self._per_address: dict[str, int] = {}
        self._batch_keys: dict[str, set[str]] = {}
        self._by_place: dict[str, str] = {}
        self._by_serial: dict[str, set[str]] = {}

    def __len__(self) -> int:
        """How many claims take room: those that have not ended."""
        return len(self._heard_ms)

    def check(self, event: Event) -> Claim:
        """The claim as this event would leave it. Raises NotNow when the table has no such step."""
        known = self._claims.get(event.claim)
        return _opened(event) if known is None else _stepped(known, event)

    def apply(self, event: Event) -> Claim:
        """The claim after this event. Raises NotNow, and changes nothing, when the table has no such step."""
        known, after = self._claims.get(event.claim), self.check(event)
        if known is None:
            self._per_address[after.address] = self._per_address.get(after.address, 0) + 1
        self._claims[after.claim] = after
        self._heard_ms[after.claim] = max(event.at_ms, self._heard_ms.get(after.claim, 0))
        if after.batch:
            self._batch_keys.setdefault(after.batch, set()).add(after.key)
        if known is not None:
            self._take_down(known)
        self._put_up(after)
        if after.state is State.ENDED:
            self._leave(after)
        return after

    def hear(self, claim: str, now_ms: int) -> None:
        """Its device has said something: the claim lasts on. Kept in memory only: a new start of the desk
        gives every claim its whole time anew."""
        if claim in self._heard_ms:
            self._heard_ms[claim] = max(now_ms, self._heard_ms[claim])

    def hear_all(self, now_ms: int) -> None:
        for claim in self._heard_ms:
            self._heard_ms[claim] = now_ms

    def ends_ms(self, claim: Claim) -> int:
        """When it ends if nothing is heard of its device until then, ms since 1970 UTC."""
        return self._heard_ms.get(claim.claim, claim.changed_ms) + SILENCE_MS.get(claim.state, 0)

    def silent(self, now_ms: int) -> list[Claim]:
        """Those whose time is over."""
        found = (self._claims[claim] for claim in self._heard_ms)
        return [claim for claim in found if self.ends_ms(claim) <= now_ms]

    def by_id(self, claim: str) -> Claim | None:
        """One that has not ended."""
        return self._claims[claim] if claim in self._heard_ms else None

    def by_code(self, code: str) -> Claim | None:
        return self._found(self._by_code.get(code))

    def by_key(self, key: str) -> Claim | None:
        return self._found(self._by_key.get(key))

    def in_force(self) -> list[Claim]:
        return [self._claims[claim] for claim in self._heard_ms]

    def every(self) -> list[Claim]:
        """Ended ones, too, in the order in which they were opened."""
        return list(self._claims.values())

    def of_address(self, address: str) -> int:
        return self._per_address.get(address, 0)

    def others_of_batch(self, batch: str, key: str) -> int:
        """How many other keys ever used this batch."""
        return self.used(batch) - (key in self._batch_keys.get(batch, ()))

    def used(self, batch: str) -> int:
        """How many keys ever used this batch."""
        return len(self._batch_keys.get(batch, ()))

    def holder(self, place: str) -> Claim | None:
        """Who has been given this place and is not registered yet."""
        return self._found(self._by_place.get(place))

    def of_serial(self, serial: str) -> list[Claim]:
        return [self._claims[claim] for claim in sorted(self._by_serial.get(serial, ()))]

    def _found(self, claim: str | None) -> Claim | None:
        return None if claim is None else self._claims[claim]

    def _put_up(self, claim: Claim) -> None:
        if claim.state in ANSWERS_HELLO:
            self._by_code[claim.code] = self._by_key[claim.key] = claim.claim
            self._by_serial.setdefault(claim.serial, set()).add(claim.claim)
        if claim.place and claim.state in HOLDS_A_PLACE:
            self._by_place[claim.place] = claim.claim

    def _take_down(self, claim: Claim) -> None:
        indexes = (
            (self._by_code, claim.code),
            (self._by_key, claim.key),
            (self._by_place, claim.place or ""),
        )
        for index, name in indexes:
            if index.get(name) == claim.claim:
                del index[name]
        if claim.claim in (same := self._by_serial.get(claim.serial, set())):
            same.discard(claim.claim)
            if not same:
                del self._by_serial[claim.serial]

    def _leave(self, claim: Claim) -> None:
        self._heard_ms.pop(claim.claim, None)
        left = self._per_address.get(claim.address, 1) - 1
        if left:
            self._per_address[claim.address] = left
        else:
            self._per_address.pop(claim.address, None)


def _opened(event: Event) -> Claim:
    if event.act is not Act.OPENED:
        raise NotNow(f"claim {event.claim} was never opened")
    values = _values(event)
    asked = read_request(values["request"])
    return Claim(
        claim=event.claim,
        opened_ms=event.at_ms,
        changed_ms=event.at_ms,
        spki=asked.spki,
        verifies=asked.verifies,
        **values,
    )


def _stepped(claim: Claim, event: Event) -> Claim:
    after = TABLE.get((claim.state, event.act))
    if after is None:
        raise NotNow(f"{event.act} has no place in the state {claim.state}")
    forgotten = _FORGETS.get(event.act, {})
    return replace(claim, state=after, changed_ms=event.at_ms, **{**forgotten, **_values(event)})


def _values(event: Event) -> dict[str, Any]:
    return {
        name: bytes.fromhex(value) if name in _BYTES and value is not None else value
        for name, value in event.facts.items()
        if name in _SETS[event.act]
    }
