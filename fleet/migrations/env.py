"""Alembic's entry: runs the versions inside the caller's transaction, so a cut leaves nothing."""

from alembic import context

from fleet.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_server_default=True,
)
context.run_migrations()
