"""Secret questions: what officers signed, what units said beside the log, what witnesses cosigned."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from fleet.tables.schema import metadata

contests: Final = Table(
    "contests",
    metadata,
    Column("contest", LargeBinary(16), primary_key=True),
    Column("question", String(32), ForeignKey("questions.question"), nullable=False),
    Column("sitting", String(32), nullable=False),
    Column(
        "state",
        String(16),
        nullable=False,
        comment="prepared | open | held | closed | cancelled | tallied | certified",
    ),
    Column("counter", BigInteger, nullable=False, comment="of the last notice to units"),
    Column("changed_ms", BigInteger, nullable=False),
    Column("result", Text, nullable=True, comment="JSON, once k shares are in"),
    UniqueConstraint("question"),
)

documents: Final = Table(
    "documents",
    metadata,
    Column("body_hash", LargeBinary(32), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("contest", LargeBinary(16), nullable=True, comment="null: for the whole congress"),
    Column("document", LargeBinary, nullable=False, comment="with the signatures that it has so far"),
    Column("desk_seq", BigInteger, nullable=True, comment="of its last page; null: signatures are missing"),
    Column("received_ms", BigInteger, nullable=False),
    Index("ix_documents_contest_kind", "contest", "kind"),
)

session_keys: Final = Table(
    "session_keys",
    metadata,
    Column("contest", LargeBinary(16), primary_key=True),
    Column("device", String(32), primary_key=True),
    Column("key", LargeBinary(32), nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    comment="which unit speaks with which key: never in the log, deleted when the contest is certified",
)

cosigned_notes: Final = Table(
    "cosigned_notes",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False, comment="the store's checkpoint with witnesses' lines"),
    Column("complete", Boolean, nullable=False, comment="enough witnesses, an external one among them"),
)
