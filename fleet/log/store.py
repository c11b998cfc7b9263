"""Reading the hall log out of the database: leaves in order, its head, hashes for proofs, frozen results."""

import json
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import select

from ballot.hall_log.format import Claim, LeafItem
from fleet.db import Connection
from fleet.tables import log_head, questions, records, settings

_ROWS: Final = 1000


def read_setting(connection: Connection, name: str) -> str | None:
    return connection.execute(select(settings.c.value).where(settings.c.name == name)).scalar_one_or_none()


def checkpoint_note(connection: Connection) -> tuple[int, str]:
    """(size, signed note) of the log's head; (0, "") before the first leaf."""
    row = connection.execute(select(log_head.c.size, log_head.c.note)).first()
    return (0, "") if row is None else (row.size, row.note)


def leaves(connection: Connection) -> Iterator[LeafItem]:
    """Every leaf, in the order of the log, without holding them all in memory."""
    query = select(records.c.leaf_index, records.c.envelope, records.c.verdict).order_by(records.c.leaf_index)
    result = connection.execution_options(yield_per=_ROWS).execute(query)
    for row in result:
        yield LeafItem(row.leaf_index, row.envelope, row.verdict)


def leaf_hashes(connection: Connection, size: int) -> list[bytes]:
    """Hashes of the first `size` leaves: what proofs are made of."""
    query = select(records.c.leaf_hash).where(records.c.leaf_index < size).order_by(records.c.leaf_index)
    return list(connection.execute(query).scalars())


def leaf_hashes_from(connection: Connection, first: int) -> Iterator[bytes]:
    """Hashes of the leaves from this index on."""
    query = select(records.c.leaf_hash).where(records.c.leaf_index >= first).order_by(records.c.leaf_index)
    yield from connection.execution_options(yield_per=_ROWS).execute(query).scalars()


def claims(connection: Connection) -> list[Claim]:
    """The frozen results, by sitting and question."""
    query = (
        select(questions.c.sitting, questions.c.question, questions.c.result)
        .where(questions.c.result.is_not(None))
        .order_by(questions.c.sitting, questions.c.question)
    )
    return [_claim(row.sitting, row.question, json.loads(row.result)) for row in connection.execute(query)]


def _claim(sitting: str, question: str, result: dict[str, Any]) -> Claim:
    return Claim(
        sitting,
        question,
        result["opened_leaf"],
        result["closed_leaf"],
        result["yes"],
        result["no"],
        result["abstain"],
        result["present"],
        result["summoned"],
        tuple((bytes.fromhex(each["member"]), each["choice"], each["leaf"]) for each in result["choices"]),
    )
