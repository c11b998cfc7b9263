"""Questions and their results in the database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from fleet.db import Connection
from fleet.tables import (
    annotations,
    devices,
    high_water,
    questions,
    recusals,
    roll,
    sittings,
    standings,
    vote_settings,
)
from fleet.votes.rules import Question, Settings
from fleet.votes.terms import majority_rule, rule_from, rule_text
from wire.down import Certified
from wire.ids import DeviceId, Epoch, MemberRef, SittingId


@dataclass(frozen=True, slots=True)
class Correction:
    """What a member declares after the close to have intended."""

    member: MemberRef
    choice: str
    text: str
    at_ms: int


def add(connection: Connection, question: Question, desk_seq: int) -> None:
    connection.execute(
        insert(questions).values(
            question=question.question,
            sitting=question.sitting,
            text=question.text,
            revote=question.revote,
            majority_num=question.majority_num,
            majority_den=question.majority_den,
            state=question.state,
            changed_ms=question.changed_ms,
            desk_seq=desk_seq,
            result=None,
            rule=rule_text(question.rule),
            presence=question.presence,
            boxes=None if question.boxes is None else json.dumps(question.boxes),
            persons=json.dumps(question.persons, ensure_ascii=False) if question.persons else None,
        )
    )


def find(connection: Connection, question: str) -> Question | None:
    row = connection.execute(_every().where(questions.c.question == question)).first()
    return _question(row) if row else None


def of_sitting(connection: Connection, sitting: str) -> list[Question]:
    query = _every().where(questions.c.sitting == sitting).order_by(questions.c.changed_ms)
    return [_question(row) for row in connection.execute(query)]


def running(connection: Connection) -> Question | None:
    """The question that is open, held or closing; at most one is."""
    for row in connection.execute(_every().where(questions.c.state.in_(("open", "held", "closed")))):
        question = _question(row)
        if question.word in ("open", "held", "closing"):
            return question
    return None


def closing(connection: Connection) -> list[Question]:
    """Closed, but without a result yet."""
    query = _every().where(questions.c.state == "closed", questions.c.result.is_(None))
    return [_question(row) for row in connection.execute(query)]


def set_state(
    connection: Connection, question: str, state: str, now_ms: int, desk_seq: int, held_why: str | None = None
) -> None:
    connection.execute(
        update(questions)
        .where(questions.c.question == question)
        .values(state=state, changed_ms=now_ms, desk_seq=desk_seq, held_why=held_why)
    )


def set_reveal(connection: Connection, question: str, now_ms: int) -> None:
    connection.execute(
        update(questions).where(questions.c.question == question).values(reveal_ms=now_ms, changed_ms=now_ms)
    )


def freeze_result(connection: Connection, question: str, result: dict[str, Any]) -> bool:
    """Write the result, once: False when there is one already."""
    changed = connection.execute(
        update(questions)
        .where(questions.c.question == question, questions.c.state == "closed", questions.c.result.is_(None))
        .values(result=json.dumps(result, ensure_ascii=False, sort_keys=True))
    )
    return changed.rowcount == 1


def result(connection: Connection, question: str) -> dict[str, Any] | None:
    text = connection.execute(
        select(questions.c.result).where(questions.c.question == question)
    ).scalar_one_or_none()
    found: dict[str, Any] | None = json.loads(text) if text else None
    return found


# -- of a sitting ---------------------------------------------------------------------------------------


def settings(connection: Connection, sitting: str) -> Settings:
    row = connection.execute(select(vote_settings).where(vote_settings.c.sitting == sitting)).first()
    if row is None:
        return Settings()
    return Settings(row.lost_percent, row.presence, row.seats, tuple(json.loads(row.board)))


def set_settings(connection: Connection, sitting: str, wanted: Settings) -> None:
    connection.execute(delete(vote_settings).where(vote_settings.c.sitting == sitting))
    connection.execute(
        insert(vote_settings).values(
            sitting=sitting,
            lost_percent=wanted.lost_percent,
            presence=wanted.presence,
            seats=wanted.seats,
            board=json.dumps(wanted.board, ensure_ascii=False),
        )
    )


def standings_of(connection: Connection, sitting: str) -> dict[MemberRef, str]:
    """Why members of the roll are counted otherwise than as members; the others have no line."""
    query = select(standings.c.member, standings.c.standing).where(standings.c.sitting == sitting)
    return {MemberRef(row.member): row.standing for row in connection.execute(query)}


def replace_roll(
    connection: Connection,
    sitting: SittingId,
    places: Mapping[MemberRef, tuple[DeviceId | None, str]],
    standing: Mapping[MemberRef, str],
) -> None:
    """The whole roll of a sitting not open yet: (keypad, seat) of each member, and their standings."""
    connection.execute(delete(roll).where(roll.c.sitting == sitting))
    connection.execute(
        insert(roll),
        [
            {"sitting": sitting, "member": member, "device": device, "seat": seat}
            for member, (device, seat) in places.items()
        ],
    )
    connection.execute(delete(standings).where(standings.c.sitting == sitting))
    if standing:
        connection.execute(
            insert(standings),
            [{"sitting": sitting, "member": member, "standing": word} for member, word in standing.items()],
        )


# -- of a question's members ----------------------------------------------------------------------------


def recused(connection: Connection, question: str) -> dict[MemberRef, str]:
    """Who takes no part in this question, and the reason."""
    query = select(recusals.c.member, recusals.c.reason).where(recusals.c.question == question)
    return {MemberRef(row.member): row.reason for row in connection.execute(query)}


def set_recusal(
    connection: Connection, question: str, member: MemberRef, reason: str | None, now_ms: int
) -> None:
    """reason None: takes part again."""
    connection.execute(delete(recusals).where(recusals.c.question == question, recusals.c.member == member))
    if reason is not None:
        connection.execute(
            insert(recusals).values(question=question, member=member, reason=reason, changed_ms=now_ms)
        )


def add_correction(connection: Connection, question: str, correction: Correction) -> None:
    connection.execute(
        insert(annotations).values(
            question=question,
            member=correction.member,
            choice=correction.choice,
            text=correction.text,
            at_ms=correction.at_ms,
        )
    )


def corrections(connection: Connection, question: str) -> list[Correction]:
    query = select(annotations).where(annotations.c.question == question).order_by(annotations.c.id)
    return [
        Correction(MemberRef(row.member), row.choice, row.text, row.at_ms)
        for row in connection.execute(query)
    ]


def prunable(connection: Connection) -> list[tuple[DeviceId, Certified]]:
    """What every device's records are committed up to, per epoch."""
    query = (
        select(high_water.c.device, high_water.c.epoch, high_water.c.seq)
        .join(devices, devices.c.device == high_water.c.device)
        .order_by(high_water.c.device, high_water.c.leaf_index)
    )
    return [(DeviceId(row.device), Certified(Epoch(row.epoch), row.seq)) for row in connection.execute(query)]


def _every() -> Any:
    return select(questions, sittings.c.quorum_num, sittings.c.quorum_den).join(
        sittings, sittings.c.sitting == questions.c.sitting
    )


def _question(row: Any) -> Question:
    majority = majority_rule(row.majority_num, row.majority_den, (row.quorum_num, row.quorum_den))
    return Question(
        question=row.question,
        sitting=row.sitting,
        text=row.text,
        revote=row.revote,
        majority_num=row.majority_num,
        majority_den=row.majority_den,
        state=row.state,
        changed_ms=row.changed_ms,
        has_result=row.result is not None,
        terms=rule_from(row.rule) if row.rule else majority,
        presence=row.presence,
        boxes=None if row.boxes is None else tuple(json.loads(row.boxes)),
        persons=tuple(json.loads(row.persons)) if row.persons else (),
        held_why=row.held_why,
        reveal_ms=row.reveal_ms,
    )
