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
from wire.down import DownMessage, FreezeNotice, Twin
from wire.errors import BadSchema
from wire.fields import Check
from wire.ids import MEMBER_REF_BYTES, is_name
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


class TwinHolder:
    """The twin and the freeze in force, and what follows from them. values: what held when this start
    began."""

    def __init__(self, values: Mapping[str, Scalar]) -> None:
        self.values: dict[str, Scalar] = dict(values)
        self.status: dict[str, str] = {}
        self.generation = 0
        self._desired: Mapping[str, Scalar] | None = None
        self._freeze: DownMessage | None = None

    @property
    def is_frozen(self) -> bool:
        return self._freeze is not None

    def take(self, message: DownMessage, known: Iterable[TwinKey]) -> bool:
        """Take a twin or a freeze notice. True when what holds has changed, and is to be made durable."""
        if isinstance(message.body, Twin):
            self._desired = message.body.desired
            self.generation = message.generation
        elif isinstance(message.body, FreezeNotice):
            self._freeze = message if message.body.frozen else None
        return self._settle(known)

    def expire(self, now_ms: int, known: Iterable[TwinKey]) -> bool:
        """A freeze is a lease that ends by itself when nobody renews it. True as in `take`."""
        if self._freeze is None or now_ms <= self._freeze.expires_ms:
            return False
        self._freeze = None
        return self._settle(known)

    def encoded(self) -> bytes:
        return cbor.encode(self.values)

    def _settle(self, known: Iterable[TwinKey]) -> bool:
        if self._desired is None:
            return False
        before = self.values
        settled = settle(self._desired, before, known, frozen=self.is_frozen)
        self.values, self.status = settled.values, settled.status
        return self.values != before
