"""classes/<role>/class.toml -> DeviceClass: the one template of everything a boot medium says.

hostname     of the computer before it knows its serial number
timezone     as under /usr/share/zoneinfo
keyboard     layout of XKB
country      two capital letters, ISO 3166-1: which radio channels Wi-Fi may use
config       lines for /boot/firmware/config.txt
[interfaces] i2c, spi: true or false
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

CLASSES: Final = ("keypad", "gate")


@dataclass(frozen=True, slots=True)
class DeviceClass:
    role: str
    hostname: str
    timezone: str
    keyboard: str
    country: str
    config: tuple[str, ...]
    interfaces: Mapping[str, bool]
    hardware: str
    """The text of hardware.toml."""

    @property
    def unit(self) -> str:
        """Of systemd, as the program brings it."""
        return f"hallward-{self.role}.service"


def device_class(role: str) -> DeviceClass:
    """role: one of CLASSES."""
    folder = files("provisioning.media") / "classes" / role
    told = tomllib.loads((folder / "class.toml").read_text(encoding="utf-8"))
    return DeviceClass(
        role=role,
        hostname=told["hostname"],
        timezone=told["timezone"],
        keyboard=told["keyboard"],
        country=told["country"],
        config=tuple(told["config"]),
        interfaces=told["interfaces"],
        hardware=(folder / "hardware.toml").read_text(encoding="utf-8"),
    )
