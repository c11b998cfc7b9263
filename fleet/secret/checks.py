"""What stands against a paper at this moment, kind by kind: refused before anything is kept.

A copy that still lacks signatures is checked like a whole one, so that nobody signs what could never hold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ballot.board.contest import Contest
from ballot.ceremony.key_record import check_key_record
from ballot.documents.bodies import (
    Bind,
    Cancel,
    Close,
    Disposition,
    KeyRecord,
    Manifest,
    Result,
    Roll,
    RollRows,
    Share,
    Tally,
)
from ballot.documents.body import DocumentBody
from ballot.documents.manifest import check_manifest
from ballot.rules.words import describe
from ballot.seeds import fingerprint
from ballot.tally.count import counts_of, electing
from ballot.tally.objections import objections
from fleet.db import Connection
from fleet.saying import Said, joined
from fleet.secret import store
from fleet.secret.following import Seen
from fleet.secret.outcome import decided_anew
from fleet.secret.refusals import conflict
from fleet.secret.rules import CLOSE_AGE_MS_MAX, RUNNING, SecretQuestion, witnessed_ago_ms
from fleet.secret.store import Paper
from fleet.sittings import store as sittings
from fleet.sittings.state_words import state_word
from fleet.votes import store as votes
from wire.ids import SittingId


@dataclass(frozen=True, slots=True)
class Case:
    """A paper in front of the desk. found: its secret question; a key record is of none. papers: those that
    stand here for it already, key records included."""

    connection: Connection
    seen: Seen
    found: SecretQuestion | None
    papers: tuple[Paper, ...]
    now_ms: int

    @property
    def question(self) -> SecretQuestion:
        if self.found is None:
            raise AssertionError("every paper but a key record is of a contest")
        return self.found

    def recorded(self, kind: str) -> list[Paper]:
        return [paper for paper in self.papers if paper.kind == kind and paper.desk_seq is not None]

    def need_state(self, *states: str) -> None:
        if self.question.state not in states:
            raise conflict(
                "wrong-state", question=self.question.question, state=state_word(self.question.state)
            )

    def contest(self) -> Contest:
        """As the log has it."""
        found = self.seen.contest(self.question.contest)
        if found is None:
            raise conflict(
                "wrong-state", question=self.question.question, state=state_word(self.question.state)
            )
        return found


def check(case: Case, body: DocumentBody) -> None:
    """Raises Conflict, with a sentence for the secretariat."""
    _CHECKS[type(body)](case, body)


def _key_record(case: Case, body: KeyRecord) -> None:
    for vi, en in check_key_record(case.seen.board.group, body, case.seen.charter):
        raise conflict("bad-key-record", what=Said(en, vi))


def _roll(case: Case, body: Roll) -> None:
    case.need_state("prepared")
    if case.recorded(Manifest.kind):
        raise conflict("late-roll")
    summoned = len(sittings.places(case.connection, SittingId(case.question.sitting)))
    if body.size > summoned:
        raise conflict("roll-too-large", size=body.size, summoned=summoned)


def _roll_rows(case: Case, body: RollRows) -> None:
    case.need_state("prepared")
    if case.recorded(Manifest.kind):
        raise conflict("late-roll")
    root = body.roll(case.seen.charter.congress).root
    if root not in [Roll.parse(paper.document.body).root for paper in case.recorded(Roll.kind)]:
        raise conflict("rows-before-roll")
    keys = [row.session_key for row in body.rows if row.session_key is not None]
    unit_of = {key: unit for unit, key in store.keys_of_units(case.connection, case.question.contest).items()}
    seat_of = {
        place.device: place.seat
        for place in sittings.places(case.connection, SittingId(case.question.sitting))
        if place.device is not None and place.seat
    }
    met: set[bytes] = set()
    seats: set[str] = set()
    for key in keys:
        if key in met:
            raise conflict("unit-twice", key=key.hex()[:8])
        met.add(key)
        unit = unit_of.get(key)
        seat = "" if unit is None else seat_of.get(unit, "")
        if seat and seat in seats:
            raise conflict("seat-twice", labels=[seat], seat=seat)
        seats.add(seat)


def _manifest(case: Case, body: Manifest) -> None:
    question = case.question
    for other in case.papers:
        if other.kind == Manifest.kind and other.document.hash != body.hash:
            if question.state != "prepared" and other.desk_seq is not None:
                raise conflict("manifest-changed", print=fingerprint(other.document.hash))
            raise conflict("second-manifest", print=fingerprint(other.document.hash))
    case.need_state("prepared")
    key_record, roll = _stands_on(case, body)
    faults = check_manifest(body, case.seen.charter, key_record, roll)
    if faults:
        raise conflict("manifest-fault", fault=joined([Said(each.en, each.vi) for each in faults], " "))
    told = f"{body.sitting}/{body.question}"
    expected = f"{question.sitting}/{question.question}"
    if told != expected:
        raise conflict("other-question", found=told, expected=expected)
    announced = votes.find(case.connection, question.question)
    if announced is None:
        raise AssertionError(f"contest of {question.question}, which is no question")
    if body.rule != announced.rule:
        found, due = (Said(en, vi) for vi, en in (describe(body.rule), describe(announced.rule)))
        raise conflict("other-rule", found=found, expected=due)
    if announced.persons and body.persons != len(announced.persons):
        raise conflict("other-persons", found=body.persons, expected=len(announced.persons))


def _stands_on(case: Case, body: Manifest) -> tuple[KeyRecord, Roll]:
    """The recorded papers that the manifest names."""
    records = [KeyRecord.parse(paper.document.body) for paper in case.recorded(KeyRecord.kind)]
    rolls = [Roll.parse(paper.document.body) for paper in case.recorded(Roll.kind)]
    roots = {
        RollRows.parse(paper.document.body).roll(case.seen.charter.congress).root
        for paper in case.recorded(RollRows.kind)
    }
    record = next((each for each in records if each.hash == body.key_record_hash), None)
    roll = next((each for each in rolls if each.root == body.roll_root), None)
    missing = [
        kind
        for kind, there in (
            (KeyRecord.kind, record is not None),
            (Roll.kind, roll is not None),
            (RollRows.kind, body.roll_root in roots),
        )
        if not there
    ]
    if record is None or roll is None or missing:
        raise conflict("papers-before-manifest", kinds=", ".join(missing))
    newest = RollRows.parse(case.recorded(RollRows.kind)[-1].document.body)
    if newest.roll(case.seen.charter.congress).root != body.roll_root:
        raise conflict("older-roll")  # units were told their rows of the newest one
    return record, roll


def _bind(case: Case, body: Bind) -> None:
    case.need_state("prepared", *RUNNING)
    rows = case.recorded(RollRows.kind)
    keys: dict[bytes, tuple[int, bytes | None]] = {}
    if rows:
        for row in RollRows.parse(rows[-1].document.body).rows:
            keys[row.voter] = (0, row.session_key)
    binds = [Bind.parse(paper.document.body) for paper in case.recorded(Bind.kind)]
    for bind in sorted(binds, key=lambda bind: bind.generation):
        keys[bind.voter] = (bind.generation, bind.session_key)
    if body.voter not in keys:
        raise conflict("bind-unknown", voter=body.voter.hex())
    last = keys[body.voter][0]
    if body.generation != last + 1:
        raise conflict("bind-out-of-turn", found=body.generation, last=last)
    in_force = [key for voter, (_, key) in keys.items() if voter != body.voter]
    if body.session_key is not None and body.session_key in in_force:
        raise conflict("unit-twice", key=body.session_key.hex()[:8])


def _close(case: Case, body: Close) -> None:
    case.need_state(*RUNNING)
    heads = [head for head in case.seen.heads(case.connection) if head.size == body.size]
    if not any(head.root == body.root for head in heads):
        raise conflict("close-unwitnessed", size=body.size)
    seen_ms = min(abs(witnessed_ago_ms(head.times.values(), case.now_ms)) for head in heads)
    age_ms = max(seen_ms, abs(case.now_ms - body.at_ms))
    if age_ms > CLOSE_AGE_MS_MAX:
        raise conflict("close-too-old", age_s=age_ms // 1000)
    opened = case.contest().course.opened
    if opened is None or body.size <= opened:
        raise conflict("close-before-open")


def _cancel(case: Case, _body: Cancel) -> None:
    if case.recorded(Tally.kind):
        raise conflict("too-late-to-cancel")
    case.need_state("prepared", "closed", *RUNNING)


def _disposition(case: Case, body: Disposition) -> None:
    case.need_state("closed")
    voters = case.contest().course.voters
    for voter, _ in body.rows:
        if voter is not None and voter not in voters:
            raise conflict("disposition-unknown", voter=voter.hex())


def _tally(case: Case, body: Tally) -> None:
    for other in case.recorded(Tally.kind):
        if other.document.hash != body.hash:
            raise conflict("second-tally", print=fingerprint(other.document.hash))
    case.need_state("closed")
    contest, tree = case.contest(), case.seen.tree
    heads = case.seen.heads(case.connection)
    if body.size > tree.size or tree.root(body.size) != body.root:
        raise conflict("tally-root")

    def root_at(size: int) -> bytes | None:
        return tree.root(size) if size <= tree.size else None

    for objection in objections(contest, root_at, heads, body.size):
        raise conflict("tally-not-ready", objection=Said(objection.en, objection.vi))
    found = electing(case.seen.board.group, contest)
    if found is None or body != found.tally(body.size, body.root):
        raise conflict("one-aggregate")
    if not any((head.size, head.root) == (body.size, body.root) for head in heads):
        raise conflict("close-unwitnessed", size=body.size)


def _share(case: Case, body: Share) -> None:
    case.need_state("tallied")
    for other in case.recorded(Share.kind):
        if Share.parse(other.document.body).trustee == body.trustee:
            raise conflict("second-share", trustee=body.trustee)
    stands = case.contest().course.tallies
    heads = case.seen.heads(case.connection)
    if not stands or not any(head.size > stands[0].leaf for head in heads):
        raise conflict("share-before-witnesses")
    found = electing(case.seen.board.group, case.contest())
    tally = Tally.parse(case.recorded(Tally.kind)[0].document.body)
    if found is None:
        raise conflict("wrong-state", question=case.question.question, state=state_word(case.question.state))
    for what in counts_of(case.seen.board.group, found, tally, [body]).faults:
        raise conflict("bad-share", what=what)


def _result(case: Case, body: Result) -> None:
    case.need_state("tallied")
    frozen = store.result(case.connection, case.question.contest)
    if frozen is None:
        raise conflict("no-result", question=case.question.question, state=state_word(case.question.state))
    manifest = Manifest.parse(case.recorded(Manifest.kind)[0].document.body)
    decided = decided_anew(manifest, frozen, body.order)
    if body.order is not None and decided["refusals"]:
        first = decided["refusals"][0]
        raise conflict("other-result", what=Said(first["en"], first["vi"]))
    due: dict[str, tuple[Any, Any]] = {
        "manifest": (body.manifest_hash.hex(), frozen["manifest"]),
        "tally": (body.tally_hash.hex(), frozen["tally"]),
        "counts": (list(body.counts), frozen["counts"]),
        "facts": (body.facts.hex(), frozen["facts_bytes"]),
        "outcome": (body.outcome, decided["outcome_text"]),
        "root": (body.root.hex(), frozen["root"]),
        "size": (body.size, frozen["size"]),
    }
    for what, (found, expected) in due.items():
        if found != expected:
            raise conflict("other-result", what=f"{what}: {found}, {expected}")


_CHECKS: Final[dict[type[DocumentBody], Callable[[Case, Any], None]]] = {
    KeyRecord: _key_record,
    Roll: _roll,
    RollRows: _roll_rows,
    Manifest: _manifest,
    Bind: _bind,
    Close: _close,
    Cancel: _cancel,
    Disposition: _disposition,
    Tally: _tally,
    Share: _share,
    Result: _result,
}
