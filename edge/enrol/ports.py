"""What the station needs from the world, and the errors of those who give it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from edge.device.errors import LinkError
from edge.enrol.consent import Channel, Consent
from edge.enrol.upload import SealedReference, WrappedKey
from wire.errors import HallError
from wire.ids import DeviceId, MemberRef

DESTROYED: Final = "references-destroyed"
"""reason of a refusal: the fleet has destroyed the references of this congress and takes no more."""


class FleetDown(LinkError):
    """The hall's server does not answer. What waits is sent later."""

    code = "fleet-down"


class FleetRefused(HallError):
    """The hall's server said no, in its own words. reason: its stable code, as in `no-consent`. vi: the same
    in Vietnamese, empty where it gave none."""

    code = "fleet-refused"

    def __init__(self, what: str, status: int, reason: str, vi: str = "") -> None:
        super().__init__(what)
        self.status = status
        self.reason = reason
        self.vi = vi

    @property
    def is_about_everybody(self) -> bool:
        """Not one member is refused, but whoever asks (nobody is signed in, or the wrong role), or all of it,
        because the references of this congress were destroyed. What waits goes on waiting."""
        return self.status in {401, 403} or self.reason == DESTROYED


@dataclass(frozen=True, slots=True)
class Found:
    """A member as the fleet knows them; consents and references are None where it did not say."""

    member: MemberRef
    name: str
    consents: bool | None = None
    references: int | None = None


@dataclass(frozen=True, slots=True)
class GateKey:
    """A gate that references go to. sealing_key: X25519, raw, 32 bytes; has_key: some content key was wrapped
    for it."""

    gate: DeviceId
    sealing_key: bytes
    has_key: bool


GateState = Literal["deleted", "superseded", "waiting", "revoked"]
"""What a withdrawal has come to at a gate: it has signed that it deleted; overtaken by something later, which
it answers to instead; waited for; taken out of the hall, and cannot answer any more."""
SETTLED: Final[frozenset[GateState]] = frozenset({"deleted", "superseded"})


@dataclass(frozen=True, slots=True)
class GateProof:
    """What one gate has signed about a withdrawal. leaf: of that in the log; None when there is none."""

    gate: DeviceId
    state: GateState
    leaf: int | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Of one member at the fleet: whether they consent now, and how many of their consents have ended."""

    in_force: bool
    withdrawn: int


class Fleet(Protocol):
    """The hall's server, as one signed-in person. Everything raises FleetDown and FleetRefused."""

    @property
    def account(self) -> str | None:
        """Who is signed in; None: nobody."""
        ...

    def sign_in(self, account: str, password: str) -> None:
        """The password is forwarded and not kept."""
        ...

    def sign_out(self) -> None:
        """Forget the sign-in here, whatever the server says."""
        ...

    def congress(self) -> str:
        """Whose hall it is."""
        ...

    def members(self) -> list[Found]: ...

    def ledger(self, member: MemberRef) -> Ledger | None:
        """None: the fleet knows nobody of this pseudonym."""
        ...

    def give_consent(self, member: MemberRef, consent: Consent) -> None: ...

    def end_consent(self, member: MemberRef, channel: Channel) -> None: ...

    def proofs(self, member: MemberRef) -> list[GateProof]:
        """Of every gate that was told of the last withdrawal; empty when there was none."""
        ...

    def gates(self) -> list[GateKey]: ...

    def wrap(self, keys: Sequence[WrappedKey]) -> None: ...

    def upload(self, references: Sequence[SealedReference]) -> None:
        """Of one member, in place of those that they had."""
        ...

    def publish(self) -> int:
        """Send everything to the gates; to how many."""
        ...


Step = Literal["waiting", "telling", "consent-told", "sent", "printed"]
"""How far the references of a member got: kept here alone; their consent may be in the fleet's ledger; it is;
sent; or printed for somebody else to send."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the station's folder holds of one member: nothing that opens without the content key.

    ledger: as it was at the fleet when they consented; None: the fleet did not say.
    """

    member: MemberRef
    references: tuple[SealedReference, ...]
    step: Step
    consent: Consent | None = None
    ledger: Ledger | None = None


class Shelf(Protocol):
    """The station's own sealed copies, and what waits to be sent. Durable. Writing raises StoreError."""

    def all(self) -> list[Kept]: ...

    def find(self, member: MemberRef) -> Kept | None: ...

    def put(self, kept: Kept) -> None: ...

    def remove(self, member: MemberRef) -> None:
        """Overwrite and delete; nothing happens when there is none. It is not among `all` any more even when
        StoreError is raised."""
        ...

    def withdrawals(self) -> Mapping[MemberRef, Channel]:
        """Those that the fleet has not been told of."""
        ...

    def note_withdrawal(self, member: MemberRef, channel: Channel) -> None:
        """Before `remove`: the copy there is now goes at the next start, should the program be killed."""
        ...

    def withdrawal_told(self, member: MemberRef) -> None: ...

    def gates(self) -> Mapping[str, str]:
        """Sealing key in hex of each gate that this station wrapped its content key to."""
        ...

    def note_gates(self, gates: Mapping[str, str]) -> None:
        """These have it; they are not among `intended` any more."""
        ...

    def intended(self) -> Mapping[str, str]:
        """As `gates`, of those that may have been given the key: the program was stopped before it knew."""
        ...

    def intend_gates(self, gates: Mapping[str, str]) -> None:
        """In place of all that were intended before."""
        ...
