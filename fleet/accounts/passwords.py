"""Argon2id, with parameters given by the composition root: real ones in a hall, cheap ones in tests."""

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class Passwords:
    """Hashes and checks passwords. Checking an unknown account costs as much as checking a known one."""

    def __init__(self, time_cost: int = 3, memory_kib: int = 65536, parallelism: int = 1) -> None:
        """Defaults: RFC 9106 §4, second recommendation, with one lane for the small machines of a hall."""
        self._hasher: Final = PasswordHasher(time_cost, memory_kib, parallelism)
        self._nobody: Final = self._hasher.hash("the password of nobody")

    def hashed(self, password: str) -> str:
        """The encoded hash to store, with its own salt and parameters."""
        return self._hasher.hash(password)

    def matches(self, password: str, stored: str | None) -> bool:
        """Whether this is the password; None stands for an account that does not exist, and never matches."""
        try:
            self._hasher.verify(stored or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None
