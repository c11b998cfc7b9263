"""Sittings, their rolls, and open questions: rules, exclusions, hand counts, frozen results."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from fleet.tables.schema import BigId, metadata

sittings: Final = Table(
    "sittings",
    metadata,
    Column("sitting", String(32), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("state", String(16), nullable=False, comment="prepared | open | closed | certified"),
    Column("quorum_num", Integer, nullable=False),
    Column("quorum_den", Integer, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("opened_desk_seq", BigInteger, nullable=True),
    Column("closed_desk_seq", BigInteger, nullable=True),
)

roll: Final = Table(
    "roll",
    metadata,
    Column("sitting", String(32), ForeignKey("sittings.sitting"), primary_key=True),
    Column("member", LargeBinary(16), primary_key=True),
    Column("device", String(32), nullable=True, comment="the keypad that speaks for them"),
    Column("seat", String(16), nullable=False, comment="as printed on the seat; may be empty"),
)

questions: Final = Table(
    "questions",
    metadata,
    Column("question", String(32), primary_key=True),
    Column("sitting", String(32), ForeignKey("sittings.sitting"), nullable=False),
    Column("text", Text, nullable=False),
    Column("revote", Boolean, nullable=False),
    Column("majority_num", Integer, nullable=False),
    Column("majority_den", Integer, nullable=False),
    Column("state", String(16), nullable=False, comment="prepared | open | held | closed | certified"),
    Column("changed_ms", BigInteger, nullable=False),
    Column("desk_seq", BigInteger, nullable=True, comment="of the desk record of this state"),
    Column("result", Text, nullable=True, comment="JSON, frozen at close"),
    Column("rule", Text, nullable=True, comment="JSON of rule/1; null: the majority above (before 0004)"),
    Column("presence", Boolean, nullable=False, server_default="0", comment="only who is inside votes"),
    Column("boxes", Text, nullable=True, comment="JSON list: counted by paper in these boxes; null: keypads"),
    Column("persons", Text, nullable=True, comment="JSON list of names on the ballot; null: a motion"),
    Column(
        "held_why", String(200), nullable=True, comment="held by the fleet itself, why; null: by a person"
    ),
    Column("reveal_ms", BigInteger, nullable=True, comment="from when choices show, before the close"),
)

vote_settings: Final = Table(
    "vote_settings",
    metadata,
    Column("sitting", String(32), ForeignKey("sittings.sitting"), primary_key=True),
    Column(
        "lost_percent", Integer, nullable=False, comment="units lost in 30 s that hold a question; 0: never"
    ),
    Column("presence", Boolean, nullable=False, comment="what a question says that does not say otherwise"),
    Column("seats", Integer, nullable=False, comment="of the body, vacant ones included; 0: not said"),
    Column("board", Text, nullable=False, comment="JSON list of lines for signatures under a protocol"),
    comment="of a sitting that says other than the defaults",
)

standings: Final = Table(
    "standings",
    metadata,
    Column("sitting", String(32), ForeignKey("sittings.sitting"), primary_key=True),
    Column("member", LargeBinary(16), primary_key=True),
    Column("standing", String(16), nullable=False, comment="why a base leaves them out (ballot/rules)"),
)

recusals: Final = Table(
    "recusals",
    metadata,
    Column("question", String(32), ForeignKey("questions.question"), primary_key=True),
    Column("member", LargeBinary(16), primary_key=True),
    Column("reason", String(200), nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
)

annotations: Final = Table(
    "annotations",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("question", String(32), ForeignKey("questions.question"), nullable=False),
    Column("member", LargeBinary(16), nullable=False),
    Column("choice", String(16), nullable=False, comment="as they declare to have intended"),
    Column("text", String(300), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_annotations_question", "question"),
    comment="beside the frozen result, never in it",
)

paper_sheets: Final = Table(
    "paper_sheets",
    metadata,
    Column("question", String(32), ForeignKey("questions.question"), primary_key=True),
    Column("box", String(32), primary_key=True),
    Column("account", String(32), primary_key=True, comment="who counted"),
    Column("sheet", Text, nullable=False, comment="JSON of the numbers"),
    Column("at_ms", BigInteger, nullable=False),
)

paper_counts: Final = Table(
    "paper_counts",
    metadata,
    Column("question", String(32), ForeignKey("questions.question"), primary_key=True),
    Column("box", String(32), primary_key=True),
    Column("first", String(32), nullable=False),
    Column("second", String(32), nullable=False),
    Column("sheet", Text, nullable=False, comment="JSON, as both found it"),
    comment="what two people found alike, and the desk has signed",
)
