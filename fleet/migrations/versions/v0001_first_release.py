"""Every table of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _accounts()
    _audit_log()
    _births()
    _desk_queue()
    _devices()
    _downlink()
    _drops()
    _health()
    _high_water()
    _log_head()
    _members()
    _one_time_codes()
    _records()
    _settings()
    _sittings()
    _twins()
    _wrapped_keys()
    _face_references()
    _questions()
    _roll()
    _sign_ins()


def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first release; restore a backup instead")


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False, comment="argon2id"),
        sa.Column("roles", sa.String(length=200), nullable=False, comment="comma-separated"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="active | disabled"),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_accounts")),
    )


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column(
            "line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="JSON, no secret and no personal data"),
        sa.Column("prev_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("line_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_audit_log")),
    )


def _births() -> None:
    op.create_table(
        "births",
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(length=8), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("boot", sa.BigInteger(), nullable=False),
        sa.Column("software", sa.String(length=64), nullable=False),
        sa.Column("twin_generation", sa.BigInteger(), nullable=False),
        sa.Column("reported", sa.Text(), nullable=False, comment="JSON"),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_births")),
    )


def _desk_queue() -> None:
    op.create_table(
        "desk_queue",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="seq in the desk's epoch",
        ),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), nullable=True, comment="null until ingest has appended it"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_desk_queue")),
    )
    with op.batch_alter_table("desk_queue", schema=None) as batch_op:
        batch_op.create_index("ix_desk_queue_leaf_index", ["leaf_index"], unique=False)


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("alg", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=65), nullable=False),
        sa.Column("sealing_key", sa.LargeBinary(length=32), nullable=True, comment="X25519, gates only"),
        sa.Column("certificate", sa.Text(), nullable=False, comment="PEM"),
        sa.Column("place", sa.String(length=80), nullable=False, comment="in words, for the board"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="active | revoked"),
        sa.Column("registered_ms", sa.BigInteger(), nullable=False),
        sa.Column("revoked_ms", sa.BigInteger(), nullable=True),
        sa.Column(
            "generation",
            sa.BigInteger(),
            nullable=False,
            comment="rises with each change: broker users follow it",
        ),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_devices")),
    )


def _downlink() -> None:
    op.create_table(
        "downlink",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("audience", sa.String(length=32), nullable=False, comment="`all` or a device"),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column(
            "after_desk_seq",
            sa.BigInteger(),
            nullable=False,
            comment="published once that desk record is a leaf",
        ),
        sa.Column("topic", sa.String(length=120), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_downlink")),
        sa.UniqueConstraint("audience", "kind", "page", name=op.f("uq_downlink_audience_kind_page")),
        comment="the newest message per audience, kind and page; replaced, never appended",
    )


def _drops() -> None:
    op.create_table(
        "drops",
        sa.Column("device", sa.String(length=32), nullable=False, comment="as the topic claimed it"),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("first_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device", "code", name=op.f("pk_drops")),
        comment="bytes that were counted and dropped: forged, oversized, malformed, unknown",
    )


def _health() -> None:
    op.create_table(
        "health",
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("last_seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("clock_skew_ms", sa.BigInteger(), nullable=False),
        sa.Column("readings", sa.Text(), nullable=False, comment="JSON, counters"),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_health")),
    )


def _high_water() -> None:
    op.create_table(
        "high_water",
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("epoch", sa.LargeBinary(length=8), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("record_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device", "epoch", name=op.f("pk_high_water")),
    )


def _log_head() -> None:
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), nullable=False, comment="always 1"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False, comment="the frontier's hashes, concatenated"),
        sa.Column("note", sa.Text(), nullable=False, comment="signed checkpoint of exactly this size"),
        sa.Column("issued_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )


def _members() -> None:
    op.create_table(
        "members",
        sa.Column("member", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "party",
            sa.String(length=80),
            nullable=False,
            comment="group by which results are printed; may be empty",
        ),
        sa.Column("enrolled_ms", sa.BigInteger(), nullable=False),
        sa.Column(
            "consent_ms",
            sa.BigInteger(),
            nullable=True,
            comment="consent to a face reference; null: badge only",
        ),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_members")),
    )


def _one_time_codes() -> None:
    op.create_table(
        "one_time_codes",
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", name=op.f("pk_one_time_codes")),
    )


def _records() -> None:
    op.create_table(
        "records",
        sa.Column(
            "leaf_index",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("epoch", sa.LargeBinary(length=8), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column(
            "verdict", sa.String(length=40), nullable=False, comment="`ok`, or the code of the refusal"
        ),
        sa.Column(
            "subject",
            sa.String(length=80),
            nullable=False,
            comment="`sitting`, `sitting/question`, or empty: what rules select by",
        ),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column(
            "record_hash", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of the envelope"
        ),
        sa.Column(
            "leaf_hash", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of 0 and the envelope"
        ),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", name=op.f("pk_records")),
        sa.UniqueConstraint("device", "epoch", "seq", name=op.f("uq_records_device_epoch_seq")),
    )
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.create_index("ix_records_subject_kind", ["subject", "kind"], unique=False)


def _settings() -> None:
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
        comment="hall, congress, store id, desk epoch: what one life of this store is",
    )


def _sittings() -> None:
    op.create_table(
        "sittings",
        sa.Column("sitting", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "state", sa.String(length=16), nullable=False, comment="prepared | open | closed | certified"
        ),
        sa.Column("quorum_num", sa.Integer(), nullable=False),
        sa.Column("quorum_den", sa.Integer(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("opened_desk_seq", sa.BigInteger(), nullable=True),
        sa.Column("closed_desk_seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("sitting", name=op.f("pk_sittings")),
    )


def _twins() -> None:
    op.create_table(
        "twins",
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column(
            "desired",
            sa.Text(),
            nullable=False,
            comment="JSON; bytes as hex under the key's type in devices/twin rules",
        ),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_twins")),
    )


def _wrapped_keys() -> None:
    op.create_table(
        "wrapped_keys",
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_wrapped_keys")),
    )


def _face_references() -> None:
    op.create_table(
        "face_references",
        sa.Column("member", sa.LargeBinary(length=16), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("model_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("runtime", sa.String(length=64), nullable=False),
        sa.Column(
            "sealed",
            sa.LargeBinary(),
            nullable=False,
            comment="AES-GCM under the congress content key, which the fleet lacks",
        ),
        sa.ForeignKeyConstraint(
            ["member"], ["members.member"], name=op.f("fk_face_references_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member", "index", name=op.f("pk_face_references")),
    )


def _questions() -> None:
    op.create_table(
        "questions",
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("sitting", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revote", sa.Boolean(), nullable=False),
        sa.Column("majority_num", sa.Integer(), nullable=False),
        sa.Column("majority_den", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.String(length=16),
            nullable=False,
            comment="prepared | open | held | closed | certified",
        ),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.Column("desk_seq", sa.BigInteger(), nullable=True, comment="of the desk record of this state"),
        sa.Column("result", sa.Text(), nullable=True, comment="JSON, frozen at close"),
        sa.ForeignKeyConstraint(["sitting"], ["sittings.sitting"], name=op.f("fk_questions_sitting")),
        sa.PrimaryKeyConstraint("question", name=op.f("pk_questions")),
    )


def _roll() -> None:
    op.create_table(
        "roll",
        sa.Column("sitting", sa.String(length=32), nullable=False),
        sa.Column("member", sa.LargeBinary(length=16), nullable=False),
        sa.Column("device", sa.String(length=32), nullable=True, comment="the keypad that speaks for them"),
        sa.Column(
            "seat", sa.String(length=16), nullable=False, comment="as printed on the seat; may be empty"
        ),
        sa.ForeignKeyConstraint(["sitting"], ["sittings.sitting"], name=op.f("fk_roll_sitting")),
        sa.PrimaryKeyConstraint("sitting", "member", name=op.f("pk_roll")),
    )


def _sign_ins() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_used_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.account"], name=op.f("fk_sign_ins_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_ins")),
    )
