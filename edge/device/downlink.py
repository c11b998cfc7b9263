"""Which messages of the fleet this device obeys: signed by the right office, for us, in time, and not older
than the last.

The newest message of each (audience, kind) is kept with its bytes, so that a device which starts without a
network comes back to where it was. An equal generation is a repeat and is ignored, unless it has not been
delivered in this start.
"""

from collections.abc import Mapping
from typing import Final

from edge.device.identity import Identity
from edge.device.outbox import Outbox
from wire import cbor
from wire.down import (
    PAGED,
    ROSTER_PAGES,
    CommandMessage,
    DownMessage,
    FreezeNotice,
    TimeNotice,
    parse_down,
)
from wire.envelope import Purpose, claimed_signer, verify
from wire.errors import RecordRejected, Replayed, UnknownSigner

PREFIX: Final = "down/"
_KEPT_BYTES_MAX: Final = Purpose.DOWN.limit + 64
_BELIEVED_FOR_THEMSELVES: Final = PAGED - ROSTER_PAGES
"""What they bring is believed for the officers' signatures in it: of their generations nothing is compared
and nothing is kept (SPEC §6.3)."""
_NOT_KEPT: Final = PAGED | {TimeNotice.kind, CommandMessage.kind}
"""Their bytes are not kept: what is known of people is in memory alone, documents are kept by whoever
believes them, and a command is done once."""


class Downlink:
    """Last accepted generations, from the outbox's named values. Owned by the device's loop."""

    def __init__(self, identity: Identity, outbox: Outbox) -> None:
        self._identity = identity
        self._outbox = outbox
        self._kept: dict[str, tuple[int, bytes]] = {}
        self._delivered: set[str] = set()
        for name, value in outbox.values(PREFIX).items():
            generation, envelope = cbor.decode(value, _KEPT_BYTES_MAX)
            self._kept[name] = (generation, envelope)

    def in_force(self, now_ms: int, proved_ms: int) -> list[DownMessage]:
        """What was kept and has not expired, the freeze first and then the oldest first: to be delivered at
        the start. A twin that the freeze held back must not come before it, though it is older."""
        found = []
        for name, (_, envelope) in self._kept.items():
            if not envelope:
                continue
            try:
                found.append(self._believe(envelope, now_ms, proved_ms))
            except RecordRejected:
                continue  # expired, or an office has another key now: the fleet will say it anew
            self._delivered.add(name)
        return sorted(
            found, key=lambda message: (not isinstance(message.body, FreezeNotice), message.generation)
        )

    def accept(self, envelope: bytes, now_ms: int, proved_ms: int) -> DownMessage | None:
        """The message, if it is to be obeyed; None for a repeat. Raises RecordRejected.

        now_ms: by the device's best clock; proved_ms: it is at least that late.
        Nothing is remembered yet: the caller makes it durable together with what follows from it (`keep`).
        """
        message = self._believe(envelope, now_ms, proved_ms)
        if message.body.kind in _BELIEVED_FOR_THEMSELVES:
            return message
        name = _name(message)
        last = self._kept.get(name, (0, b""))[0]
        if message.generation < last:
            kind = message.body.kind
            raise Replayed(f"{kind} of generation {message.generation}; generation {last} is in force")
        if message.generation == last and name in self._delivered and message.body.kind not in PAGED:
            return None
        return message

    def keep(self, message: DownMessage, envelope: bytes, values: Mapping[str, bytes | None]) -> None:
        """Make the generation durable, and these values with it. Raises StoreError, and then nothing is
        kept."""
        if message.body.kind in _BELIEVED_FOR_THEMSELVES:
            return
        name = _name(message)
        kept = b"" if message.body.kind in _NOT_KEPT else envelope
        if values or self._kept.get(name) != (message.generation, kept):
            self._outbox.keep({**values, name: cbor.encode([message.generation, kept])})
        self.remember(message, kept)

    def remember(self, message: DownMessage, kept: bytes = b"") -> None:
        """Count the generation as seen, in memory alone: for time notices, which would wear out the
        storage."""
        self._kept[_name(message)] = (message.generation, kept)
        self._delivered.add(_name(message))

    def _believe(self, envelope: bytes, now_ms: int, proved_ms: int) -> DownMessage:
        """A freeze ends by the time that is proved: an operating system whose clock runs ahead, or was set
        ahead by somebody, must not end it."""
        who = claimed_signer(envelope)
        key = self._identity.trusted.get(who)
        if key is None:
            raise UnknownSigner(f"{who!r:.40} is no office of this hall")
        verified = verify(envelope, Purpose.DOWN, who, key)
        message = parse_down(verified, self._identity.hall, self._identity.device, proved_ms)
        if now_ms > message.expires_ms and not isinstance(message.body, FreezeNotice | TimeNotice):
            raise Replayed(f"{message.body.kind} of generation {message.generation} has expired")
        return message


def _name(message: DownMessage) -> str:
    return f"{PREFIX}{message.audience}/{message.body.kind}"
