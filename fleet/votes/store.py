"""Questions and their results in the database."""

import json
from typing import Any

from sqlalchemy import insert, select, update

from fleet.db import Connection
from fleet.tables import devices, high_water, questions
from fleet.votes.rules import Question
from wire.down import Certified
from wire.ids import DeviceId, Epoch


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
        )
    )


def find(connection: Connection, question: str) -> Question | None:
    row = connection.execute(select(questions).where(questions.c.question == question)).first()
    return _question(row) if row else None


def of_sitting(connection: Connection, sitting: str) -> list[Question]:
    query = select(questions).where(questions.c.sitting == sitting).order_by(questions.c.changed_ms)
    return [_question(row) for row in connection.execute(query)]


def running(connection: Connection) -> Question | None:
    """The question that is open, held or closing; at most one is."""
    for row in connection.execute(select(questions).where(questions.c.state.in_(("open", "held", "closed")))):
        question = _question(row)
        if question.word in ("open", "held", "closing"):
            return question
    return None


def closing(connection: Connection) -> list[Question]:
    """Closed, but without a result yet."""
    query = select(questions).where(questions.c.state == "closed", questions.c.result.is_(None))
    return [_question(row) for row in connection.execute(query)]


def set_state(connection: Connection, question: str, state: str, now_ms: int, desk_seq: int) -> None:
    connection.execute(
        update(questions)
        .where(questions.c.question == question)
        .values(state=state, changed_ms=now_ms, desk_seq=desk_seq)
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


def prunable(connection: Connection) -> list[tuple[DeviceId, Certified]]:
    """What every device's records are committed up to, per epoch."""
    query = (
        select(high_water.c.device, high_water.c.epoch, high_water.c.seq)
        .join(devices, devices.c.device == high_water.c.device)
        .order_by(high_water.c.device, high_water.c.leaf_index)
    )
    return [(DeviceId(row.device), Certified(Epoch(row.epoch), row.seq)) for row in connection.execute(query)]


def _question(row: Any) -> Question:
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
    )
