"""The plan of the hall, serial numbers of devices, signed self-tests."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("devices") as devices:
        devices.add_column(
            sa.Column(
                "serial",
                sa.String(length=64),
                nullable=True,
                comment="as printed on it: a name, never a secret",
            )
        )
    op.create_table(
        "places",
        sa.Column("place", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False, comment="gate | keypad | board"),
        sa.Column("label", sa.String(length=80), nullable=False, comment="in words, for people"),
        sa.Column(
            "row", sa.String(length=16), nullable=False, comment="of seats, as people call it; may be empty"
        ),
        sa.Column(
            "seat", sa.String(length=16), nullable=False, comment="as printed on the seat; may be empty"
        ),
        sa.Column("x", sa.Integer(), nullable=False, comment="on the map, from the left, 0 to 9999"),
        sa.Column("y", sa.Integer(), nullable=False, comment="on the map, from the podium, 0 to 9999"),
        sa.Column(
            "serial",
            sa.String(length=64),
            nullable=True,
            comment="of the device expected here; null: any",
        ),
        sa.Column("device", sa.String(length=32), nullable=True, comment="that stands here; null: none"),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_places")),
        sa.UniqueConstraint("device", name=op.f("uq_places_device")),
        comment="the plan of the hall: where devices stand",
    )
    op.create_table(
        "self_tests",
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), nullable=False, comment="of the record that says it"),
        sa.Column("wall_ms", sa.BigInteger(), nullable=False, comment="by the device's stamp"),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column(
            "command", sa.String(length=32), nullable=True, comment="id of the command that asked, hex"
        ),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("results", sa.Text(), nullable=False, comment="JSON list of [part, passed, detail]"),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_self_tests")),
        comment="the newest signed self-test of each device",
    )


def downgrade() -> None:
    op.drop_table("self_tests")
    op.drop_table("places")
    with op.batch_alter_table("devices") as devices:
        devices.drop_column("serial")
