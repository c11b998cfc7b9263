"""Steps of the secretariat in the life of a secret question, signed into the hall log. Everything else in it
is a paper of officers (intake.py)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ballot.board.contest import Contest
from ballot.documents.bodies import Bind, KeyRecord, Manifest, Roll, RollRows
from ballot.rules.check import check as check_rule
from ballot.rules.refusals import RuleRefused
from ballot.rules.rule import Rule
from ballot.rules.rule import encode as encode_rule
from fleet.api.errors import BadInput, NotFound
from fleet.db import Connection
from fleet.desk.office import Office, lines
from fleet.devices import store as devices
from fleet.devices.rules import is_ready
from fleet.secret import store
from fleet.secret.following import SecretLog
from fleet.secret.refusals import conflict, refused
from fleet.secret.rules import UNDER_WAY, SecretQuestion, Step, next_counter, next_state
from fleet.secret.telling import tell_all
from fleet.sittings import store as sittings
from fleet.sittings.state_words import state_word
from fleet.votes import store as votes
from fleet.votes.refusals import of_rules
from fleet.votes.rules import Question
from fleet.votes.terms import Asked, rule_of
from wire import cbor
from wire.ids import CONTEST_BYTES, ContestId, DeviceId, QuestionId, SittingId
from wire.records import Alarm
from wire.voting import ContestChanged, Terms

TEXT_BYTES_MAX: Final = 1000
_BEFORE_OPEN: Final = (KeyRecord.kind, Roll.kind, RollRows.kind, Manifest.kind)


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many have cast a ballot, of how many who may; never who, where or when."""

    cast: int
    enabled: int


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A place on the roll of the sitting, and the key its unit has said; None: none yet."""

    device: DeviceId | None
    seat: str
    member: bytes
    key: bytes | None


def prepare(
    office: Office,
    log: SecretLog,
    account: str,
    asked_for: Question,
    asked: Asked,
    *,
    blank: bool | None = None,
) -> SecretQuestion:
    """Terms, contest and notice; units answer with their session keys. blank: a ballot may be blank; None: as
    the rule has it.

    Raises BadInput, NotFound, Conflict.
    """
    if len(asked_for.text.encode()) > TEXT_BYTES_MAX:
        raise refused(BadInput, "bad-input/too-long", most=TEXT_BYTES_MAX)
    rule = _rule(asked, len(asked_for.persons), blank)
    with office.act(account, "secret.prepared", asked_for.question) as act:
        with log.seen(act.connection):
            pass  # without a charter nobody could ever open it
        sitting = sittings.find(act.connection, asked_for.sitting)
        if sitting is None:
            raise refused(NotFound, "not-found/sitting", sitting=asked_for.sitting)
        if sitting.state not in ("prepared", "open"):
            raise conflict("sitting-not-open", sitting=sitting.sitting)
        if votes.find(act.connection, asked_for.question) is not None:
            raise conflict("question-exists", question=asked_for.question)
        other = store.running(act.connection)
        if other is not None:  # one notice is in force at a time, and units are voting on that one
            raise conflict("another-open", other=other.question)
        ids = (SittingId(asked_for.sitting), QuestionId(asked_for.question))
        contest = ContestId(office.random(CONTEST_BYTES))
        act.record(Terms(*ids, True, cbor.encode(encode_rule(rule)), False, 0))
        seq = act.record(ContestChanged(*ids, contest, "prepared", None))
        row = replace(
            asked_for,
            revote=False,
            state=UNDER_WAY,
            changed_ms=act.now_ms,
            terms=rule,
            majority_num=rule.num,
            majority_den=rule.den,
        )
        votes.add(act.connection, row, seq)
        counter = next_counter(0, act.now_ms)
        found = SecretQuestion(contest, *ids[::-1], asked_for.text, "prepared", counter, act.now_ms, False)
        store.add(act.connection, found)
        tell_all(office, act, found)
        act.note(contest=contest.hex(), rule=rule.id)
    return found


def _rule(asked: Asked, persons_n: int, blank: bool | None) -> Rule:
    """Without the sitting's quorum: the manifest holds the very same rule, and the board writes it there."""
    try:
        rule = rule_of(replace(asked, quorum=None), persons_n)
    except RuleRefused as err:
        raise of_rules(err.refusals) from None
    if blank is not None:
        rule = replace(rule, blank_allowed=blank)
    faults = check_rule(rule, persons_n, secret=True)
    if faults:
        raise of_rules(faults[:1])
    return rule


def announce(office: Office, account: str, contest: ContestId) -> SecretQuestion:
    """Say notice and papers again, for units that have missed them; between two that are prepared, this is
    the one on show."""
    with office.act(account, "secret.announced", contest.hex()) as act:
        found = find(act.connection, contest)
        other = store.running(act.connection)
        if other is not None and other.contest != contest:
            raise conflict("another-open", other=other.question)
        changed = replace(found, counter=next_counter(found.counter, act.now_ms), changed_ms=act.now_ms)
        store.set_state(
            act.connection, contest, found.state, changed.counter, act.now_ms, held_why=found.held_why
        )
        tell_all(office, act, changed)
    return changed


