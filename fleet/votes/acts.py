"""Steps in the life of a question: officers' acts, signed into the hall log. The count comes from the log
alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ballot.counting import Choice, Leaf, Result, count
from ballot.rules.refusals import RuleRefused
from ballot.rules.rule import Rule
from fleet.api.errors import BadInput, Conflict, NotFound
from fleet.db import Connection
from fleet.desk.desk import Letter
from fleet.desk.office import FLEET, Act, Office, lines
from fleet.devices import store as devices
from fleet.devices.rules import is_ready
from fleet.devices.store import Light
from fleet.secret import store as secret
from fleet.secret.rules import UNDER_WAY
from fleet.sittings import store as sittings
from fleet.sittings.log_reader import open_leaves
from fleet.sittings.state_words import state_word, step_word
from fleet.sittings.store import Place
from fleet.votes import store
from fleet.votes.outcomes import find, frozen, result_record
from fleet.votes.paper import store as paper
from fleet.votes.refusals import of_rules, refused
from fleet.votes.rules import Question, Step, missing_seats, next_state, open_spans, wait_of_reveal_s
from fleet.votes.terms import Asked, rule_of, terms_of
from wire.down import AUDIENCE_ALL, SPANS_MAX, BallotNotice, Counted
from wire.ids import QuestionId, SittingId
from wire.records import Alarm, OpenBallot, Passage, QuestionChanged, RollPage, Seating
from wire.voting import PaperCount, Recusal, Terms

TEXT_BYTES_MAX = 1000
_OF_SITTING = (RollPage.kind, Seating.kind, Passage.kind)
_OF_QUESTION = (QuestionChanged.kind, OpenBallot.kind, Terms.kind, Recusal.kind, PaperCount.kind)


class _AlreadyFrozenError(Exception):
    """Somebody else was faster: undo the act, so that a result has one line in the audit log."""


@dataclass(frozen=True, slots=True)
class Turnout:
    """seated: keypads bound to a member who takes part. voted: those with a ballot in the log. missing: seats
    not reachable. Of a question counted by paper: ballot boxes, those signed, those still to be counted."""

    seated: int
    voted: int
    missing: list[str]


def prepare(office: Office, account: str, question: Question, asked: Asked | None = None) -> None:
    """asked: the rule; None: the question's majority. Raises BadInput, NotFound, Conflict."""
    if len(question.text.encode()) > TEXT_BYTES_MAX:
        raise refused(BadInput, "bad-input/too-long", field="text", most=TEXT_BYTES_MAX)
    with office.act(account, "question.prepared", question.question) as act:
        sitting = sittings.find(act.connection, question.sitting)
        if sitting is None:
            raise refused(NotFound, "not-found/sitting", sitting=question.sitting)
        if sitting.state not in ("prepared", "open"):
            raise refused(
                Conflict, "wrong-state/sitting", sitting=sitting.sitting, state=state_word(sitting.state)
            )
        if store.find(act.connection, question.question) is not None:
            raise refused(Conflict, "question-exists", question=question.question)
        rule = _rule(
            asked or Asked(majority=(question.majority_num, question.majority_den)), question, sitting
        )
        prepared = replace(
            question,
            state="prepared",
            changed_ms=act.now_ms,
            has_result=False,
            terms=rule,
            majority_num=rule.num,
            majority_den=rule.den,
        )
        act.record(terms_of(sitting.sitting, question.question, rule, presence=question.presence))
        store.add(act.connection, prepared, act.record(_changed(prepared)))
        act.note(
            rule=rule.id,
            majority=f"{rule.num}/{rule.den}",
            revote=question.revote,
            presence=question.presence,
            by_paper=question.by_paper,
        )


def _rule(asked: Asked, question: Question, sitting: sittings.Sitting) -> Rule:
    quorum = (sitting.quorum_num, sitting.quorum_den)
    try:
        return rule_of(replace(asked, quorum=quorum), len(question.persons))
    except RuleRefused as err:
        raise of_rules(err.refusals) from None


def reveal(office: Office, account: str, name: str) -> Question:
    """The first half of a close, where by the rule the choices stand on the board for a while before it."""
    with office.act(account, "question.revealed", name) as act:
        question = found(act.connection, name)
        if question.state != "open" or not question.rule.reveal_s:
            raise refused(
                Conflict, "wrong-state/nothing-to-show", question=name, state=state_word(question.word)
            )
        store.set_reveal(act.connection, name, act.now_ms)
        act.note(seconds=question.rule.reveal_s)
    return replace(question, reveal_ms=act.now_ms)


