"""People: outside the log, deletable. What proves a consent and a deletion outlives the names."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from fleet.tables.schema import BigId, metadata

members: Final = Table(
    "members",
    metadata,
    Column("member", LargeBinary(16), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("party", String(80), nullable=False, comment="group by which results are printed; may be empty"),
    Column("enrolled_ms", BigInteger, nullable=False),
    Column("consent_ms", BigInteger, nullable=True, comment="consent to a face reference; null: badge only"),
)

face_references: Final = Table(
    "face_references",
    metadata,
    Column("member", LargeBinary(16), ForeignKey("members.member", ondelete="CASCADE"), primary_key=True),
    Column("index", Integer, primary_key=True),
    Column("model_sha256", LargeBinary(32), nullable=False),
    Column("runtime", String(64), nullable=False),
    Column(
        "sealed",
        LargeBinary,
        nullable=False,
        comment="AES-GCM under the congress content key, which the fleet lacks",
    ),
)

wrapped_keys: Final = Table(
    "wrapped_keys",
    metadata,
    Column("device", String(32), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("based_ms", BigInteger, nullable=True, comment="when a base was told under this key; null: never"),
)

reference_base: Final = Table(
    "reference_base",
    metadata,
    Column("member", LargeBinary(16), primary_key=True),
    Column("index", Integer, primary_key=True),
    Column("page", Integer, nullable=False, comment="of references/1, the same for every gate"),
    Column("digest", LargeBinary(32), nullable=False, comment="SHA-256 of the sealed reference"),
    comment="what the gates' base holds: a delta tells what has changed since",
)

consents: Final = Table(
    "consents",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("member", LargeBinary(16), nullable=False, comment="outlives the name: it proves what was agreed"),
    Column("text_version", String(64), nullable=False, comment="`unstated` when it was not said"),
    Column("text_sha256", LargeBinary(32), nullable=True),
    Column("language", String(2), nullable=True, comment="vi | en"),
    Column("channel", String(16), nullable=False, comment="desk | paper | form | import"),
    Column("given_ms", BigInteger, nullable=False),
    Column("station", String(64), nullable=False, comment="may be empty"),
    Column("account", String(32), nullable=False, comment="who took it down"),
    Column("withdrawn_ms", BigInteger, nullable=True),
    Column("withdrawn_channel", String(16), nullable=True),
    Column("withdrawn_generation", BigInteger, nullable=True, comment="of the delta that told the gates"),
    Column("withdrawn_leaf", BigInteger, nullable=True, comment="size of the log then: answers stand behind"),
    Column("withdrawn_roster", Integer, nullable=True, comment="which roster was in force, as in gates_told"),
    Index("ix_consents_member", "member"),
)

gates_told: Final = Table(
    "gates_told",
    metadata,
    Column("device", String(32), primary_key=True),
    Column("roster", Integer, primary_key=True, comment="1, 2 …: begun anew after each destruction"),
    Column(
        "first_generation", BigInteger, nullable=True, comment="of its first references; null: it had none"
    ),
    Column("newest_generation", BigInteger, nullable=True, comment="of its last references"),
    Column("forget_generation", BigInteger, nullable=True, comment="up to which it was told to forget"),
    comment="which gates may hold references: never deleted, revoked gates stay",
)

badges: Final = Table(
    "badges",
    metadata,
    Column("serial", BigInteger, primary_key=True, autoincrement=False),
    Column("member", LargeBinary(16), nullable=True, comment="null after a withdrawal"),
    Column("not_after_ms", BigInteger, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Index("ix_badges_member", "member"),
)
