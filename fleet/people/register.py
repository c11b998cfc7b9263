"""Members, consent, references and badges: officers' acts. The fleet stores references that it cannot
open."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleet.api.errors import BadInput, Conflict, NotFound
from fleet.desk import store as settings
from fleet.desk.office import Act, Office
from fleet.devices import store as devices
from fleet.devices.registry import desire
from fleet.devices.rules import REVOKED_BADGES, REVOKED_BADGES_MAX, serials_cell
from fleet.lane.lists import pins, tell_lanes
from fleet.people import store
from fleet.people.consent import ledger
from fleet.people.consent import store as consents
from fleet.people.refusals import refused
from fleet.people.roster.destruction import check_in_use
from fleet.people.roster.telling import Told, tell_references
from fleet.people.store import Reference
from wire.down import SEALED_REFERENCE_BYTES_MAX
from wire.envelope import Purpose, seal
from wire.ids import CongressId, DeviceId, MemberRef
from wire.keys import Signer
from wire.up import Badge, badge_text, encode_up


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list of members. consent: None when the list says nothing of it."""

    member: MemberRef
    name: str
    party: str
    consent: bool | None


def import_members(office: Office, account: str, rows: Sequence[Listed]) -> int:
    """Add these members or change what is known of them; how many are new.

    Who is said to consent stands in the ledger, without the text that they agreed to; but a list is older
    than the word of somebody who withdrew, and does not take it back. Who is said not to consent loses
    their references, here and at the gates. Of whom nothing is said, nothing changes.
    """
    if len({row.member for row in rows}) != len(rows):
        raise refused(BadInput, "bad-input/member-twice")
    with office.act(account, "members.imported", "members") as act:
        added = sum(store.put(act.connection, row.member, row.name, row.party, act.now_ms) for row in rows)
        willing = {row.member for row in rows if row.consent}
        withdrawn = willing & set(consents.withdrawn(act.connection))
        fresh = sorted(willing - withdrawn - consents.agreeing(act.connection, willing))
        consents.give(act.connection, fresh, consents.IMPORTED, account, act.now_ms)
        unwilling = [row.member for row in rows if row.consent is False]
        _, dropped = ledger.end(act, unwilling, consents.IMPORT)
        act.note(rows=len(rows), added=added, references_dropped=dropped, stay_withdrawn=len(withdrawn))
        tell_lanes(office, act)
    return added


def withdraw(office: Office, account: str, member: MemberRef) -> None:
    """Delete a member's name and references, have the gates forget them and refuse their badges. Raises
    NotFound."""
    with office.act(account, "member.withdrawn", member.hex()) as act:
        if store.find(act.connection, member) is None:
            raise refused(NotFound, "not-found/member")
        ledger.end(act, [member], "desk")
        store.withdraw(act.connection, member)
        tell_badges(act)
        tell_lanes(office, act)


def enrol(office: Office, account: str, model_sha256: bytes, runtime: str, rows: Sequence[Reference]) -> None:
    """Store sealed references in place of those that these members had. The gates get them with `publish`.

    Raises: NotFound; Conflict without consent, when references of another model are enrolled, or when all
    have been destroyed.
    """
    members = {row.member for row in rows}
    if len({(row.member, row.index) for row in rows}) != len(rows):
        raise refused(BadInput, "bad-input/reference-twice")
    if any(len(row.sealed) > SEALED_REFERENCE_BYTES_MAX for row in rows):
        raise refused(BadInput, "bad-input/reference-too-long", most=SEALED_REFERENCE_BYTES_MAX)
    with office.act(account, "references.enrolled", model_sha256.hex()[:16]) as act:
        check_in_use(act.connection)
        if members - store.known(act.connection, members):
            raise refused(NotFound, "not-found/member-of-references")
        if members - store.consenting(act.connection):
            raise refused(Conflict, "no-consent/reference")
        store.drop_references(act.connection, sorted(members))
        others = [m for m, r, *_ in store.embedders(act.connection) if (m, r) != (model_sha256, runtime)]
        if others:
            raise refused(Conflict, "other-model")
        store.add_references(act.connection, rows)
        act.note(members=len(members), references=len(rows), runtime=runtime)


def wrap(office: Office, account: str, wrapped: dict[DeviceId, bytes]) -> None:
    """Keep the congress content key, wrapped to each of these gates. Raises NotFound, Conflict."""
    with office.act(account, "references.key-wrapped", "gates") as act:
        check_in_use(act.connection)
        gates = devices.sealing_keys(act.connection)
        unknown = sorted(wrapped.keys() - gates.keys())
        if unknown:
            raise refused(NotFound, "not-found/gate", gate=unknown[0])
        for gate, key in wrapped.items():
            store.set_wrapped_key(act.connection, gate, key)
        act.note(gates=sorted(wrapped))


def publish(office: Office, account: str) -> Told:
    """Tell every gate that has a wrapped key what has changed of the references, or all of them. Raises
    Conflict."""
    with office.act(account, "references.published", "gates") as act:
        check_in_use(act.connection)
        told = tell_references(act)
        act.note(gates=told.gates, references=told.references)
    return told


def tell_badges(act: Act) -> None:
    """Every active gate, which badges it is to refuse."""
    cell = serials_cell(store.revoked_serials(act.connection, act.now_ms))
    gates = devices.active(act.connection, "gate")
    desire(act, {gate: devices.twin(act.connection, gate) | {REVOKED_BADGES: cell} for gate in gates})


def issue_badges(
    office: Office,
    account: str,
    registrar: Signer,
    congress: CongressId,
    members: Sequence[MemberRef],
    days: int,
    replace: bool,
) -> list[tuple[MemberRef, int, str, str]]:
    """(member, serial, text for the QR code, PIN) of fresh badges, in force for `days` from now.

    The PIN is for whoever prints the badge, and stands nowhere else. replace: the gates refuse the earlier
    badges of these members from now on. Raises NotFound; Conflict when the gates would have to refuse more
    than they can remember.
    """
    with office.act(account, "badges.issued", "badges") as act:
        if set(members) - store.known(act.connection, members):
            raise refused(NotFound, "not-found/member-of-list")
        last = int(settings.setting(act.connection, store.BADGE_SERIAL) or 0)
        not_after_ms = act.now_ms + days * 24 * 3600 * 1000
        badges = [
            Badge(congress, member, serial, not_after_ms) for serial, member in enumerate(members, last + 1)
        ]
        revoked = store.revoke_badges(act.connection, members) if replace else 0
        store.add_badges(act.connection, badges)
        settings.set_setting(act.connection, store.BADGE_SERIAL, str(last + len(members)))
        act.note(badges=len(members), days=days, first_serial=last + 1, revoked=revoked)
        if revoked:
            if len(store.revoked_serials(act.connection, act.now_ms)) > REVOKED_BADGES_MAX:
                raise refused(Conflict, "too-many-revoked", most=REVOKED_BADGES_MAX)
            tell_badges(act)
        their_pins = pins(office, act.connection, [(badge.member, badge.serial) for badge in badges])
        tell_lanes(office, act)
    texts = [badge_text(seal(encode_up(badge), Purpose.BADGE, registrar)) for badge in badges]
    return [
        (badge.member, badge.serial, text, pin)
        for badge, text, pin in zip(badges, texts, their_pins, strict=True)
    ]
