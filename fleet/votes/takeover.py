"""A keypad that takes over a seat while a question runs is told the vote that its member has in the log.

Else it would ask for a vote that is there already; where a question allows no second one, the person would be
shown a choice that never counts. Which ballot that is, the log alone decides (ballot/counting.py): this tells
what counts now, and changes nothing of it.
"""

from collections.abc import Mapping
from typing import Final

from ballot.counting import Choice, count
from fleet.db import Connection
from fleet.desk.office import FLEET, Office
from fleet.devices import store as devices
from fleet.devices.registry import desire
from fleet.devices.rules import Desired
from fleet.sittings import store as sittings
from fleet.sittings.log_reader import open_leaves
from fleet.sittings.store import StoredLeaf
from fleet.votes import store
from fleet.votes.rules import RUNNING, Question
from wire.ids import DeviceId, MemberRef, QuestionId, SittingId
from wire.records import OpenBallot, Passage, QuestionChanged, RollPage, Seating
from wire.voting import Recusal, Terms

CAST: Final = "cast"
"""Twin key of a keypad: `{question} {choice}`, the vote of its member that was cast at another one."""
_OF_QUESTION: Final = (QuestionChanged.kind, OpenBallot.kind, Terms.kind, Recusal.kind)


def running_question(connection: Connection, sitting: str) -> Question | None:
    """The question that keypads of this sitting are voting on now, held or not."""
    question = store.running(connection)
    if question is None or question.sitting != sitting or question.by_paper or question.state not in RUNNING:
        return None
    return question


def with_casts(
    office: Office, connection: Connection, sitting: str, twins: Mapping[DeviceId, Desired]
) -> dict[DeviceId, Desired]:
    """These twins of keypads, each with the vote that its member has cast elsewhere, if there is one."""
    question = running_question(connection, sitting)
    seats = {
        keypad: MemberRef(member)
        for keypad, twin in twins.items()
        if isinstance(member := twin.get("member"), bytes)
    }
    casts = {} if question is None else casts_elsewhere(office, connection, question, seats)
    return {
        keypad: {**twin, CAST: casts[keypad]} if keypad in casts else dict(twin)
        for keypad, twin in twins.items()
    }


def casts_elsewhere(
    office: Office, connection: Connection, question: Question, seats: Mapping[DeviceId, MemberRef]
) -> dict[DeviceId, str]:
    """Values of CAST, for those of these keypads whose member has a vote in the log from another one."""
    choices = counted_choices(office, connection, question, frozenset(seats.values()))
    return {
        keypad: f"{question.question} {choices[member].choice}"
        for keypad, member in seats.items()
        if member in choices and choices[member].device != keypad
    }


def counted_choices(
    office: Office, connection: Connection, question: Question, members: frozenset[MemberRef]
) -> dict[MemberRef, Choice]:
    """The ballots of these members that count now. Opens the ballots of their keypads alone: an act waits."""
    if not members:
        return {}
    desk, sitting = office.desk.signer.public_key, SittingId(question.sitting)
    kinds = [RollPage.kind, Seating.kind] + ([Passage.kind] if question.presence else [])
    of_sitting = open_leaves(connection, desk, sittings.leaves(connection, sitting, kinds))
    theirs: set[DeviceId | None] = set()
    for leaf in of_sitting:
        if isinstance(leaf.body, RollPage):
            theirs |= {device for member, device in leaf.body.rows if member in members}
        elif isinstance(leaf.body, Seating) and leaf.body.member in members:
            theirs.add(leaf.body.device)
    stored = sittings.leaves(connection, f"{sitting}/{question.question}", _OF_QUESTION)
    wanted = [leaf for leaf in stored if leaf.kind != OpenBallot.kind or leaf.device in theirs]
    leaves = sorted([*of_sitting, *open_leaves(connection, desk, wanted)], key=lambda leaf: leaf.index)
    choices = count(sitting, QuestionId(question.question), leaves).choices
    return {choice.member: choice for choice in choices if choice.member in members}


class Takeovers:
    """One per process. Tells what the act of a seating could not know: a vote that became a leaf while the
    act was under way. Behind the leaf of the seating the keypad before has no voice, so each is looked at
    once."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._question = ""
        self._seen = -1

    def tick(self, sitting: str) -> None:
        """sitting: the open one. Raises StoreError, RecordRejected; the next tick goes on."""
        with self._office.look() as connection:
            question = running_question(connection, sitting)
            if question is None:
                return
            if question.question != self._question:
                self._question, self._seen = question.question, -1
            fresh = self._seatings(connection, question)
            missing = self._missing(connection, question, fresh) if fresh else {}
        if missing:
            with self._office.act(FLEET, "keypads.cast-told", question.question) as act:
                desire(act, self._missing(act.connection, question, fresh))
                act.note(keypads=len(missing))
        if fresh:
            self._seen = fresh[-1].index

    def _seatings(self, connection: Connection, question: Question) -> list[StoredLeaf]:
        """Those behind the opening that were not looked at yet."""
        subject = f"{question.sitting}/{question.question}"
        changes = sittings.leaves(connection, subject, (QuestionChanged.kind,))
        opened = next(
            (
                leaf.index
                for leaf in open_leaves(connection, self._office.desk.signer.public_key, changes)
                if isinstance(leaf.body, QuestionChanged) and leaf.body.state == "open"
            ),
            None,
        )
        if opened is None:
            return []
        return sittings.leaves(connection, question.sitting, (Seating.kind,), after=max(opened, self._seen))

    def _missing(
        self, connection: Connection, question: Question, seatings: list[StoredLeaf]
    ) -> dict[DeviceId, Desired]:
        """The twins that do not say it yet, of keypads that these leaves have seated."""
        opened = open_leaves(connection, self._office.desk.signer.public_key, seatings)
        seated = {leaf.body.device for leaf in opened if isinstance(leaf.body, Seating)}
        places = sittings.places(connection, SittingId(question.sitting))
        seats = {place.device: place.member for place in places if place.device in seated and place.device}
        found = {}
        for keypad, cast in casts_elsewhere(self._office, connection, question, seats).items():
            twin = devices.twin(connection, keypad)
            if twin.get(CAST) != cast:
                found[keypad] = {**twin, CAST: cast}
        return found
