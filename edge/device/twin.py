"""The twin: what the fleet desires of this device, and how far each key has come (DESIGN §8).

Keys of today, all bindings of a seat, which a freeze does not touch (DESIGN §9):
    seat     text, up to 40 bytes: name of the place, as people call it
    member   16 bytes, or null: whose keypad this is
    display  text, up to 200 bytes: a line to show while nothing else is going on
    enabled  false: this keypad takes no vote now; absent: it may
    why      text, up to 60 bytes, beside it: `absent`, `recused`, `no-seat`, or words
    cast     `question choice`: this member's vote that is in the log, cast at another keypad
    unlock   up to 256 bytes, sealed to this keypad: the PIN to type before a vote; absent or empty: none
Of every device, and frozen:
    update   an order (SPEC §11.2): what this device is to run instead, and when
A firmware names the keys it knows; any other is reported as rejected.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wire import cbor, fields
from wire.down import AUDIENCE_ALL, DownMessage, FreezeNotice, Twin
from wire.errors import BadSchema
from wire.fields import Check
from wire.ids import MEMBER_REF_BYTES, SittingId, is_name
from wire.records import CHOICES
from wire.updates import ORDER_BYTES_MAX

Scalar = int | str | bytes | bool | None

PENDING: Final = "pending"
APPLYING: Final = "applying"
OK: Final = "ok"
FROZEN: Final = "frozen"
STATUS_BYTES_MAX: Final = 80


@dataclass(frozen=True, slots=True)
class TwinKey:
    """freezable: software, models, thresholds and question texts, which do not change while a freeze is in
    force."""

    name: str
    check: Check
    freezable: bool = False


def _cast(value: Any) -> str:
    text = str(fields.text(60)(value))
    question, _, choice = text.partition(" ")
    if not is_name(question) or choice not in CHOICES:
        raise BadSchema(f"must be a question and a choice, got {text!r:.40}")
    return text


SEAT: Final = TwinKey("seat", fields.text(40))
MEMBER: Final = TwinKey("member", fields.optional(fields.blob(MEMBER_REF_BYTES)))
DISPLAY: Final = TwinKey("display", fields.text(200))
ENABLED: Final = TwinKey("enabled", fields.flag)
WHY: Final = TwinKey("why", fields.text(60))
CAST: Final = TwinKey("cast", _cast)
UNLOCK: Final = TwinKey("unlock", fields.blob_up_to(256))
UPDATE: Final = TwinKey("update", fields.blob_up_to(ORDER_BYTES_MAX), freezable=True)
COMMON_KEYS: Final = (UPDATE,)
"""Known to every device, whatever its firmware."""


@dataclass(frozen=True, slots=True)
class Settled:
    values: dict[str, Scalar]
    """What holds now."""
    status: dict[str, str]
    """Of every key desired: `pending | applying | ok | frozen | rejected: reason`."""


def rejected(reason: str) -> str:
    """The status of a key that cannot be, cut to what a birth may carry."""
    return f"rejected: {reason}".encode()[:STATUS_BYTES_MAX].decode(errors="ignore")


def settle(
    desired: Mapping[str, Scalar], present: Mapping[str, Scalar], known: Iterable[TwinKey], *, frozen: bool
) -> Settled:
    """What a device holds after a twin: desired as far as it is known, well-formed, and not frozen. Pure.

    A key that is no longer desired is dropped, unless it is frozen. Applying the same twin twice changes
    nothing.
    """
    values: dict[str, Scalar] = {}
    status: dict[str, str] = {}
    keys = {key.name: key for key in known}
    for name, key in keys.items():
        held = frozen and key.freezable and desired.get(name) != present.get(name)
        if held and name in present:
            values[name] = present[name]
        if name not in desired:
            continue
        if held:
            status[name] = FROZEN
            continue
        try:
            values[name] = key.check(desired[name])
            status[name] = OK
        except BadSchema as err:
            status[name] = rejected(err.what)
            if name in present:
                values[name] = present[name]
    for name in desired.keys() - keys.keys():
        status[name] = rejected("unknown key")
    return Settled(values, status)


@dataclass(frozen=True, slots=True)
class Lease:
    """A freeze as it stands. sitting: None while nothing is frozen by anybody. is_lifted: two people have
    lifted it for this device, for a while."""

    sitting: SittingId | None = None
    is_lifted: bool = False

    @property
    def holds(self) -> SittingId | None:
        """The sitting for which software, models, thresholds and question texts do not change now."""
        return None if self.is_lifted else self.sitting


NOTHING_FROZEN: Final = Lease()


@dataclass(frozen=True, slots=True)
class Now:
    """The time as far as it matters for a lease. proved_ms: it is at least that late. monotonic_ms: since
    this start. is_known: the hall has told the time since this start; without that nobody can tell when a
    lift ends, and so none is in force."""

    proved_ms: int
    monotonic_ms: int
    is_known: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """A notice, and when in this start it came."""

    body: FreezeNotice
    issued_ms: int
    expires_ms: int
    heard_ms: int

    def has_ended(self, now: Now) -> bool:
        """By a clock that was never told the time too: the notice itself proves when it was issued."""
        since_ms = self.issued_ms + now.monotonic_ms - self.heard_ms
        return max(now.proved_ms, since_ms) > self.expires_ms


class TwinHolder:
    """The twin and the freeze in force, and what follows from them. values: what held when this start
    began."""

    def __init__(self, values: Mapping[str, Scalar]) -> None:
        self.values: dict[str, Scalar] = dict(values)
        self.status: dict[str, str] = {}
        self.generation = 0
        self.lease = NOTHING_FROZEN
        self._desired: Mapping[str, Scalar] | None = None
        self._of_hall: _Said | None = None
        self._of_device: _Said | None = None
        """What was said to all, and what to this device alone."""

    @property
    def is_frozen(self) -> bool:
        return self.lease.holds is not None

    def take(self, message: DownMessage, known: Iterable[TwinKey], now: Now) -> bool:
        """Take a twin or a freeze notice. True when what holds has changed, and is to be made durable."""
        body = message.body
        if isinstance(body, Twin):
            self._desired = body.desired
            self.generation = message.generation
        elif isinstance(body, FreezeNotice):
            said = _Said(body, message.issued_ms, message.expires_ms, now.monotonic_ms)
            if message.audience == AUDIENCE_ALL:
                self._of_hall = said
            else:
                self._of_device = said
        self.lease = self._lease(now)
        return self._settle(known)

    def expire(self, now: Now, known: Iterable[TwinKey]) -> bool:
        """A freeze is a lease that ends by itself when nobody renews it, and so is its lifting. True as in
        `take`."""
        found = self._lease(now)
        if found == self.lease:
            return False
        self.lease = found
        return self._settle(known)

    def _lease(self, now: Now) -> Lease:
        """Said to this device alone, a notice can only lift, and end a lift: what freezes is said to all."""
        lease, lift = self._of_hall, self._of_device
        if lease is None or not lease.body.frozen or lease.has_ended(now):
            return NOTHING_FROZEN
        sitting = lease.body.sitting
        if lift is None or not now.is_known:
            return Lease(sitting)
        return Lease(sitting, lift.body == FreezeNotice(sitting, frozen=False) and not lift.has_ended(now))

    def encoded(self) -> bytes:
        return cbor.encode(self.values)

    def _settle(self, known: Iterable[TwinKey]) -> bool:
        if self._desired is None:
            return False
        before = self.values
        settled = settle(self._desired, before, known, frozen=self.is_frozen)
        self.values, self.status = settled.values, settled.status
        return self.values != before
