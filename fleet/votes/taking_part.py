"""Who takes no part in a question, and what members declare after it: officers' acts, signed into the hall
log."""

from typing import Final

from fleet.api.errors import BadInput, Conflict, NotFound
from fleet.db import Connection
from fleet.desk.office import Office
from fleet.sittings import store as sittings
from fleet.sittings.state_words import state_word
from fleet.votes import store
from fleet.votes.acts import found
from fleet.votes.refusals import refused
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
        raise refused(BadInput, "bad-input/too-long", field="reason", most=REASON_BYTES_MAX)
    action = "question.part-taken" if reason is None else "question.recused"
    with office.act(account, action, name) as act:
        question = _question_with(act.connection, name, member)
        if question.state not in _BEFORE_CLOSE:
            raise refused(
                Conflict, "wrong-state/who-takes-part", question=name, state=state_word(question.word)
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
        raise refused(BadInput, "bad-input/too-long", field="text", most=TEXT_BYTES_MAX)
    with office.act(account, "question.annotated", name) as act:
        question = _question_with(act.connection, name, member)
        if not question.has_result:
            raise refused(Conflict, "no-result/correction", question=name, state=state_word(question.word))
        if question.by_paper:
            raise refused(Conflict, "by-paper", question=name)
        act.record(Annotation(SittingId(question.sitting), QuestionId(name), member, choice, text))
        store.add_correction(act.connection, name, Correction(member, choice, text, act.now_ms))
        act.note(member=member.hex())


def _question_with(connection: Connection, name: str, member: MemberRef) -> Question:
    question = found(connection, name)
    places = sittings.places(connection, SittingId(question.sitting))
    if all(place.member != member for place in places):
        raise refused(NotFound, "not-found/not-on-the-roll")
    return question
