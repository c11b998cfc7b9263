"""Rules of counting, presence, recusals, corrections and hand counts of questions."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _comment_of_sealing_key("X25519, gates only", "X25519, gates and keypads")
    with op.batch_alter_table("questions") as questions:
        questions.add_column(
            sa.Column(
                "rule",
                sa.Text(),
                nullable=True,
                comment="JSON of rule/1; null: the majority above (before 0004)",
            )
        )
        questions.add_column(
            sa.Column(
                "presence",
                sa.Boolean(),
                nullable=False,
                server_default="0",
                comment="only who is inside votes",
            )
        )
        questions.add_column(
            sa.Column(
                "boxes",
                sa.Text(),
                nullable=True,
                comment="JSON list: counted by paper in these boxes; null: keypads",
            )
        )
        questions.add_column(
            sa.Column(
                "persons",
                sa.Text(),
                nullable=True,
                comment="JSON list of names on the ballot; null: a motion",
            )
        )
        questions.add_column(
            sa.Column(
                "held_why",
                sa.String(length=200),
                nullable=True,
                comment="held by the fleet itself, why; null: by a person",
            )
        )
        questions.add_column(
            sa.Column(
                "reveal_ms",
                sa.BigInteger(),
                nullable=True,
                comment="from when choices show, before the close",
            )
        )
    _of_sittings()
    _of_questions()
    _of_paper()


def _of_sittings() -> None:
    op.create_table(
        "vote_settings",
        sa.Column("sitting", sa.String(length=32), nullable=False),
        sa.Column(
            "lost_percent",
            sa.Integer(),
            nullable=False,
            comment="units lost in 30 s that hold a question; 0: never",
        ),
        sa.Column(
            "presence",
            sa.Boolean(),
            nullable=False,
            comment="what a question says that does not say otherwise",
        ),
        sa.Column(
            "seats", sa.Integer(), nullable=False, comment="of the body, vacant ones included; 0: not said"
        ),
        sa.Column(
            "board", sa.Text(), nullable=False, comment="JSON list of lines for signatures under a protocol"
        ),
        sa.ForeignKeyConstraint(["sitting"], ["sittings.sitting"], name=op.f("fk_vote_settings_sitting")),
        sa.PrimaryKeyConstraint("sitting", name=op.f("pk_vote_settings")),
        comment="of a sitting that says other than the defaults",
    )
    op.create_table(
        "standings",
        sa.Column("sitting", sa.String(length=32), nullable=False),
        sa.Column("member", sa.LargeBinary(length=16), nullable=False),
        sa.Column(
            "standing",
            sa.String(length=16),
            nullable=False,
            comment="why a base leaves them out (ballot/rules)",
        ),
        sa.ForeignKeyConstraint(["sitting"], ["sittings.sitting"], name=op.f("fk_standings_sitting")),
        sa.PrimaryKeyConstraint("sitting", "member", name=op.f("pk_standings")),
    )


def _of_questions() -> None:
    op.create_table(
        "recusals",
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("member", sa.LargeBinary(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["question"], ["questions.question"], name=op.f("fk_recusals_question")),
        sa.PrimaryKeyConstraint("question", "member", name=op.f("pk_recusals")),
    )
    op.create_table(
        "annotations",
        sa.Column("id", _BigId, autoincrement=True, nullable=False),
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("member", sa.LargeBinary(length=16), nullable=False),
        sa.Column("choice", sa.String(length=16), nullable=False, comment="as they declare to have intended"),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["question"], ["questions.question"], name=op.f("fk_annotations_question")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotations")),
        comment="beside the frozen result, never in it",
    )
    op.create_index("ix_annotations_question", "annotations", ["question"])


def _of_paper() -> None:
    op.create_table(
        "paper_sheets",
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("box", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False, comment="who counted"),
        sa.Column("sheet", sa.Text(), nullable=False, comment="JSON of the numbers"),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["question"], ["questions.question"], name=op.f("fk_paper_sheets_question")),
        sa.PrimaryKeyConstraint("question", "box", "account", name=op.f("pk_paper_sheets")),
    )
    op.create_table(
        "paper_counts",
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("box", sa.String(length=32), nullable=False),
        sa.Column("first", sa.String(length=32), nullable=False),
        sa.Column("second", sa.String(length=32), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False, comment="JSON, as both found it"),
        sa.ForeignKeyConstraint(["question"], ["questions.question"], name=op.f("fk_paper_counts_question")),
        sa.PrimaryKeyConstraint("question", "box", name=op.f("pk_paper_counts")),
        comment="what two people found alike, and the desk has signed",
    )


def downgrade() -> None:
    for table in ("paper_counts", "paper_sheets", "annotations", "recusals", "standings", "vote_settings"):
        op.drop_table(table)
    with op.batch_alter_table("questions") as questions:
        for column in ("reveal_ms", "held_why", "persons", "boxes", "presence", "rule"):
            questions.drop_column(column)
    _comment_of_sealing_key("X25519, gates and keypads", "X25519, gates only")


def _comment_of_sealing_key(before: str, after: str) -> None:
    """SQLite keeps no comments."""
    if op.get_bind().dialect.supports_comments:
        kind = sa.LargeBinary(length=32)
        op.alter_column(
            "devices",
            "sealing_key",
            comment=after,
            existing_comment=before,
            existing_type=kind,
            existing_nullable=True,
        )
