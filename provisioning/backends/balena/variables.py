"""Names of variables and tags that balena takes, and those that we will not give it. Pure."""

import re
from enum import StrEnum
from typing import Final

from provisioning.errors import ConfigError

VALUE_MAX: Final = 4096
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,126}")
_TAG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}")
_RESERVED_TAG: Final = ("io.resin.", "io.balena.")
_CONFIGURATION: Final = ("BALENA_", "RESIN_")
_SECRET: Final = re.compile(r"(?:^|_)(?:KEY|PASSPHRASE|PASSWORD|PIN|SECRET|TOKEN)$")


class Kind(StrEnum):
    """balena keeps what its supervisor reads apart from what the program reads."""

    CONFIGURATION = "config"
    ENVIRONMENT = "env"


def kind_of(name: str) -> Kind:
    """Raises ConfigError for a name that cannot be, and for one that would hold a secret: every member of the
    account and every program on the device reads variables."""
    if not _VARIABLE.fullmatch(name):
        raise ConfigError(
            f"a variable's name is 1 to 127 of A-Z, a-z, 0-9 and '_', no digit first; got {name!r:.140}"
        )
    if _SECRET.search(name.upper()):
        raise ConfigError(
            f"{name} sounds like a secret: every member of the account reads variables, leave it out"
        )
    return Kind.CONFIGURATION if name.startswith(_CONFIGURATION) else Kind.ENVIRONMENT


def checked_tag(key: str) -> str:
    if not _TAG.fullmatch(key) or key.startswith(_RESERVED_TAG):
        raise ConfigError(
            f"a tag is named by 1 to 100 of A-Z, a-z, 0-9, '_.:-', and not as balena's own; got {key!r:.120}"
        )
    return key


def checked_value(value: str) -> str:
    """balena takes no empty value."""
    if not 0 < len(value) <= VALUE_MAX or "\0" in value:
        raise ConfigError(f"a value has 1 to {VALUE_MAX} letters; to take it away, leave the value out")
    return value
