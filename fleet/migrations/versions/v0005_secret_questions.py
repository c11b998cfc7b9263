"""Secret questions: contests, officers' documents, session keys of units, cosigned checkpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contests",
        sa.Column("contest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("sitting", sa.String(length=32), nullable=False),
        sa.Column(
            "state",
            sa.String(length=16),
            nullable=False,
            comment="prepared | open | held | closed | cancelled | tallied | certified",
        ),
        sa.Column("counter", sa.BigInteger(), nullable=False, comment="of the last notice to units"),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True, comment="JSON, once k shares are in"),
        sa.ForeignKeyConstraint(
            ["question"], ["questions.question"], name=op.f("fk_contests_question_questions")
        ),
        sa.PrimaryKeyConstraint("contest", name=op.f("pk_contests")),
        sa.UniqueConstraint("question", name=op.f("uq_contests_question")),
    )
    op.create_table(
        "documents",
        sa.Column("body_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column(
            "contest", sa.LargeBinary(length=16), nullable=True, comment="null: for the whole congress"
        ),
        sa.Column(
            "document", sa.LargeBinary(), nullable=False, comment="with the signatures that it has so far"
        ),
        sa.Column(
            "desk_seq",
            sa.BigInteger(),
            nullable=True,
            comment="of its last page; null: signatures are missing",
        ),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("body_hash", name=op.f("pk_documents")),
    )
    op.create_index("ix_documents_contest_kind", "documents", ["contest", "kind"])
    op.create_table(
        "session_keys",
        sa.Column("contest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("contest", "device", name=op.f("pk_session_keys")),
        comment="which unit speaks with which key: never in the log, deleted when the contest is certified",
    )
    op.create_table(
        "cosigned_notes",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False, comment="the store's checkpoint with witnesses' lines"),
        sa.Column(
            "complete",
            sa.Boolean(),
            nullable=False,
            comment="enough witnesses, an external one among them",
        ),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_cosigned_notes")),
    )


def downgrade() -> None:
    op.drop_table("cosigned_notes")
    op.drop_table("session_keys")
    op.drop_index("ix_documents_contest_kind", table_name="documents")
    op.drop_table("documents")
    op.drop_table("contests")
