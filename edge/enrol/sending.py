"""What the station keeps -> the fleet: withdrawals, keys, consents, references, in this order. May be
repeated at any point: references that arrive twice replace themselves. The fleet's ledger has the last word
on who consents: it may have heard of a withdrawal elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from edge.enrol.consent import Channel
from edge.enrol.ports import Fleet, FleetRefused, GateKey, Kept, Ledger, Shelf
from edge.enrol.upload import wrap_for_gates
from wire.errors import HallError
from wire.ids import CongressId, DeviceId, MemberRef

NOT_SENT: Final = frozenset({"waiting", "telling", "consent-told"})
MAY_BE_TOLD: Final = frozenset({"telling", "consent-told"})
"""Steps of references that were not sent while their consent may stand in the fleet's ledger."""


class ForeignKey(HallError):
    """A gate holds a content key of somebody else: replacing it would lock out everybody enrolled there."""

    code = "foreign-key"


class OtherGateKey(HallError):
    """The fleet names another sealing key for a gate than the one that was read off it."""

    code = "other-gate-key"


class OtherCongress(HallError):
    """The fleet is another congress's: what this station seals opens nowhere there."""

    code = "other-congress"


@dataclass(frozen=True, slots=True)
class Outcome:
    """sent: members whose references went to the gates. refused: those the fleet would not take, and why.

    unread: gates that get nothing, because nobody has read their key off them yet. withdrew: members whose
    copy was erased here, because they withdrew elsewhere since.
    """

    sent: int = 0
    gates: int = 0
    refused: tuple[tuple[MemberRef, FleetRefused], ...] = ()
    unread: tuple[str, ...] = ()
    withdrew: tuple[MemberRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Seal:
    """Whose station this is. replace: gates that hold the key of another station are given this one's.

    gates: sealing keys as a person read them off the gates (`hallward gate check`), by device: a fleet that
    named a key of its own as a gate's would be given the content key with it (docs/threat-model.md).
    """

    congress: CongressId
    content_key: bytes
    replace: bool = False
    gates: Mapping[DeviceId, bytes] = field(default_factory=dict)


def sign_in(fleet: Fleet, account: str, password: str, congress: CongressId) -> None:
    """Raises FleetDown, FleetRefused; OtherCongress, and nobody is signed in then."""
    fleet.sign_in(account, password)
    theirs = fleet.congress()
    if theirs != congress:
        fleet.sign_out()
        raise OtherCongress(f"the fleet holds {theirs}, this station is of {congress}; look at --fleet")


def waiting(shelf: Shelf) -> list[Kept]:
    """Whose references have not been sent."""
    return [kept for kept in shelf.all() if kept.step in NOT_SENT]


def send(fleet: Fleet, shelf: Shelf, seal: Seal) -> Outcome:
    """Everything that waits. Raises FleetDown, ForeignKey, StoreError, and FleetRefused when it is not about
    one member; what was not sent by then still waits."""
    withdrew = erase_withdrawn(fleet, shelf, waiting(shelf))
    for member in shelf.withdrawals():
        tell_withdrawal(fleet, shelf, member)
    left = waiting(shelf)
    if not left:
        return Outcome(withdrew=withdrew)
    unread = give_keys(fleet, shelf, seal)
    uploaded, refused = [], []
    for kept in left:
        try:
            uploaded.append(_upload(fleet, shelf, kept))
        except FleetRefused as err:
            if err.is_about_everybody:
                raise
            refused.append((kept.member, err))
    gates = fleet.publish() if uploaded else 0
    for kept in uploaded:
        shelf.put(replace(kept, step="sent"))
    return Outcome(len(uploaded), gates, tuple(refused), unread, withdrew)


def erase_withdrawn(fleet: Fleet, shelf: Shelf, kept: Iterable[Kept]) -> tuple[MemberRef, ...]:
    """Erase the copies of those who withdrew elsewhere after they had consented here; who they are. Raises
    FleetDown, FleetRefused, StoreError."""
    gone = []
    for one in kept:
        ledger = fleet.ledger(one.member)
        if ledger is not None and withdrew_since(one, ledger):
            shelf.remove(one.member)
            gone.append(one.member)
    return tuple(gone)


def withdrew_since(kept: Kept, now: Ledger) -> bool:
    """Whether a withdrawal that the fleet knows of is later than this consent. Where nobody knows which came
    first, the withdrawal is taken for the later one. Pure."""
    if kept.ledger is None:
        return now.withdrawn > 0 and not now.in_force
    return now.withdrawn > kept.ledger.withdrawn


def end_consent(fleet: Fleet, member: MemberRef, channel: Channel) -> None:
    """Tell the fleet of a withdrawal. One that has nothing to end there is told as well."""
    try:
        fleet.end_consent(member, channel)
    except FleetRefused as err:
        if err.status != 404 and err.reason != "no-consent":
            raise


def tell_withdrawal(fleet: Fleet, shelf: Shelf, member: MemberRef) -> None:
    """Tell the fleet of a withdrawal that was noted."""
    end_consent(fleet, member, shelf.withdrawals()[member])
    anew = shelf.find(member)
    if anew is not None:  # consented again after that withdrawal, which would look the later one otherwise
        shelf.put(replace(anew, ledger=fleet.ledger(member)))
    shelf.withdrawal_told(member)


def give_keys(fleet: Fleet, shelf: Shelf, seal: Seal) -> tuple[str, ...]:
    """Wrap the content key to every gate that lacks it and whose sealing key was read off it; names of those
    whose key was not. Raises ForeignKey, OtherGateKey.

    What is to be wrapped is noted before: killed between the fleet's answer and the note of it, the station
    would take its own key for somebody else's.
    """
    known, intended = shelf.gates(), shelf.intended()
    read: dict[str, str] = {**known, **intended, **{gate: key.hex() for gate, key in seal.gates.items()}}
    gates = fleet.gates()
    _check_read(gates, read)
    unread = tuple(gate.gate for gate in gates if gate.gate not in read)
    foreign = [
        gate for gate in gates if gate.has_key and gate.gate not in known and gate.gate not in intended
    ]
    if foreign and not seal.replace:
        raise ForeignKey(
            f"{foreign[0].gate} holds the key of another station: copy content.key and station.json "
            "from there into this folder; if it is lost, start with --replace-key and enrol everybody anew"
        )
    due = [
        gate
        for gate in gates
        if gate.gate in read
        and (
            not gate.has_key
            or gate in foreign
            or gate.gate in intended
            or known.get(gate.gate) != gate.sealing_key.hex()
        )
    ]
    if due:
        _wrap(fleet, shelf, seal, {gate.gate: gate.sealing_key for gate in due})
    return unread


def _check_read(gates: Iterable[GateKey], read: Mapping[str, str]) -> None:
    for gate in gates:
        if read.get(gate.gate, gate.sealing_key.hex()) != gate.sealing_key.hex():
            raise OtherGateKey(
                f"the fleet names another key for {gate.gate} than the one that was read off it: read it "
                f"again (`hallward gate check`), start with --gate {gate.gate}=KEY; if it is the same, "
                "tell the admin, and send nothing"
            )


def _wrap(fleet: Fleet, shelf: Shelf, seal: Seal, keys: Mapping[DeviceId, bytes]) -> None:
    wrapped = wrap_for_gates(seal.content_key, keys, congress=seal.congress)
    noted: dict[str, str] = {gate: key.hex() for gate, key in keys.items()}
    before = shelf.intended()
    shelf.intend_gates({**before, **noted})
    try:
        fleet.wrap(wrapped)
    except FleetRefused:  # nobody has it: a key that is found there later is somebody else's after all
        shelf.intend_gates(before)
        raise
    shelf.note_gates(noted)


def _upload(fleet: Fleet, shelf: Shelf, kept: Kept) -> Kept:
    if kept.step in {"waiting", "telling"} and kept.consent is not None:
        shelf.put(replace(kept, step="telling"))
        try:
            fleet.give_consent(kept.member, kept.consent)
        except FleetRefused:
            shelf.put(kept)
            raise
        kept = replace(kept, step="consent-told")
        shelf.put(kept)
    fleet.upload(kept.references)
    return kept
