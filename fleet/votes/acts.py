"""Steps in the life of a question: officers' acts, signed into the hall log. The count comes from the log
alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ballot.counting import Leaf, Result, count
from fleet.api.errors import BadInput, Conflict, NotFound
from fleet.attendance.rules import attendance, presence_of
from fleet.db import Connection
from fleet.desk.desk import Letter
from fleet.desk.office import FLEET, Office, lines
from fleet.devices import store as devices
from fleet.devices.rules import is_ready
from fleet.devices.store import Light
from fleet.sittings import store as sittings
from fleet.sittings.log_reader import open_leaves
from fleet.sittings.store import Place
from fleet.votes import store
from fleet.votes.rules import Question, Step, frozen, missing_seats, next_state, open_spans, outcome
from wire.down import AUDIENCE_ALL, SPANS_MAX, BallotNotice, Counted
from wire.ids import QuestionId, SittingId
from wire.records import OpenBallot, Passage, QuestionChanged, RollPage, Seating

TEXT_BYTES_MAX = 1000


class _AlreadyFrozenError(Exception):
    """Somebody else was faster: undo the act, so that a result has one line in the audit log."""


@dataclass(frozen=True, slots=True)
class Turnout:
    """seated: keypads bound to a member. voted: of them, those with a ballot in the log. missing: seats not
    reachable."""

    seated: int
    voted: int
    missing: list[str]


def prepare(office: Office, account: str, question: Question) -> None:
    """Raises BadInput, NotFound, Conflict."""
    if len(question.text.encode()) > TEXT_BYTES_MAX:
        raise BadInput(f"text: at most {TEXT_BYTES_MAX} bytes; accented letters take more than one.")
    with office.act(account, "question.prepared", question.question) as act:
        sitting = sittings.find(act.connection, question.sitting)
        if sitting is None:
            raise NotFound(f"There is no sitting {question.sitting}.")
        if sitting.state not in ("prepared", "open"):
            raise Conflict(f"The sitting {sitting.sitting} is {sitting.state}.", code="wrong-state")
        if store.find(act.connection, question.question) is not None:
            raise Conflict(
                f"The question {question.question} exists; choose another name.", code="question-exists"
            )
        prepared = replace(question, state="prepared", changed_ms=act.now_ms, has_result=False)
        store.add(act.connection, prepared, act.record(_changed(prepared)))
        act.note(majority=f"{question.majority_num}/{question.majority_den}", revote=question.revote)


def step(office: Office, account: str, name: str, which: Step, *, accept_missing: bool = False) -> Question:
    """Take one step. Opening and closing name the seats that are not reachable, and want to hear that this
    is accepted.

    Raises: NotFound; Conflict for a step that the state does not allow, or for unreachable seats (their
    labels with it).
    """
    with office.act(account, f"question.{which}", name) as act:
        question = _found(act.connection, name)
        state = next_state(question.state, which)
        if state is None or (which is Step.CERTIFY and not question.has_result):
            raise Conflict(
                f"The question {name} is {question.word}: it cannot {which} now.", code="wrong-state"
            )
        if which is Step.OPEN:
            _check_opening(act.connection, question)
        if which in (Step.OPEN, Step.CLOSE):
            missing = turnout(office, act.connection, question).missing
            act.note(missing=lines(missing))
            if missing and not accept_missing:
                raise Conflict(
                    f"{len(missing)} seats cannot be reached: {', '.join(lines(missing))}. "
                    f"Mend them, or {which} with accept_missing.",
                    code="seats-missing",
                    seats=missing,
                )
        changed = replace(question, state=state, changed_ms=act.now_ms)
        seq = act.record(_changed(changed))
        store.set_state(act.connection, name, state, act.now_ms, seq)
        if which is not Step.CERTIFY:  # another question may be on the keypads by then
            notice = BallotNotice(
                SittingId(changed.sitting), QuestionId(name), state, changed.text, changed.revote
            )
            act.tell(Letter(AUDIENCE_ALL, notice))
    return changed


def turnout(office: Office, connection: Connection, question: Question) -> Turnout:
    """Who could vote and how many did. Nothing of what they chose."""
    places = sittings.places(connection, SittingId(question.sitting))
    return turnout_among(office, connection, question, places, devices.lights(connection, "keypad"))


def turnout_among(
    office: Office,
    connection: Connection,
    question: Question,
    places: Sequence[Place],
    lights: Sequence[Light],
) -> Turnout:
    """The same, for a caller who has the roll and the devices already."""
    now_ms = office.clock.wall_ms()
    ready = {light.device: is_ready(light.state, light.sign, now_ms) for light in lights}
    spans = open_spans(_changes(office, connection, question))
    subject = f"{question.sitting}/{question.question}"
    return Turnout(
        seated=sum(place.device is not None for place in places),
        voted=sittings.devices_that_spoke(connection, subject, OpenBallot.kind, spans),
        missing=missing_seats([(place.device, place.seat) for place in places], ready),
    )


def _changes(office: Office, connection: Connection, question: Question) -> list[tuple[int, str]]:
    """(leaf, state) of every change of this question that stands in the log, in order."""
    subject = f"{question.sitting}/{question.question}"
    stored = sittings.leaves(connection, subject, (QuestionChanged.kind,))
    leaves = open_leaves(connection, office.desk.signer.public_key, stored)
    return [(leaf.index, leaf.body.state) for leaf in leaves if isinstance(leaf.body, QuestionChanged)]


def complete(office: Office) -> list[str]:
    """Freeze the result of every closed question whose close is a leaf by now; their names. May be
    repeated."""
    with office.look() as connection:
        waiting = store.closing(connection)
    return [question.question for question in waiting if _complete(office, question)]


def _complete(office: Office, question: Question) -> bool:
    with office.look() as connection:
        if all(state != "closed" for _, state in _changes(office, connection, question)):
            return False  # before the work of a whole count: this is asked again and again until it is so
        sitting = sittings.find(connection, question.sitting)
        leaves = _leaves(office, connection, question)
    if sitting is None:
        raise AssertionError(f"question {question.question} has no sitting")
    sitting_id = SittingId(question.sitting)
    result = count(sitting_id, QuestionId(question.question), leaves)
    if result.closed is None:
        return False
    present = _present(leaves, result)
    found = outcome(result, present, sitting.quorum_num, sitting.quorum_den)
    try:
        with office.act(FLEET, "question.counted", question.question) as act:
            act.note(
                outcome=found.word, yes=result.yes, no=result.no, abstain=result.abstain, present=present
            )
            if not store.freeze_result(act.connection, question.question, frozen(result, found, present)):
                raise _AlreadyFrozenError
            spans = _spans(leaves, result)
            if len(spans) <= SPANS_MAX:
                act.tell(Letter(AUDIENCE_ALL, Counted(sitting_id, QuestionId(question.question), spans)))
    except _AlreadyFrozenError:
        return False
    return True


def _leaves(office: Office, connection: Connection, question: Question) -> list[Leaf]:
    of_sitting = (RollPage.kind, Seating.kind, Passage.kind)
    of_question = (QuestionChanged.kind, OpenBallot.kind)
    stored = [
        *sittings.leaves(connection, question.sitting, of_sitting),
        *sittings.leaves(connection, f"{question.sitting}/{question.question}", of_question),
    ]
    in_order = sorted(stored, key=lambda leaf: leaf.index)
    return open_leaves(connection, office.desk.signer.public_key, in_order)


def _spans(leaves: list[Leaf], result: Result) -> tuple[tuple[int, int], ...]:
    """Between which leaves ballots counted, until the close: what a keypad compares its vote's leaf with."""
    closed = -1 if result.closed is None else result.closed
    changes = [
        (leaf.index, leaf.body.state)
        for leaf in leaves
        if isinstance(leaf.body, QuestionChanged) and leaf.index <= closed
    ]
    return tuple((after, closed if before is None else before) for after, before in open_spans(changes))


def _present(leaves: list[Leaf], result: Result) -> int:
    """How many of those summoned were in the hall when the question closed."""
    before = [leaf for leaf in leaves if result.closed is None or leaf.index < result.closed]
    presence = presence_of(leaf.body for leaf in before if isinstance(leaf.body, Passage))
    return len(attendance(presence, result.roll).present)


def _check_opening(connection: Connection, question: Question) -> None:
    sitting = sittings.find(connection, question.sitting)
    if sitting is None or sitting.state != "open":
        raise Conflict(f"The sitting {question.sitting} is not open; open it first.", code="sitting-not-open")
    running = store.running(connection)
    if running is not None:
        raise Conflict(
            f"The question {running.question} is {running.word}; close it first.", code="another-open"
        )


def _changed(question: Question) -> QuestionChanged:
    return QuestionChanged(
        SittingId(question.sitting),
        QuestionId(question.question),
        question.state,
        question.text,
        question.revote,
        question.majority_num,
        question.majority_den,
    )


def _found(connection: Connection, name: str) -> Question:
    question = store.find(connection, name)
    if question is None:
        raise NotFound(f"There is no question {name}.")
    return question
