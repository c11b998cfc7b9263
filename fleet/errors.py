"""Errors of the fleet by culprit (EXAMPLES §5). Those of peers are in wire.errors."""

from typing import ClassVar

from wire.errors import HallError


class ConfigError(HallError):
    """The operator's: refuse to start, exit 78. The sentence names file, field and allowed range."""

    code = "config-error"
    exit_code: ClassVar[int] = 78


class StoreError(HallError):
    """The disk's or the database's: stop acknowledging rather than lose (DESIGN §4)."""

    code = "store-error"
    exit_code: ClassVar[int] = 1
