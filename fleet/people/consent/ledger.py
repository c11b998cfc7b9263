"""Consent given and withdrawn: officers' acts. Who withdraws loses the references and nothing else: their
badge stays good."""

from collections.abc import Sequence

from fleet.api.errors import Conflict, NotFound
from fleet.desk import store as settings
from fleet.desk.office import Act, Office
from fleet.people import store as people
from fleet.people.consent import store
from fleet.people.consent.store import Consent, Terms
from fleet.people.refusals import refused
from fleet.people.roster.telling import tell_references
from wire.ids import MemberRef


def give(office: Office, account: str, member: MemberRef, terms: Terms) -> Consent:
    """Take down that a member agrees to a face reference, and to which words. Raises NotFound."""
    with office.act(account, "consent.given", member.hex()) as act:
        if people.find(act.connection, member) is None:
            raise refused(NotFound, "not-found/member")
        store.give(act.connection, [member], terms, account, act.now_ms)
        act.note(text_version=terms.text_version, channel=terms.channel, station=terms.station)
        return store.of_member(act.connection, member)[-1]


def withdraw(office: Office, account: str, member: MemberRef, channel: str) -> None:
    """End the consent, delete the references, have the gates forget them. Raises NotFound, Conflict."""
    with office.act(account, "consent.withdrawn", member.hex()) as act:
        if people.find(act.connection, member) is None:
            raise refused(NotFound, "not-found/member")
        ended, dropped = end(act, [member], channel)
        if not ended:
            raise refused(Conflict, "no-consent")
        act.note(channel=channel, references_dropped=dropped)


def end(act: Act, of: Sequence[MemberRef], channel: str) -> tuple[int, int]:
    """End the consents of these members within an act: (consents ended, references dropped). The gates are
    told of those who had any."""
    again = _not_enrolled_since(act, of)
    ended = store.end(act.connection, of, channel, act.now_ms)
    for last in again:
        store.told_as_before(act.connection, last)
    dropped = people.drop_references(act.connection, of)
    if ended or dropped:
        told = tell_references(act, gone=of)
        store.told(
            act.connection,
            told.generation,
            settings.log_size(act.connection),
            settings.roster_number(act.connection),
        )
    return ended, dropped


def _not_enrolled_since(act: Act, of: Sequence[MemberRef]) -> list[Consent]:
    """The last withdrawal of each of these members who agreed again and was not enrolled again: a gate that
    answered it holds nothing since and says it no second time."""
    roster = settings.roster_number(act.connection)
    found = []
    for member in sorted(store.agreeing(act.connection, of) - people.enrolled(act.connection, of)):
        ended = [row for row in store.of_member(act.connection, member) if row.withdrawn_ms is not None]
        if ended and ended[-1].withdrawn_roster == roster:
            found.append(ended[-1])
    return found
