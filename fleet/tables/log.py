"""What one life of this store is, and the log, which ingest alone writes."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from fleet.tables.schema import BigId, metadata

settings: Final = Table(
    "settings",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    comment="hall, congress, store id, desk epoch: what one life of this store is",
)

records: Final = Table(
    "records",
    metadata,
    Column("leaf_index", BigId, primary_key=True, autoincrement=False),
    Column("device", String(32), nullable=False),
    Column("epoch", LargeBinary(8), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("verdict", String(40), nullable=False, comment="`ok`, or the code of the refusal"),
    Column(
        "subject",
        String(80),
        nullable=False,
        comment="`sitting`, `sitting/question`, or empty: what rules select by",
    ),
    Column("received_ms", BigInteger, nullable=False),
    Column("record_hash", LargeBinary(32), nullable=False, comment="SHA-256 of the envelope"),
    Column("leaf_hash", LargeBinary(32), nullable=False, comment="SHA-256 of 0 and the envelope"),
    Column("envelope", LargeBinary, nullable=False),
    UniqueConstraint("device", "epoch", "seq"),
    Index("ix_records_subject_kind", "subject", "kind"),
)

high_water: Final = Table(
    "high_water",
    metadata,
    Column("device", String(32), primary_key=True),
    Column("epoch", LargeBinary(8), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("record_hash", LargeBinary(32), nullable=False),
    Column("leaf_index", BigInteger, nullable=False),
)

log_head: Final = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True, comment="always 1"),
    Column("size", BigInteger, nullable=False),
    Column("peaks", LargeBinary, nullable=False, comment="the frontier's hashes, concatenated"),
    Column("note", Text, nullable=False, comment="signed checkpoint of exactly this size"),
    Column("issued_ms", BigInteger, nullable=False),
)

drops: Final = Table(
    "drops",
    metadata,
    Column("device", String(32), primary_key=True, comment="as the topic claimed it"),
    Column("code", String(40), primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("first_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    comment="bytes that were counted and dropped: forged, oversized, malformed, unknown",
)
