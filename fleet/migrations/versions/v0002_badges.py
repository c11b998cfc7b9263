"""Badges by serial, so that those of a member who withdrew, or lost one, can be refused at the gates."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "badges",
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member", sa.LargeBinary(length=16), nullable=True, comment="null after a withdrawal"),
        sa.Column("not_after_ms", sa.BigInteger(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_badges")),
    )
    op.create_index("ix_badges_member", "badges", ["member"])


def downgrade() -> None:
    op.drop_table("badges")
