"""Secret questions, papers, session keys and cosigned checkpoints in the database; leaves of elections."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import and_, delete, func, insert, or_, select, update

from ballot.documents.document import Document, encode_document, parse_document
from fleet.db import Connection
from fleet.secret.rules import OVER, RUNNING, SecretQuestion
from fleet.tables import contests, cosigned_notes, documents, questions, records, session_keys, settings
from wire.board import ENTRY_TYPES, Cast
from wire.ids import ContestId, DeviceId, StoreId
from wire.keys import Alg, PublicKey, public_key
from wire.records import StoreBegun
from wire.voting import BallotRefusal, Beacon, ContestChanged, DocumentPage

KINDS: Final = (
    *ENTRY_TYPES,
    *(body.kind for body in (DocumentPage, ContestChanged, Beacon, BallotRefusal, StoreBegun)),
)
_ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that was handed in. desk_seq: of its last page in the log; None: signatures are missing."""

    document: Document
    contest: ContestId | None
    desk_seq: int | None
    received_ms: int

    @property
    def kind(self) -> str:
        return self.document.kind

    @property
    def data(self) -> bytes:
        return encode_document(self.document)


class StoredLeaf(NamedTuple):
    leaf: int
    signer: str
    envelope: bytes


# -- contests ---------------------------------------------------------------------------------------------


def add(connection: Connection, found: SecretQuestion) -> None:
    """Its row in table questions is there already."""
    connection.execute(
        insert(contests).values(
            contest=found.contest,
            question=found.question,
            sitting=found.sitting,
            state=found.state,
            counter=found.counter,
            changed_ms=found.changed_ms,
            result=None,
        )
    )


def find(connection: Connection, contest: ContestId) -> SecretQuestion | None:
    row = connection.execute(_every().where(contests.c.contest == contest)).first()
    return _question(row) if row else None


def everything(connection: Connection) -> list[SecretQuestion]:
    """The one that changed last comes first."""
    return [
        _question(row)
        for row in connection.execute(_every().order_by(contests.c.changed_ms.desc(), contests.c.contest))
    ]


def running(connection: Connection) -> SecretQuestion | None:
    """The one that is open or held; at most one is."""
    row = connection.execute(_every().where(contests.c.state.in_(RUNNING))).first()
    return _question(row) if row else None


def unfinished(connection: Connection) -> SecretQuestion | None:
    """One that is neither certified nor cancelled, if there is any."""
    row = connection.execute(_every().where(contests.c.state.not_in(OVER)).limit(1)).first()
    return _question(row) if row else None


def cast_n(connection: Connection, contest: ContestId) -> int:
    """How many have cast a ballot, by the log."""
    c = records.c
    of = (c.subject == contest.hex(), c.kind == Cast.kind, c.verdict == "ok")
    return connection.execute(select(func.count(c.device.distinct())).where(*of)).scalar_one()


def set_state(
    connection: Connection,
    contest: ContestId,
    state: str,
    counter: int,
    now_ms: int,
    held_why: str | None = None,
) -> None:
    connection.execute(
        update(contests)
        .where(contests.c.contest == contest)
        .values(state=state, counter=counter, changed_ms=now_ms)
    )
    of = select(contests.c.question).where(contests.c.contest == contest).scalar_subquery()
    connection.execute(update(questions).where(questions.c.question == of).values(held_why=held_why))


def freeze(connection: Connection, contest: ContestId, result: Mapping[str, Any]) -> None:
    text = json.dumps(result, ensure_ascii=False, sort_keys=True)
    connection.execute(update(contests).where(contests.c.contest == contest).values(result=text))


def result(connection: Connection, contest: ContestId) -> dict[str, Any] | None:
    query = select(contests.c.result).where(contests.c.contest == contest)
    text = connection.execute(query).scalar_one_or_none()
    found: dict[str, Any] | None = json.loads(text) if text else None
    return found


def _every() -> Any:
    return select(contests, questions.c.text, questions.c.held_why).join(
        questions, questions.c.question == contests.c.question
    )


def _question(row: Any) -> SecretQuestion:
    return SecretQuestion(
        ContestId(row.contest),
        row.question,
        row.sitting,
        row.text,
        row.state,
        row.counter,
        row.changed_ms,
        row.result is not None,
        row.held_why,
    )


# -- papers -----------------------------------------------------------------------------------------------


