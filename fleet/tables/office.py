"""The desk and its staff: what waits for ingest, what goes down to devices, accounts, the audit log."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from fleet.tables.schema import BigId, metadata

desk_queue: Final = Table(
    "desk_queue",
    metadata,
    Column("seq", BigId, primary_key=True, autoincrement=False, comment="seq in the desk's epoch"),
    Column("envelope", LargeBinary, nullable=False),
    Column("leaf_index", BigInteger, nullable=True, comment="null until ingest has appended it"),
    Index("ix_desk_queue_leaf_index", "leaf_index"),
)

downlink: Final = Table(
    "downlink",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("audience", String(32), nullable=False, comment="`all` or a device"),
    Column("kind", String(40), nullable=False),
    Column("page", Integer, nullable=False, default=0),
    Column("generation", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("after_desk_seq", BigInteger, nullable=False, comment="published once that desk record is a leaf"),
    Column("topic", String(120), nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    UniqueConstraint("audience", "kind", "page"),
    comment="the newest message per audience, kind and page; replaced, never appended",
)

accounts: Final = Table(
    "accounts",
    metadata,
    Column("account", String(32), primary_key=True),
    Column("password_hash", Text, nullable=False, comment="argon2id"),
    Column("roles", String(200), nullable=False, comment="comma-separated"),
    Column("state", String(16), nullable=False, comment="active | disabled"),
    Column("failures", Integer, nullable=False),
    Column("locked_until_ms", BigInteger, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

sign_ins: Final = Table(
    "sign_ins",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("account", String(32), ForeignKey("accounts.account", ondelete="CASCADE"), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("last_used_ms", BigInteger, nullable=False),
)

one_time_codes: Final = Table(
    "one_time_codes",
    metadata,
    Column("purpose", String(32), primary_key=True),
    Column("code_hash", LargeBinary(32), nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
)

audit_log: Final = Table(
    "audit_log",
    metadata,
    Column("line", BigId, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("account", String(32), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("detail", Text, nullable=False, comment="JSON, no secret and no personal data"),
    Column("prev_hash", LargeBinary(32), nullable=False),
    Column("line_hash", LargeBinary(32), nullable=False),
)
