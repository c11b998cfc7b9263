"""Sheets of ballot boxes as two people enter them apart; what both found alike is signed into the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ballot.rules.counted import Counted, ListCount, Marks, MotionCount
from ballot.rules.paper import BoxSheet, Difference, compare, plausible
from fleet.api.errors import BadInput, Conflict, NotFound
from fleet.desk.office import Act, Office
from fleet.sittings.state_words import state_word
from fleet.votes import store as votes
from fleet.votes.paper import store
from fleet.votes.refusals import of_rules, refused
from fleet.votes.rules import RUNNING, Question
from wire.ids import QuestionId, SittingId
from wire.records import CHOICES
from wire.voting import PaperCount

BOX_BYTES_MAX: Final = 32


@dataclass(frozen=True, slots=True)
class Entered:
    """state: `waiting` for somebody else, `different`, or `agreed`."""

    box: str
    state: str
    by: tuple[str, ...]
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a person found in a box. marks: (for, against) of each person on the ballot; of a motion none."""

    issued: int
    returned: int
    yes: int = 0
    no: int = 0
    abstain: int = 0
    valid: int = 0
    blank: int = 0
    invalid: int = 0
    spoilt: int = 0
    marks: Sequence[tuple[int, int]] = ()


def enter(office: Office, account: str, name: str, box: str, numbers: Numbers) -> Entered:
    """Keep what this account found in this box; sign it once another account has found the same.

    Both sheets stay as they were entered until they agree. Raises NotFound, Conflict, BadInput.
    """
    with office.act(account, "paper.entered", f"{name}/{box}") as act:
        question = _running_by_paper(act, name, box)
        sheet = BoxSheet(box, account, numbers.issued, numbers.returned, _counted(question, numbers))
        faults = plausible(question.rule, sheet)
        if faults:
            raise of_rules(faults)
        store.put_sheet(act.connection, name, box, account, _cells(numbers), act.now_ms)
        sheets = store.sheets(act.connection, name, box)
        entered = _compared(question, box, account, sheet, sheets)
        act.note(state=entered.state, fields=[each.field for each in entered.differences])
        if entered.state == "agreed":
            first, second = entered.by
            store.agree(act.connection, name, box, (first, second), _cells(numbers))
            act.record(_record(question, box, first, second, sheet))
    return entered


def state_of(question: Question, box: str, sheets: Sequence[tuple[str, dict[str, Any]]]) -> Entered:
    """Where this box stands by the sheets entered so far; of a box that is not signed yet."""
    if not sheets:
        return Entered(box, "waiting", ())
    account, cells = sheets[-1]
    sheet = _sheet(question, box, account, cells)
    return _compared(question, box, account, sheet, sheets)


def _running_by_paper(act: Act, name: str, box: str) -> Question:
    question = votes.find(act.connection, name)
    if question is None:
        raise refused(NotFound, "not-found/question", question=name)
    if question.boxes is None:
        raise refused(Conflict, "no-paper", question=name)
    if question.state not in RUNNING:
        raise refused(Conflict, "wrong-state/boxes", question=name, state=state_word(question.word))
    if box not in question.boxes:
        raise refused(NotFound, "not-found/box", question=name, box=box, boxes=", ".join(question.boxes))
    if box in store.agreed(act.connection, name):
        raise refused(Conflict, "box-signed", box=box)
    return question


def _compared(
    question: Question,
    box: str,
    account: str,
    sheet: BoxSheet,
    sheets: Sequence[tuple[str, dict[str, Any]]],
) -> Entered:
    """Against the newest sheet of anybody else."""
    others = [(by, cells) for by, cells in sheets if by != account]
    if not others:
        return Entered(box, "waiting", (account,))
    by, cells = others[-1]
    found = compare(question.rule, _sheet(question, box, by, cells), sheet)
    pair = (by, account)
    return (
        Entered(box, "different", pair, found) if isinstance(found, tuple) else Entered(box, "agreed", pair)
    )


def _sheet(question: Question, box: str, account: str, cells: Mapping[str, Any]) -> BoxSheet:
    numbers = Numbers(**{**cells, "marks": tuple((row[0], row[1]) for row in cells["marks"])})
    return BoxSheet(box, account, numbers.issued, numbers.returned, _counted(question, numbers))


def _counted(question: Question, numbers: Numbers) -> Counted:
    if not question.persons:
        return MotionCount(
            numbers.yes,
            numbers.no,
            numbers.abstain,
            numbers.blank,
            numbers.invalid,
            numbers.spoilt,
            paper=True,
        )
    if len(numbers.marks) != len(question.persons):
        raise refused(BadInput, "bad-input/marks", count=len(question.persons))
    marks = tuple(Marks(votes, against) for votes, against in numbers.marks)
    return ListCount(numbers.valid, marks, numbers.blank, numbers.invalid, numbers.spoilt, paper=True)


def _cells(numbers: Numbers) -> dict[str, Any]:
    return {
        "issued": numbers.issued,
        "returned": numbers.returned,
        "yes": numbers.yes,
        "no": numbers.no,
        "abstain": numbers.abstain,
        "valid": numbers.valid,
        "blank": numbers.blank,
        "invalid": numbers.invalid,
        "spoilt": numbers.spoilt,
        "marks": [list(row) for row in numbers.marks],
    }


def _record(question: Question, box: str, first: str, second: str, sheet: BoxSheet) -> PaperCount:
    counted = sheet.counted
    if isinstance(counted, MotionCount):
        rows = tuple((choice, int(getattr(counted, choice)), 0) for choice in CHOICES)
    else:
        rows = tuple((str(at), marks.votes, marks.against) for at, marks in enumerate(counted.options, 1))
    return PaperCount(
        SittingId(question.sitting),
        QuestionId(question.question),
        box,
        first,
        second,
        sheet.issued,
        sheet.returned,
        counted.valid,
        counted.blank,
        counted.invalid,
        counted.spoilt,
        rows,
    )