def papers(connection: Connection, contest: ContestId, kinds: Collection[str] | None = None) -> list[Paper]:
    """Of this contest, and key records, in the order in which they came. kinds: only these."""
    c = documents.c
    query = select(documents).where(
        or_(c.contest == contest, and_(c.contest.is_(None), c.kind == "key-record/1"))
    )
    if kinds is not None:
        query = query.where(c.kind.in_(kinds))
    return [_paper(row) for row in connection.execute(query.order_by(c.received_ms, c.desk_seq))]


def paper(connection: Connection, body_hash: bytes) -> Paper | None:
    row = connection.execute(select(documents).where(documents.c.body_hash == body_hash)).first()
    return _paper(row) if row else None


def keep(connection: Connection, kept: Paper) -> None:
    """In place of the copy that was here."""
    connection.execute(delete(documents).where(documents.c.body_hash == kept.document.hash))
    connection.execute(
        insert(documents).values(
            body_hash=kept.document.hash,
            kind=kept.kind,
            contest=kept.contest,
            document=kept.data,
            desk_seq=kept.desk_seq,
            received_ms=kept.received_ms,
        )
    )


def drop(connection: Connection, body_hash: bytes) -> None:
    connection.execute(delete(documents).where(documents.c.body_hash == body_hash))


def _paper(row: Any) -> Paper:
    contest = None if row.contest is None else ContestId(row.contest)
    return Paper(parse_document(row.document), contest, row.desk_seq, row.received_ms)


# -- units ------------------------------------------------------------------------------------------------


def keys_of_units(connection: Connection, contest: ContestId) -> dict[DeviceId, bytes]:
    """Which unit speaks with which key: never in the log."""
    query = select(session_keys.c.device, session_keys.c.key).where(session_keys.c.contest == contest)
    return {DeviceId(row.device): row.key for row in connection.execute(query)}


def forget_keys(connection: Connection, contest: ContestId) -> None:
    connection.execute(delete(session_keys).where(session_keys.c.contest == contest))


# -- witnesses and the log --------------------------------------------------------------------------------


def note_at(connection: Connection, size: int) -> tuple[str, bool] | None:
    """(note with the cosignatures that it has, whether they are enough)."""
    row = connection.execute(select(cosigned_notes).where(cosigned_notes.c.size == size)).first()
    return None if row is None else (row.note, row.complete)


def keep_note(connection: Connection, size: int, note: str, *, complete: bool) -> None:
    """In place of the one of that size. Once one is complete, smaller ones that are not serve nobody."""
    connection.execute(delete(cosigned_notes).where(cosigned_notes.c.size == size))
    connection.execute(insert(cosigned_notes).values(size=size, note=note, complete=complete))
    if complete:
        smaller = and_(cosigned_notes.c.size < size, cosigned_notes.c.complete.is_(False))
        connection.execute(delete(cosigned_notes).where(smaller))


def cosigned(connection: Connection) -> list[str]:
    """The checkpoints that enough witnesses signed, ascending by size: for exports and for the tally."""
    query = (
        select(cosigned_notes.c.note).where(cosigned_notes.c.complete).order_by(cosigned_notes.c.size.asc())
    )
    return list(connection.execute(query).scalars())


def newest_cosigned(connection: Connection) -> str | None:
    query = (
        select(cosigned_notes.c.note)
        .where(cosigned_notes.c.complete)
        .order_by(cosigned_notes.c.size.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def store_key(connection: Connection) -> PublicKey | None:
    """Of ingest, who signs checkpoints, beacons and refusals; None before the first start."""
    text = _setting(connection, "store_key")
    return None if text is None else public_key(Alg.EDDSA, bytes.fromhex(text))


def store_id(connection: Connection) -> StoreId | None:
    text = _setting(connection, "store_id")
    return None if text is None else StoreId(bytes.fromhex(text))


def election_leaves(connection: Connection, first: int, before: int) -> Iterator[StoredLeaf]:
    """Leaves from `first` on that belong to secret questions, in order."""
    c = records.c
    query = (
        select(c.leaf_index, c.device, c.envelope)
        .where(c.leaf_index >= first, c.leaf_index < before, c.kind.in_(KINDS), c.verdict == "ok")
        .order_by(c.leaf_index)
    )
    for row in connection.execution_options(yield_per=_ROWS).execute(query):
        yield StoredLeaf(row.leaf_index, row.device, row.envelope)


def _setting(connection: Connection, name: str) -> str | None:
    return connection.execute(select(settings.c.value).where(settings.c.name == name)).scalar_one_or_none()
