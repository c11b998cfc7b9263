"""Rollouts, what devices are to install, what came of it, lifted freezes, attestations."""

import sqlalchemy as sa
from alembic import op

_BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("devices") as devices:
        devices.add_column(
            sa.Column(
                "backend",
                sa.String(length=16),
                nullable=True,
                comment="who updates it: native | ddi | balena; null: native",
            )
        )
    _rollouts()
    _devices()
    _orders()
    op.create_index(op.f("ix_rollout_devices_device"), "rollout_devices", ["device"])
    op.create_index(op.f("ix_update_outcomes_rollout"), "update_outcomes", ["rollout"])
    op.create_index(op.f("ix_ddi_actions_device"), "ddi_actions", ["device"])


def _rollouts() -> None:
    op.create_table(
        "rollouts",
        sa.Column("rollout", sa.String(length=32), nullable=False),
        sa.Column("component", sa.String(length=16), nullable=False),
        sa.Column("target", sa.String(length=80), nullable=False, comment="path in the image repository"),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False, comment="JSON, what its officers say of the target"),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column(
            "generation",
            sa.BigInteger(),
            nullable=False,
            comment="rises with each start, abort, roll back, retry",
        ),
        sa.Column("plan", sa.Text(), nullable=False, comment="JSON, fleet/rollout/rules/plan.py"),
        sa.Column("words", sa.Text(), nullable=False, comment="where it stands and why, for people"),
        sa.Column("words_vi", sa.Text(), nullable=False, comment="the same in Vietnamese"),
        sa.Column("why", sa.Text(), nullable=False, comment="why it was stopped or paused; or empty"),
        sa.Column("why_vi", sa.Text(), nullable=False, comment="the same in Vietnamese"),
        sa.Column("wave", sa.Integer(), nullable=False, comment="the last one begun, from 0; -1: none"),
        sa.Column("began_ms", sa.BigInteger(), nullable=False, comment="when that wave began; 0: none did"),
        sa.Column("account", sa.String(length=64), nullable=False, comment="who made it"),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("rollout", name=op.f("pk_rollouts")),
    )
    op.create_table(
        "rollout_devices",
        sa.Column("rollout", sa.String(length=32), nullable=False),
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("slot_ms", sa.BigInteger(), nullable=False, comment="after the beginning of its wave"),
        sa.Column("backend", sa.String(length=16), nullable=False, comment="native | ddi | balena"),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column(
            "cause",
            sa.String(length=80),
            nullable=False,
            comment="a word of the matrix; empty while all is well",
        ),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column(
            "before_sha256",
            sa.LargeBinary(length=32),
            nullable=True,
            comment="what it had when it was planned",
        ),
        sa.Column("generation", sa.BigInteger(), nullable=False, comment="of the order that it was given"),
        sa.Column("readings", sa.Text(), nullable=False, comment="JSON, integers, before and after"),
        sa.Column("ordered_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("rollout", "device", name=op.f("pk_rollout_devices")),
    )
    op.create_table(
        "update_outcomes",
        sa.Column("leaf_index", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("rollout", sa.String(length=32), nullable=True),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("component", sa.String(length=16), nullable=False),
        sa.Column("before_sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("after_sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=80), nullable=False),
        sa.Column("readings", sa.Text(), nullable=False, comment="JSON, integers"),
        sa.Column("wall_ms", sa.BigInteger(), nullable=False, comment="by the device's stamp"),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", name=op.f("pk_update_outcomes")),
        comment="records update/1 of the log, as they stand there",
    )


def _devices() -> None:
    op.create_table(
        "attestations",
        sa.Column("sitting", sa.String(length=32), nullable=False),
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("to_ms", sa.BigInteger(), nullable=False),
        sa.Column("boots", sa.BigInteger(), nullable=False),
        sa.Column("lifted", sa.Boolean(), nullable=False),
        sa.Column("unchanged", sa.Boolean(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False, comment="JSON list of [part, hash then, hash after]"),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sitting", "device", name=op.f("pk_attestations")),
        comment="records attestation/1 of the log",
    )
    op.create_table(
        "overrides",
        sa.Column("id", _BigId, nullable=False, autoincrement=True),
        sa.Column("sitting", sa.String(length=32), nullable=False),
        sa.Column("device", sa.String(length=32), nullable=True, comment="null: the whole hall"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("first", sa.String(length=64), nullable=False, comment="account that asks"),
        sa.Column("second", sa.String(length=64), nullable=True, comment="another one, that agrees"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="asked | lifted | ended | expired"),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
    )
    op.create_table(
        "frozen_devices",
        sa.Column("sitting", sa.String(length=32), nullable=False),
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column(
            "present", sa.Boolean(), nullable=False, comment="it was there when the sitting was opened"
        ),
        sa.Column(
            "holds", sa.Text(), nullable=False, comment="JSON, what it reported that it runs, by component"
        ),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sitting", "device", name=op.f("pk_frozen_devices")),
        comment="who is under the freeze of a sitting; a spare runs what one of them runs",
    )


def _orders() -> None:
    op.create_table(
        "director",
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("component", sa.String(length=16), nullable=False),
        sa.Column("target", sa.String(length=80), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("rollout", sa.String(length=32), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device", "component", name=op.f("pk_director")),
        comment="what each device is to install, as the director signs it",
    )
    op.create_table(
        "director_metadata",
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("targets", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("timestamp", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_director_metadata")),
        comment="as last signed",
    )
    op.create_table(
        "ddi_actions",
        sa.Column("id", _BigId, nullable=False, autoincrement=True),
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("rollout", sa.String(length=32), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False, comment="open | cancelling | closed"),
        sa.Column("feedback", sa.Text(), nullable=False, comment="JSON, the newest lines"),
        sa.Column(
            "outcome",
            sa.String(length=16),
            nullable=True,
            comment="installed | failed | stopped; null: not said",
        ),
        sa.Column(
            "fetched_ms", sa.BigInteger(), nullable=True, comment="when its client first asked for the image"
        ),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ddi_actions")),
        comment="what a hawkBit client works on",
    )
    _ddi_clients()


def _ddi_clients() -> None:
    op.create_table(
        "ddi_clients",
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column(
            "token_sha256",
            sa.LargeBinary(length=32),
            nullable=True,
            comment="null: its certificate is enough",
        ),
        sa.Column("attributes", sa.Text(), nullable=False, comment="JSON, what its configData says of it"),
        sa.Column(
            "holds",
            sa.String(length=80),
            nullable=False,
            comment="hash and counter of its image; empty: not known",
        ),
        sa.Column(
            "version",
            sa.String(length=64),
            nullable=False,
            comment="of what it holds, as its officers call it",
        ),
        sa.Column(
            "told_ms", sa.BigInteger(), nullable=True, comment="when it last sent configData; null: ask it"
        ),
        sa.Column("polled_ms", sa.BigInteger(), nullable=True, comment="to within ten minutes"),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_ddi_clients")),
        comment="what hawkBit clients say of themselves",
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_rollout_devices_device"), table_name="rollout_devices")
    op.drop_index(op.f("ix_update_outcomes_rollout"), table_name="update_outcomes")
    op.drop_index(op.f("ix_ddi_actions_device"), table_name="ddi_actions")
    op.drop_table("ddi_clients")
    op.drop_table("ddi_actions")
    op.drop_table("director_metadata")
    op.drop_table("director")
    op.drop_table("frozen_devices")
    op.drop_table("overrides")
    op.drop_table("attestations")
    op.drop_table("update_outcomes")
    op.drop_table("rollout_devices")
    op.drop_table("rollouts")
    with op.batch_alter_table("devices") as devices:
        devices.drop_column("backend")
