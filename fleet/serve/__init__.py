"""`hallward fleet serve`: the broker, ingest and API of one hall as supervised processes."""
