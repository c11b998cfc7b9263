"""Every table of a hall's fleet, as SQLAlchemy Core tables. The stores of each room use these alone.

Times are integer milliseconds since 1970 UTC; hashes and envelopes are bytes. SQLite and PostgreSQL hold the
same schema; migrations/ brings an older one up to date.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite only autoincrements INTEGER PRIMARY KEY; PostgreSQL wants BIGINT
BigId: Final = BigInteger().with_variant(Integer(), "sqlite")

settings: Final = Table(
    "settings",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    comment="hall, congress, store id, desk epoch: what one life of this store is",
)

# -- the log: written by ingest alone ---------------------------------------------------------------

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

# -- from the desk to ingest ------------------------------------------------------------------------

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

# -- devices ----------------------------------------------------------------------------------------

devices: Final = Table(
    "devices",
    metadata,
    Column("device", String(32), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("alg", Integer, nullable=False),
    Column("public_key", LargeBinary(65), nullable=False),
    Column("sealing_key", LargeBinary(32), nullable=True, comment="X25519, gates only"),
    Column("certificate", Text, nullable=False, comment="PEM"),
    Column("place", String(80), nullable=False, comment="in words, for the board"),
    Column("state", String(16), nullable=False, comment="active | revoked"),
    Column("registered_ms", BigInteger, nullable=False),
    Column("revoked_ms", BigInteger, nullable=True),
    Column(
        "generation", BigInteger, nullable=False, comment="rises with each change: broker users follow it"
    ),
)

births: Final = Table(
    "births",
    metadata,
    Column("device", String(32), primary_key=True),
    Column("received_ms", BigInteger, nullable=False),
    Column("epoch", LargeBinary(8), nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("boot", BigInteger, nullable=False),
    Column("software", String(64), nullable=False),
    Column("twin_generation", BigInteger, nullable=False),
    Column("reported", Text, nullable=False, comment="JSON"),
)

health: Final = Table(
    "health",
    metadata,
    Column("device", String(32), primary_key=True),
    Column("last_seen_ms", BigInteger, nullable=False),
    Column("clock_skew_ms", BigInteger, nullable=False),
    Column("readings", Text, nullable=False, comment="JSON, counters"),
)

twins: Final = Table(
    "twins",
    metadata,
    Column("device", String(32), primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column(
        "desired",
        Text,
        nullable=False,
        comment="JSON; bytes as hex under the key's type in devices/twin rules",
    ),
    Column("changed_ms", BigInteger, nullable=False),
)

# -- people: outside the log, deletable -------------------------------------------------------------

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

# -- sittings ---------------------------------------------------------------------------------------

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
)

# -- accounts and the audit log ---------------------------------------------------------------------

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
