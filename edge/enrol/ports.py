"""What the station needs from the world, and the errors of those who give it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from edge.device.errors import LinkError
from edge.enrol.consent import Channel, Consent
from edge.enrol.upload import SealedReference, WrappedKey
from wire.errors import HallError
from wire.ids import DeviceId, MemberRef


class FleetDown(LinkError):
    """The hall's server does not answer. What waits is sent later."""

    code = "fleet-down"


class FleetRefused(HallError):
    """The hall's server said no, in its own words. reason: its stable code, as in `no-consent`."""

    code = "fleet-refused"

    def __init__(self, what: str, status: int, reason: str) -> None:
        super().__init__(what)
        self.status = status
        self.reason = reason

    @property
    def is_about_who_asks(self) -> bool:
        """Nobody is signed in, or somebody of the wrong role: another person may be heard."""
        return self.status in {401, 403}


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


@dataclass(frozen=True, slots=True)
class GateProof:
    """What one gate has signed about a withdrawal. leaf: of that in the log. None while it is waited for."""

    gate: DeviceId
    state: Literal["deleted", "waiting"]
    leaf: int | None = None


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


Step = Literal["waiting", "consent-told", "sent", "printed"]
"""How far the references of a member got: kept here alone; their consent is in the fleet's ledger; sent; or
printed for somebody else to send."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the station's folder holds of one member: nothing that opens without the content key."""

    member: MemberRef
    references: tuple[SealedReference, ...]
    step: Step
    consent: Consent | None = None


class Shelf(Protocol):
    """The station's own sealed copies, and what waits to be sent. Durable. Writing raises StoreError."""

    def all(self) -> list[Kept]: ...

    def find(self, member: MemberRef) -> Kept | None: ...

    def put(self, kept: Kept) -> None: ...

    def remove(self, member: MemberRef) -> None:
        """Overwrite and delete; nothing happens when there is none."""
        ...

    def withdrawals(self) -> Mapping[MemberRef, Channel]:
        """Those that the fleet has not been told of."""
        ...

    def note_withdrawal(self, member: MemberRef, channel: Channel) -> None: ...

    def withdrawal_told(self, member: MemberRef) -> None: ...

    def gates(self) -> Mapping[str, str]:
        """Sealing key in hex of each gate that this station wrapped its content key to."""
        ...

    def note_gates(self, gates: Mapping[str, str]) -> None: ...