def step(
    office: Office,
    account: str,
    name: str,
    which: Step,
    *,
    accept_missing: bool = False,
    held_why: str | None = None,
    as_of_ms: int | None = None,
) -> Question:
    """Take one step. Opening and closing name the seats that are not reachable, and want to hear that this
    is accepted. held_why: the fleet holds by itself, and says in the log why. as_of_ms: when the question
    had changed last as the caller saw it; None: whatever it is now.

    Raises: NotFound; Conflict for a step that the state does not allow, or for unreachable seats (their
    labels with it).
    """
    with office.act(account, f"question.{which}", name) as act:
        question = found(act.connection, name)
        state = next_state(question.state, which)
        is_other = as_of_ms not in (None, question.changed_ms)
        if state is None or is_other or (which is Step.CERTIFY and not question.has_result):
            raise refused(
                Conflict, "wrong-state/step", question=name, state=state_word(question.word),
                step=step_word(which),
            )  # fmt: skip
        if which is Step.OPEN:
            _check_opening(act.connection, question)
        if which is Step.CLOSE:
            _check_closing(act, question)
        if which in (Step.OPEN, Step.CLOSE) and not question.by_paper:
            _check_seats(office, act, question, which, accept_missing=accept_missing)
        if held_why is not None:
            act.record(Alarm("auto-held", f"{name}: {held_why}"))
            act.note(why=held_why)
        changed = replace(question, state=state, changed_ms=act.now_ms, held_why=held_why)
        seq = act.record(_changed(changed))
        store.set_state(act.connection, name, state, act.now_ms, seq, held_why)
        if which is not Step.CERTIFY and not question.by_paper:  # another may be on the keypads by then
            notice = BallotNotice(
                SittingId(changed.sitting), QuestionId(name), state, changed.text, changed.revote
            )
            act.tell(Letter(AUDIENCE_ALL, notice))
    return changed


def _check_seats(office: Office, act: Act, question: Question, which: Step, *, accept_missing: bool) -> None:
    missing = turnout(office, act.connection, question).missing
    act.note(missing=lines(missing))
    if missing and not accept_missing:
        raise refused(
            Conflict, "seats-missing", seats=missing, count=len(missing),
            seats_named=", ".join(lines(missing)), step=step_word(which),
        )  # fmt: skip


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
    if question.boxes is not None:
        signed = paper.agreed(connection, question.question)
        waiting = [box for box in question.boxes if box not in signed]
        return Turnout(len(question.boxes), len(signed), waiting)
    recused = store.recused(connection, question.question)
    places = [place for place in places if place.member not in recused]
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
    with office.look() as connection:
        standings = store.standings_of(connection, question.sitting)
        seats = store.settings(connection, question.sitting).seats
    counted = find(question.rule, result, persons_n=len(question.persons), standings=standings, seats=seats)
    said = frozen(result, counted, question.persons)
    try:
        with office.act(FLEET, "question.counted", question.question) as act:
            act.note(**{key: said[key] for key in ("outcome", "yes", "no", "abstain", "present", "paper")})
            if not store.freeze_result(act.connection, question.question, said):
                raise _AlreadyFrozenError
            spans = _spans(leaves, result)
            if len(spans) <= SPANS_MAX and not question.by_paper:
                act.tell(Letter(AUDIENCE_ALL, Counted(sitting_id, QuestionId(question.question), spans)))
            act.record(result_record(sitting_id, result, counted))
    except _AlreadyFrozenError:
        return False
    return True


def choices_so_far(office: Office, connection: Connection, question: Question) -> Sequence[Choice]:
    """What counts now of an open question; only for one whose rule lets it show before the close."""
    counting = count(
        SittingId(question.sitting),
        QuestionId(question.question),
        _leaves(office, connection, question),
    )
    return counting.choices


def _leaves(office: Office, connection: Connection, question: Question) -> list[Leaf]:
    stored = [
        *sittings.leaves(connection, question.sitting, _OF_SITTING),
        *sittings.leaves(connection, f"{question.sitting}/{question.question}", _OF_QUESTION),
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


def _check_opening(connection: Connection, question: Question) -> None:
    sitting = sittings.find(connection, question.sitting)
    if sitting is None or sitting.state != "open":
        raise refused(Conflict, "sitting-not-open", sitting=question.sitting)
    running = store.running(connection)
    if running is not None:
        raise refused(Conflict, "another-open", other=running.question, state=state_word(running.word))
    secret_one = secret.running(connection)
    if secret_one is not None:
        raise refused(
            Conflict, "another-open/secret", other=secret_one.question, state=state_word(secret_one.state)
        )


def _check_closing(act: Act, question: Question) -> None:
    wait_s = wait_of_reveal_s(question, act.now_ms)
    if wait_s and question.state == "open":
        raise refused(Conflict, "revealing", wait_s=wait_s, question=question.question)
    signed = paper.agreed(act.connection, question.question)
    waiting = [box for box in question.boxes or () if box not in signed]
    if waiting:
        raise refused(Conflict, "boxes-missing", seats=waiting, count=len(waiting), boxes=", ".join(waiting))


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


def found(connection: Connection, name: str) -> Question:
    """The open question of that name. Raises NotFound; Conflict for a secret one, of which nothing said here
    would be true."""
    question = store.find(connection, name)
    if question is None:
        raise refused(NotFound, "not-found/question", question=name)
    if question.state == UNDER_WAY:
        raise refused(Conflict, "secret-question", question=name)
    return question
