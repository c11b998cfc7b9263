"""How often and how long we ask again. Pure: the shell sleeps.

balena publishes no limits: it answers 429 and says in Retry-After how long to wait. The SDK can wait by
itself, but without a bound, and only where it speaks pine; so it is told not to, and this is asked instead.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

WAIT_S_MAX: Final = 120.0
"""For one call, all pauses together: who stands before the screen is told sooner."""
PAUSES_MAX: Final = 6
PAUSES_MAX_UNANSWERED: Final = 2
FIRST_PAUSE_S: Final = 1.0
RETRY_AFTER_S_MAX: Final = 86_400.0
SAFE_TO_REPEAT: Final = ("GET", "PATCH", "DELETE")
PASSING: Final = (502, 503, 504)
NO_ANSWER: Final = 0
"""In place of a status: the connection broke or nothing came in time."""


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Seconds, or a date of HTTP (RFC 9110 §10.2.3). None: missing or unreadable."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), RETRY_AFTER_S_MAX)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - now).total_seconds()), RETRY_AFTER_S_MAX)


def pause_s(method: str, status: int, asked_s: float | None, pauses: int, waited_s: float) -> float | None:
    """Before the next try, None: give up.

    asked_s: of Retry-After. pauses, waited_s: made so far for this call. A call that was refused with 429 was
    not done and may be made again; one that may have been done is repeated only where twice is as good as
    once.
    """
    again = status == 429 or (status in (*PASSING, NO_ANSWER) and method in SAFE_TO_REPEAT)
    if not again or pauses >= (PAUSES_MAX if status == 429 else PAUSES_MAX_UNANSWERED):
        return None
    pause = FIRST_PAUSE_S * 2**pauses if asked_s is None else max(asked_s, FIRST_PAUSE_S)
    return pause if waited_s + pause <= WAIT_S_MAX else None
