"""Roles, passwords, lockout and the life of a sign-in. Pure."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

IDLE_MS: Final = 30 * 60 * 1000
ABSOLUTE_MS: Final = 12 * 3600 * 1000
TOUCH_MS: Final = 60 * 1000
"""A sign-in's last use is written down at most this often."""
PASSWORD_CHARACTERS: Final = (12, 256)
FREE_FAILURES: Final = 5
LOCK_MS: Final = (1000, 60_000)
FIRST_ADMIN: Final = "first-admin"
CODE_LIFE_MS: Final = 3600 * 1000
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is read as another."""
_CODE_BYTES: Final = 10


class Role(StrEnum):
    """What a person may do. One account may hold several (DESIGN §8)."""

    TECHNICIAN = "technician"
    USHER = "usher"
    SECRETARIAT = "secretariat"
    STAFF = "staff"
    AUDITOR = "auditor"
    ADMIN = "admin"
    TRUSTEE = "trustee"
    BOARD = "board"


@dataclass(frozen=True, slots=True)
class Account:
    """password_hash: argon2id. failures: in a row. locked_until_ms: 0 when never locked."""

    account: str
    password_hash: str
    roles: frozenset[Role]
    state: str
    failures: int
    locked_until_ms: int
    created_ms: int


@dataclass(frozen=True, slots=True)
class SignIn:
    account: str
    created_ms: int
    expires_ms: int
    last_used_ms: int


def roles_of(text: str) -> frozenset[Role]:
    """Roles from their comma-separated form in the database."""
    return frozenset(Role(word) for word in text.split(",") if word)


def roles_text(roles: Iterable[Role]) -> str:
    return ",".join(sorted(roles))


class PasswordFault(StrEnum):
    """LENGTH: not of PASSWORD_CHARACTERS. EASY: of few different letters, or with the account's name."""

    LENGTH = "length"
    EASY = "easy"


def password_fault(password: str, account: str) -> PasswordFault | None:
    """What is wrong with a new password; None when nothing is.

    Length instead of character classes: NIST SP 800-63B §5.1.1.2.
    """
    low, high = PASSWORD_CHARACTERS
    if not low <= len(password) <= high:
        return PasswordFault.LENGTH
    if account in password.lower() or len(set(password)) < 5:
        return PasswordFault.EASY
    return None


def lock_ms(failures: int) -> int:
    """How long an account is locked after this many failures in a row: 0, then 1 s doubling to one minute.

    One minute is the ceiling, so that nobody can lock the hall's staff out for long by guessing; what holds a
    guesser back is the limit per address (throttle.py), which costs them their own address only.
    """
    if failures < FREE_FAILURES:
        return 0
    shortest, longest = LOCK_MS
    return min(shortest << min(failures - FREE_FAILURES, 10), longest)


def in_force(sign_in: SignIn, now_ms: int) -> bool:
    """Whether a sign-in still holds: neither idle for 30 minutes, nor older than 12 hours, nor ahead.

    A clock stepped back far would otherwise make a sign-in last as long as the step.
    """
    return (
        sign_in.created_ms - TOUCH_MS <= now_ms < sign_in.expires_ms
        and now_ms - sign_in.last_used_ms < IDLE_MS
    )


def token_hash(token: str) -> bytes:
    """What is stored of a sign-in's token or of a one-time code. 32 bytes; the token has 256 random bits."""
    return hashlib.sha256(b"hallward/1/token" + token.encode()).digest()


def code_from(random: bytes) -> str:
    """A one-time code of 80 bits for people to type: `XXXX-XXXX-XXXX-XXXX`. random: 10 bytes."""
    if len(random) != _CODE_BYTES:
        raise ValueError(f"a one-time code is made from {_CODE_BYTES} bytes")
    number = int.from_bytes(random, "big")
    letters = "".join(_ALPHABET[number >> (5 * place) & 31] for place in reversed(range(16)))
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def code_typed(text: str) -> str:
    """The code as people type it: any case, O for 0, I or L for 1, with or without hyphens and spaces."""
    letters = text.upper().translate(str.maketrans("OIL", "011", "- "))
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def same(left: bytes, right: bytes) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(left, right)