def step(
    office: Office,
    account: str,
    contest: ContestId,
    which: Step,
    *,
    accept_missing: bool = False,
    held_why: str | None = None,
    as_of_ms: int | None = None,
) -> SecretQuestion:
    """Open, hold, resume. Opening names the seats whose unit is not in the roll or not reachable. as_of_ms:
    as of votes.acts.step.

    Raises NotFound, Conflict.
    """
    with office.act(account, f"secret.{which}", contest.hex()) as act:
        found = find(act.connection, contest)
        state = next_state(found.state, which)
        if state is None or as_of_ms not in (None, found.changed_ms):
            raise conflict("wrong-state", question=found.question, state=state_word(found.state))
        papers = store.papers(act.connection, contest, (Manifest.kind,))
        manifest = next((paper.document.hash for paper in papers if paper.desk_seq is not None), None)
        if which is Step.OPEN:
            _check_opening(act.connection, found)
            missing = missing_seats(office, act.connection, found)
            act.note(missing=lines(missing))
            if missing and not accept_missing:
                said = ", ".join(lines(missing))
                raise conflict("seats-missing", labels=missing, n=len(missing), who=said)
        if held_why is not None:
            act.record(Alarm("auto-held", f"{found.question}: {held_why}"))
            act.note(why=held_why)
        ids = (SittingId(found.sitting), QuestionId(found.question))
        act.record(ContestChanged(*ids, contest, state, manifest))
        changed = replace(
            found,
            state=state,
            counter=next_counter(found.counter, act.now_ms),
            changed_ms=act.now_ms,
            held_why=held_why,
        )
        store.set_state(act.connection, contest, state, changed.counter, act.now_ms, held_why)
        tell_all(office, act, changed)
    return changed


def find(connection: Connection, contest: ContestId) -> SecretQuestion:
    found = store.find(connection, contest)
    if found is None:
        raise refused(NotFound, "not-found/contest")
    return found


def missing_papers(connection: Connection, found: SecretQuestion) -> list[str]:
    """Kinds that must stand in the log before it opens, and do not."""
    there = {paper.kind for paper in store.papers(connection, found.contest) if paper.desk_seq is not None}
    return [kind for kind in _BEFORE_OPEN if kind not in there]


def units(connection: Connection, found: SecretQuestion) -> list[UnitLine]:
    """Everybody on the roll of the sitting, by seat: what the commission makes the roll of."""
    keys = store.keys_of_units(connection, found.contest)
    return [
        UnitLine(
            place.device,
            place.seat or str(place.device or ""),
            place.member,
            None if place.device is None else keys.get(place.device),
        )
        for place in sittings.places(connection, SittingId(found.sitting))
    ]


def missing_seats(office: Office, connection: Connection, found: SecretQuestion) -> list[str]:
    """Seats that could not vote if it opened now: their unit's key is not in the roll, or it is not heard."""
    in_roll = _keys_in_force(connection, found)
    now_ms = office.clock.wall_ms()
    ready = {
        light.device
        for light in devices.lights(connection, "keypad")
        if is_ready(light.state, light.sign, now_ms)
    }
    return [
        line.seat or "?"
        for line in units(connection, found)
        if line.key is None or line.key not in in_roll or line.device not in ready
    ]


def not_ready(connection: Connection, found: SecretQuestion, contest: Contest) -> list[str]:
    """While it is open: seats whose unit has not said yet that it is ready. It does so before anybody has
    pressed anything, so that this tells nothing of a vote."""
    waiting = {
        voter.key.raw
        for voter in contest.course.voters.values()
        if voter.key is not None and voter.chain(voter.generation).n == 0
    }
    return [line.seat or "?" for line in units(connection, found) if line.key is None or line.key in waiting]


def turnout(contest: Contest | None) -> Turnout:
    if contest is None:
        return Turnout(0, 0)
    voters = contest.course.voters.values()
    return Turnout(sum(bool(voter.casts) for voter in voters), sum(voter.enabled for voter in voters))


def _keys_in_force(connection: Connection, found: SecretQuestion) -> set[bytes]:
    keys: dict[bytes, bytes | None] = {}
    recorded = [each for each in store.papers(connection, found.contest) if each.desk_seq is not None]
    for paper in recorded:
        if paper.kind == RollRows.kind:
            keys = {row.voter: row.session_key for row in RollRows.parse(paper.document.body).rows}
    binds = [Bind.parse(paper.document.body) for paper in recorded if paper.kind == Bind.kind]
    for bind in sorted(binds, key=lambda bind: bind.generation):
        keys[bind.voter] = bind.session_key
    return {key for key in keys.values() if key is not None}


def _check_opening(connection: Connection, found: SecretQuestion) -> None:
    missing = missing_papers(connection, found)
    if missing:
        raise conflict("papers-missing", kinds=", ".join(missing))
    sitting = sittings.find(connection, found.sitting)
    if sitting is None or sitting.state != "open":
        raise conflict("sitting-not-open", sitting=found.sitting)
    _nothing_runs(connection)


def _nothing_runs(connection: Connection) -> None:
    secret, public = store.running(connection), votes.running(connection)
    if secret is not None:
        raise conflict("another-open", other=secret.question)
    if public is not None:
        raise conflict("another-open", other=public.question)


def ends_missing(
    connection: Connection, found: SecretQuestion, contest: Contest
) -> Sequence[tuple[bytes, str]]:
    """(voter, seat) of everybody who was enabled and of whom nobody has said that nothing is pending."""
    seat_of = {line.key: line.seat for line in units(connection, found) if line.key is not None}
    voters = contest.course.voters
    missing = []
    for ref in contest.unaccounted():
        key = voters[ref].key
        missing.append((ref, seat_of.get(key.raw, "") if key is not None else ""))
    return missing
