"""What cloud-init and rpi-preseed document: the fields that we write, each with its kind.

cloud-init: module reference of version 25 (ssh, users, keyboard, rpi). rpi-preseed: its own schema file, in
which each field stands with its kind and the words it may be.
"""

from typing import Any

USER_DATA: dict[str, type | dict[str, Any]] = {
    "hostname": str,
    "manage_etc_hosts": bool,
    "timezone": str,
    "keyboard": {"layout": str},
    "users": list,
    "disable_root": bool,
    "ssh_pwauth": bool,
    "ssh": {"emit_keys_to_console": bool},
    "package_update": bool,
    "package_upgrade": bool,
    "rpi": {"interfaces": {"i2c": bool, "spi": bool, "serial": bool}},
    "runcmd": list,
}
USER = {
    "name": str,
    "system": bool,
    "lock_passwd": bool,
    "no_create_home": bool,
    "homedir": str,
    "shell": str,
}

PRESEED: dict[str, type | dict[str, Any]] = {
    "config_version": str,
    "system": {"hostname": str},
    "ssh": {"enabled": bool, "password_authentication": bool},
    "wlan": {"ssid": str, "password": str, "country": str, "key_mgmt": str},
    "locale": {"keymap": str, "timezone": str},
    "connect": {"enabled": bool},
    "interfaces": {"i2c": bool, "spi": bool, "serial": str},
    "runcmd": {"early_cmd_timeout": int, "early": list},
}
SERIAL = {"off", "default", "console", "hardware", "console_hardware"}


def undocumented(found: Any, known: Any, above: str = "") -> list[str]:
    """Paths of what nobody documents, or of another kind than documented."""
    if isinstance(known, dict):
        if not isinstance(found, dict):
            return [above]
        return [
            path
            for key, value in found.items()
            for path in (
                undocumented(value, known[key], f"{above}.{key}") if key in known else [f"{above}.{key}"]
            )
        ]
    return [] if type(found) is known else [above]
