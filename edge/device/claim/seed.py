"""seed.toml and hardware.toml -> Seed: what the boot medium says to a machine that is nobody's device yet.

seed.toml, a name on every card of one batch and never a secret but for its token:
    role                gate | keypad | board
    [desk] host, port   the provisioning desk, optional: without it, it is looked for by multicast DNS
                        (name it where two halls under one root share a network)
    token               of a batch, at most 64 characters, optional: a place without a technician
    serial              this machine's name, at most 64 characters, optional: else the board's own number
    language            vi | en | vi+en (default): of the pages before the hall has said its own
    [simulated] hands   true: hardware is simulated, driven through state/hands.sock (default false)
hardware.toml, optional, what this machine is made of and the hall cannot know: the tables [<role>] and
[identity], and `hardware` of [update], field by field as in device.toml. It wins over what the desk says.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from edge.device.config import (
    LANGUAGES,
    ROLES,
    DeskAddress,
    IdentityTable,
    Section,
    parse_identity,
)
from edge.device.errors import ConfigError

TEXT_MAX: Final = 64
_TEXT_RANGE: Final = f"a text of 1 to {TEXT_MAX} printable characters"


@dataclass(frozen=True, slots=True)
class Seed:
    """desk: None: to be looked for. serial: None: the board's own. hardware: tables of hardware.toml as they
    stand."""

    role: str
    desk: DeskAddress | None = None
    token: str | None = field(default=None, repr=False)
    serial: str | None = None
    language: str = "vi+en"
    hands: bool = False
    identity: IdentityTable = field(default_factory=IdentityTable)
    hardware: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def parts(self) -> dict[str, Any]:
        """The table named like the role."""
        return dict(self.hardware.get(self.role, {}))


def parse_seed(text: str, source: str, hardware: str = "", hardware_source: str = "hardware.toml") -> Seed:
    """source: name of each file, for the sentence. Raises ConfigError."""
    top = Section(source, "", _toml(text, source))
    top.only("role", "desk", "token", "serial", "language", "simulated")
    simulated = top.table("simulated")
    simulated.only("hands")
    role = top.one_of("role", ROLES)
    parts = Section(hardware_source, "", _toml(hardware, hardware_source))
    parts.only(role, "identity", "update", "simulated")
    parts.table("update").only("hardware")
    also = parts.table("simulated")
    also.only("hands")
    return Seed(
        role=role,
        desk=_desk(top.table("desk")) if "desk" in top.values else None,
        token=_optional(top, "token"),
        serial=_optional(top, "serial"),
        language=top.one_of("language", LANGUAGES, "vi+en"),
        hands=simulated.flag("hands", also.flag("hands", False)),
        identity=parse_identity(parts.table("identity")),
        hardware={
            name: parts.table(name).values for name in (role, "identity", "update") if name in parts.values
        },
    )


def _toml(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise ConfigError(f"{source} is not TOML: {err}; write the boot medium again") from err


def _desk(table: Section) -> DeskAddress:
    table.only("host", "port")
    return DeskAddress(table.text("host", "a host name or address"), table.integer("port", 1, 65535))


def _optional(top: Section, key: str) -> str | None:
    if key not in top.values:
        return None
    found = top.text(key, _TEXT_RANGE)
    if len(found) > TEXT_MAX or not found.isprintable():
        raise top.wrong(key, _TEXT_RANGE)
    return found
