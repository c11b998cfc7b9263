"""The ledger of consents, and what the base of the gates' references holds, so that changes go as deltas."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "wrapped_keys",
        sa.Column(
            "based_ms",
            sa.BigInteger(),
            nullable=True,
            comment="when a base was told under this key; null: never",
        ),
    )
    op.create_table(
        "reference_base",
        sa.Column("member", sa.LargeBinary(length=16), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False, comment="of references/1, the same for every gate"),
        sa.Column(
            "digest", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of the sealed reference"
        ),
        sa.PrimaryKeyConstraint("member", "index", name=op.f("pk_reference_base")),
        comment="what the gates' base holds: a delta tells what has changed since",
    )
    _consents()
    _gates_told()
    op.execute(  # what was agreed before there was a ledger
        "INSERT INTO consents (member, text_version, channel, given_ms, station, account) "
        "SELECT member, 'unstated', 'import', consent_ms, '', '' FROM members WHERE consent_ms IS NOT NULL"
    )


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", _BigId, autoincrement=True, nullable=False),
        sa.Column(
            "member",
            sa.LargeBinary(length=16),
            nullable=False,
            comment="outlives the name: it proves what was agreed",
        ),
        sa.Column(
            "text_version", sa.String(length=64), nullable=False, comment="`unstated` when it was not said"
        ),
        sa.Column("text_sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True, comment="vi | en"),
        sa.Column("channel", sa.String(length=16), nullable=False, comment="desk | paper | form | import"),
        sa.Column("given_ms", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=64), nullable=False, comment="may be empty"),
        sa.Column("account", sa.String(length=32), nullable=False, comment="who took it down"),
        sa.Column("withdrawn_ms", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_channel", sa.String(length=16), nullable=True),
        sa.Column(
            "withdrawn_generation",
            sa.BigInteger(),
            nullable=True,
            comment="of the delta that told the gates",
        ),
        sa.Column(
            "withdrawn_leaf",
            sa.BigInteger(),
            nullable=True,
            comment="size of the log then: answers stand behind",
        ),
        sa.Column(
            "withdrawn_roster",
            sa.Integer(),
            nullable=True,
            comment="which roster was in force, as in gates_told",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index("ix_consents_member", "consents", ["member"])


def _gates_told() -> None:
    op.create_table(
        "gates_told",
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column(
            "roster", sa.Integer(), nullable=False, comment="1, 2 …: begun anew after each destruction"
        ),
        sa.Column(
            "first_generation",
            sa.BigInteger(),
            nullable=True,
            comment="of its first references; null: it had none",
        ),
        sa.Column("newest_generation", sa.BigInteger(), nullable=True, comment="of its last references"),
        sa.Column(
            "forget_generation", sa.BigInteger(), nullable=True, comment="up to which it was told to forget"
        ),
        sa.PrimaryKeyConstraint("device", "roster", name=op.f("pk_gates_told")),
        comment="which gates may hold references: never deleted, revoked gates stay",
    )
    op.execute(
        "INSERT INTO gates_told (device, roster, first_generation, newest_generation) "
        "SELECT audience, 1, MIN(generation), MAX(generation) FROM downlink "
        "WHERE kind = 'references/1' GROUP BY audience"
    )
    op.execute(  # what these were told is kept nowhere: they may hold references
        "INSERT INTO gates_told (device, roster, first_generation, newest_generation) "
        "SELECT device, 1, 0, 0 FROM devices WHERE role = 'gate' AND state = 'revoked' "
        "AND device NOT IN (SELECT device FROM gates_told)"
    )


def downgrade() -> None:
    op.drop_table("gates_told")
    op.drop_table("consents")
    op.drop_table("reference_base")
    op.drop_column("wrapped_keys", "based_ms")
