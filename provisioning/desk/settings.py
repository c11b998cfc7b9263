"""What a grant says a device is to be: device.toml without what its own hardware.toml fills in."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import tomli_w

from provisioning.device_folder import ROLES, Order, charter_of, device_toml
from provisioning.errors import ConfigError
from provisioning.files import read_whole
from provisioning.hall import HallCard
from provisioning.updates import UpdateService
from wire.ids import DeviceId

POLICY_FILE: Final = "policy.toml"
CHARTER_FILE: Final = "charter"


def load_policy(folder: Path) -> dict[str, Any]:
    """The hall's own choices: `language`, and fields of the roles' tables. Empty without a file.

    Raises ConfigError.
    """
    path = folder / POLICY_FILE
    if not path.exists():
        return {}
    try:
        values = tomllib.loads(read_whole(path, "the hall's policy").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise ConfigError(f"{path} is not TOML: {err}") from None
    check_policy(values, str(path))
    return values


def check_policy(values: Mapping[str, Any], source: str) -> None:
    """Raises ConfigError for what is no policy of a hall."""
    for name, value in values.items():
        fits = isinstance(value, str) if name == "language" else name in ROLES and isinstance(value, dict)
        if not fits:
            raise ConfigError(f"{source}: {name} is none of language, [{'], ['.join(ROLES)}]: remove it")


def load_charter(folder: Path, card: HallCard) -> bytes | None:
    """What keypads pin for secret questions; None without a file. Raises ConfigError."""
    path = folder / CHARTER_FILE
    if not path.exists():
        return None
    content = read_whole(path, "the charter")
    charter_of(content, str(path), card)
    return content


def settings_text(
    card: HallCard,
    device: DeviceId,
    role: str,
    renewal: tuple[str, int],
    policy: Mapping[str, Any],
    update: UpdateService | None = None,
) -> str:
    """renewal: host and port where certificates are renewed. policy: as load_policy gives it. update: its
    roots come with the boot medium."""
    values = tomllib.loads(device_toml(card, Order(device, role, update=update)))
    if "language" in policy:
        values["language"] = policy["language"]
    if role in policy:
        values[role] = {**policy[role], **values.get(role, {})}
    values["renewal"] = {"host": renewal[0], "port": renewal[1]}
    return tomli_w.dumps(values)
