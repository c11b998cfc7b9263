"""Sheets of ballot boxes in the database."""

import json
from typing import Any

from sqlalchemy import delete, insert, select

from fleet.db import Connection
from fleet.tables import paper_counts, paper_sheets


def put_sheet(
    connection: Connection, question: str, box: str, account: str, sheet: dict[str, Any], now_ms: int
) -> None:
    """In place of what this account said of the box before."""
    of = paper_sheets.c
    connection.execute(
        delete(paper_sheets).where(of.question == question, of.box == box, of.account == account)
    )
    connection.execute(
        insert(paper_sheets).values(
            question=question, box=box, account=account, sheet=json.dumps(sheet), at_ms=now_ms
        )
    )


def sheets(connection: Connection, question: str, box: str) -> list[tuple[str, dict[str, Any]]]:
    """(account, numbers) of this box, in the order in which they were entered."""
    of = paper_sheets.c
    query = select(of.account, of.sheet).where(of.question == question, of.box == box)
    return [(row.account, json.loads(row.sheet)) for row in connection.execute(query.order_by(of.at_ms))]


def agree(
    connection: Connection, question: str, box: str, by: tuple[str, str], sheet: dict[str, Any]
) -> None:
    connection.execute(
        insert(paper_counts).values(
            question=question, box=box, first=by[0], second=by[1], sheet=json.dumps(sheet)
        )
    )


def agreed(connection: Connection, question: str) -> dict[str, tuple[tuple[str, str], dict[str, Any]]]:
    """Box -> (both accounts, numbers), of the boxes that are signed."""
    query = select(paper_counts).where(paper_counts.c.question == question)
    return {
        row.box: ((row.first, row.second), json.loads(row.sheet))
        for row in connection.execute(query.order_by(paper_counts.c.box))
    }
