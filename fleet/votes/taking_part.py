"""Who takes no part in a question, and what members declare after it: officers' acts, signed into the hall
log."""

from typing import Final

from fleet.api.errors import BadInput, Conflict, NotFound
from fleet.db import Connection
from fleet.desk.office import Office
from fleet.sittings import store as sittings
from fleet.votes import store
from fleet.votes.acts import found
from fleet.votes.rules import Question
from fleet.votes.store import Correction
from wire.ids import MemberRef, QuestionId, SittingId
from wire.voting import Annotation, Recusal

REASON_BYTES_MAX: Final = 200
TEXT_BYTES_MAX: Final = 300
_BEFORE_CLOSE: Final = ("prepared", "open", "held")


def recuse(office: Office, account: str, name: str, member: MemberRef, reason: str | None) -> None:
    """From this leaf on the member takes no part, or takes part again (reason None). May be repeated.

    Raises NotFound, Conflict, BadInput.
    """
    if reason is not None and len(reason.encode()) > REASON_BYTES_MAX:
        raise BadInput(f"reason: at most {REASON_BYTES_MAX} bytes; accented letters take more than one.")
    action = "question.part-taken" if reason is None else "question.recused"
    with office.act(account, action, name) as act:
        question = _question_with(act.connection, name, member)
        if question.state not in _BEFORE_CLOSE:
            raise Conflict(
                f"The question {name} is {question.word}: who takes part no longer changes.",
                code="wrong-state",
            )
        store.set_recusal(act.connection, name, member, reason, act.now_ms)
        act.record(
            Recusal(SittingId(question.sitting), QuestionId(name), member, reason is not None, reason or "")
        )
        act.note(member=member.hex())


def correct(office: Office, account: str, name: str, member: MemberRef, choice: str, text: str) -> None:
    """Stand beside the frozen result what a member declares to have intended; the result does not change.

    Raises NotFound, Conflict, BadInput.
    """
    if len(text.encode()) > TEXT_BYTES_MAX:
        raise BadInput(f"text: at most {TEXT_BYTES_MAX} bytes; accented letters take more than one.")
    with office.act(account, "question.annotated", name) as act:
        question = _question_with(act.connection, name, member)
        if not question.has_result:
            raise Conflict(
                f"The question {name} is {question.word}: a correction stands beside a result, and there is "
                "none yet.",
                code="no-result",
            )
        if question.by_paper:
            raise Conflict(
                f"The question {name} was counted by paper: nobody's choice is known.", code="by-paper"
            )
        act.record(Annotation(SittingId(question.sitting), QuestionId(name), member, choice, text))
        store.add_correction(act.connection, name, Correction(member, choice, text, act.now_ms))
        act.note(member=member.hex())


def _question_with(connection: Connection, name: str, member: MemberRef) -> Question:
    question = found(connection, name)
    places = sittings.places(connection, SittingId(question.sitting))
    if all(place.member != member for place in places):
        raise NotFound("member: they are not on the roll of this sitting.")
    return question
