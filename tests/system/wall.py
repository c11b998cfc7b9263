"""The time of day, for what is signed with a date in tests over real processes."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
