"""What an answer of the store does to a question: read by answer.py, durable in one step with the
checkpoint that it brought, and only then an event of the life."""

from typing import Any, Final

from ballot.hashing import hash_of
from edge.ballot_keypad.secret.answer import Aside, Asked, Believed, Forged, read_answer
from edge.ballot_keypad.secret.kept import CHECKPOINT
from edge.ballot_keypad.secret.life import REFUSALS, Event, step
from edge.ballot_keypad.secret.memory import Draw
from edge.ballot_keypad.secret.pace import EARLY_MS
from edge.ballot_keypad.secret.question import Question
from edge.ballot_keypad.secret.unit import encode_head
from wire.board import Abandoned, Cast, Checked, End, Prepared, Ready
from wire.ids import VoterRef
from wire.voting import BoardAnswer

_COMMITMENTS: Final = (Ready.kind, Prepared.kind, Abandoned.kind)


def hear(question: Question, answer: BoardAnswer, asked_again: bytes) -> None:
    """asked_again: an entry that was answered before, and is asked about for a newer answer."""
    unit, kept = question.unit, question.kept
    entry = question.way or asked_again
    if not entry:
        return
    kind = kept.way_kind if question.way else Cast.kind
    asked = Asked(question.contest, VoterRef(kept.voter), entry, kind)
    found = read_answer(answer, asked, unit.head, unit.means.store_id(), unit.reader)
    if isinstance(found, Aside):
        return
    if isinstance(found, Forged):
        question.is_alarmed = True
        unit.means.alarm(found.what, "the store signed an answer that its log does not bear out")
        return
    if found.code and not question.way:
        question.is_alarmed = True
        unit.means.alarm("board-taken-back", "the store refuses in its log what it accepted there before")
        return
    if question.way:
        _answered(question, found)
    else:
        _seen_again(question, found, is_vote=asked_again == kept.cast)
    question.settle()


def _seen_again(question: Question, found: Believed, *, is_vote: bool) -> None:
    """The newest vote of this unit, or its newest entry, looked up again after the close."""
    is_closed = question.kept.is_closed or found.is_closed
    if _keep_head(question, found, is_closed=is_closed) and found.in_record and is_vote:
        question.fire(Event.WITNESSED)


def _answered(question: Question, found: Believed) -> None:
    kept = question.kept
    if found.code:
        _refused(question, found)
    elif kept.way_kind in _COMMITMENTS and found.nonce is None:
        _keep_head(question, found)  # it is a leaf, and of use only with its nonce: asked again
    else:
        _accepted(question, found)


def _accepted(question: Question, found: Believed) -> None:
    kept, memory, entry = question.kept, question.memory, question.way
    changes: dict[str, Any] = {
        "n": kept.n + 1,
        "prev": hash_of(entry),
        "way": b"",
        "way_kind": "",
        "unsure": b"",
        "code": "",
        "is_closed": kept.is_closed or found.is_closed,
    }
    if kept.way_kind != Checked.kind:  # an opened ballot stands on no disk of a unit
        changes["proof"] = entry
    event = Event.ACCEPTED
    match kept.way_kind:
        case Ready.kind:
            event = _with_nonce(memory.draw, found)
        case Abandoned.kind:
            changes |= {"seq": kept.seq + 1}
            event = _with_nonce(memory.following, found)
        case Prepared.kind:
            event = _with_nonce(memory.following, found)
        case Cast.kind:
            changes |= {"seq": kept.seq + 1, "cast": entry, "cast_hash": kept.body_hash}
            changes |= {"cast_generation": kept.generation}
        case Checked.kind:
            changes |= {"seq": kept.seq + 1}
        case End.kind:
            changes |= {"has_ended": True}
    was = kept.way_kind
    memory_way, memory.way = memory.way, b""
    is_kept = (
        _end_of(question, found, changes) if was == End.kind else _go_on(question, event, found, changes)
    )
    if not is_kept:
        memory.way = memory_way
    elif event is Event.ACCEPTED and was in (Abandoned.kind, Cast.kind, Checked.kind):
        memory.advance()  # of a seq that was forgotten another draw stands there already


def _with_nonce(draw: Draw | None, found: Believed) -> Event:
    """The nonce belongs to what this start drew; of what a start before it drew nothing is known."""
    if draw is None:
        return Event.FORGOTTEN
    draw.nonce = found.nonce
    return Event.ACCEPTED


def _refused(question: Question, found: Believed) -> None:
    kept, memory = question.kept, question.memory
    changes: dict[str, Any] = {
        "way": b"",
        "way_kind": "",
        "code": found.code,
        "is_closed": kept.is_closed or found.is_closed,
    }
    if found.code == "broken-chain" and kept.unsure:
        # the ballot that was opened before the power went is a leaf after all: go on behind it
        behind = {"n": kept.n + 1, "prev": kept.unsure, "seq": kept.seq + 1, "unsure": b"", "code": ""}
        _keep_head(question, found, **{**changes, **behind})
        return
    if kept.way_kind == End.kind:
        _end_of(question, found, {**changes, "has_ended": True})
        return
    event = REFUSALS.get(found.code, Event.REFUSED)
    if event is Event.TOO_EARLY:
        question.not_before_ms = question.unit.means.now_ms() + EARLY_MS
    if event is Event.TOO_LATE and kept.cast and step(question.state, Event.VOTE_STANDS) is not None:
        event = Event.VOTE_STANDS
    memory_way, memory.way = memory.way, b""
    if not _go_on(question, event, found, changes):
        memory.way = memory_way


def _go_on(question: Question, event: Event, found: Believed, changes: dict[str, Any]) -> bool:
    """The event, its changes and the checkpoint in one durable step."""
    if step(question.state, event) is None:
        return _end_of(question, found, changes)
    done = question.fire(event, _head(question, found), **changes)
    if done:
        question.unit.head = found.kept
    return done


def _end_of(question: Question, found: Believed, changes: dict[str, Any]) -> bool:
    done = _keep_head(question, found, **changes)
    if done:
        question.send_on_the_grid()
    return done


def _keep_head(question: Question, found: Believed, **changes: object) -> bool:
    done = question.keep_quietly(_head(question, found), **changes)
    if done:
        question.unit.head = found.kept
    return done


def _head(question: Question, found: Believed) -> dict[str, bytes | None]:
    return {} if found.kept == question.unit.head else {CHECKPOINT: encode_head(found.kept)}
