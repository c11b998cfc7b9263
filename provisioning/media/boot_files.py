"""A MediumOrder -> the files of a boot partition: pure.

Raspberry Pi OS since October 2025 runs cloud-init, data source NoCloud (user-data, network-config and
meta-data); newer images run rpi-preseed (rpi-preseed.toml). Either sets names and network, then starts one
script, hallward/first-boot.sh, which does the rest, so that neither way can forget a step.

YAML is written as JSON, which is YAML: no value can be taken for another one, as `no` or `012` can.
Source: cloud-init's module reference and its schema of version 25; rpi-preseed(5), config_version 1.0.
"""

import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

import tomli_w

from provisioning.hall import quoted
from provisioning.media.order import MediumOrder

MARK: Final = "# Written by `hallward provision image`: run it again rather than edit this."
LAST: Final = "user-data"
"""The file that makes the system act on the others."""
SCRIPT: Final = "hallward/first-boot.sh"
MEDIUM_LABEL: Final = "CIDATA"
"""Of a volume that cloud-init looks for when the boot partition says nothing."""
FIRST_BOOT_S_MAX: Final = 180


def boot_files(order: MediumOrder) -> dict[str, bytes]:
    """Path on the medium -> content, in the order in which they are written: LAST is last."""
    texts = {
        SCRIPT: (files("provisioning.media") / "templates" / "first-boot.sh").read_text(encoding="utf-8"),
        "hallward/first-boot.conf": _settings(order),
        "hallward/config.txt": _config_lines(order),
        "hallward/root.crt": order.root.decode(),
        "hallward/hardware.toml": order.hardware,
        **{f"hallward/{name}": content.decode() for name, content in order.update_roots.items()},
        "hallward/seed.toml": _seed(order),
        "rpi-preseed.toml": _preseed(order),
        "network-config": f"{MARK}\n{_yaml(_network(order))}",
    }
    user_data = f"#cloud-config\n{MARK}\n{_yaml(_user_data(order))}"
    said = json.dumps([*texts.items(), user_data]).encode()
    # Another name is another instance: cloud-init does its work again on a card that says something else.
    instance = f"{order.kind.hostname}-{hashlib.sha256(said).hexdigest()[:16]}"
    texts["meta-data"] = f"{MARK}\n{_yaml({'instance-id': instance, 'dsmode': 'local'})}"
    texts[LAST] = user_data
    return {path: text.encode() for path, text in texts.items()}


def _user_data(order: MediumOrder) -> dict[str, Any]:
    kind = order.kind
    return {
        "hostname": kind.hostname,
        "manage_etc_hosts": True,
        "timezone": kind.timezone,
        "keyboard": {"layout": kind.keyboard},
        # The firmware's own account and no other, not even the distribution's: nobody can log in.
        "users": [_FIRMWARE_USER],
        "disable_root": True,
        "ssh_pwauth": False,
        "ssh": {"emit_keys_to_console": False},
        "package_update": False,
        "package_upgrade": False,
        "rpi": {"interfaces": {**kind.interfaces, "serial": False}},
        "runcmd": [["sh", "-c", _START]],
    }


_FIRMWARE_USER: Final = {
    "name": "hallward",
    "system": True,
    "lock_passwd": True,
    "no_create_home": True,
    "homedir": "/nonexistent",
    "shell": "/usr/sbin/nologin",
}
_START: Final = (
    f"medium=/boot/firmware; if ! test -e $medium/{SCRIPT}; then medium=/run/hallward-medium; "
    f"mkdir -p $medium; mount -o ro LABEL={MEDIUM_LABEL} $medium; fi; exec sh $medium/{SCRIPT}"
)


def _network(order: MediumOrder) -> dict[str, Any]:
    """Netplan, version 2. Optional: a keypad without a network starts all the same."""
    network: dict[str, Any] = {"version": 2, "ethernets": {"eth0": {"dhcp4": True, "optional": True}}}
    if order.wifi is not None:
        network["wifis"] = {
            "wlan0": {
                "dhcp4": True,
                "optional": True,
                "regulatory-domain": order.wifi.country,
                "access-points": {order.wifi.ssid: {"password": order.wifi.psk}},
            }
        }
    return {"network": network}


def _preseed(order: MediumOrder) -> str:
    """Its reader knows a part of TOML: one line for each field, and no escapes but \\\\ and \\".

    No [user]: a user without a password would be one with an empty password. The script locks all.
    """
    kind = order.kind
    lines = [
        MARK,
        'config_version = "1.0"',
        "",
        *_table("system", {"hostname": kind.hostname}),
        *_table("ssh", {"enabled": False, "password_authentication": False}),
    ]
    if order.wifi is not None:
        fields = {"ssid": order.wifi.ssid, "password": order.wifi.psk, "country": order.wifi.country}
        lines += _table("wlan", {**fields, "key_mgmt": "wpa-psk"})
    lines += [
        *_table("locale", {"keymap": kind.keyboard, "timezone": kind.timezone}),
        *_table("connect", {"enabled": False}),
        *_table("interfaces", {**kind.interfaces, "serial": "off"}),
        *_table("runcmd", {"early_cmd_timeout": FIRST_BOOT_S_MAX}),
        f"early = [{quoted(f'sh /boot/firmware/{SCRIPT}')}]",
    ]
    return "\n".join(lines) + "\n"


def _table(name: str, fields: Mapping[str, str | int | bool]) -> list[str]:
    """A blank line, and the table; json writes numbers and truth as TOML does."""
    said = (
        f"{key} = {quoted(value) if isinstance(value, str) else json.dumps(value)}"
        for key, value in fields.items()
    )
    return ["", f"[{name}]", *said]


def _settings(order: MediumOrder) -> str:
    """Read by a shell: nothing but names whose characters were checked."""
    return f"ROLE={order.kind.role}\nNTP={order.ntp or ''}\n"


def _config_lines(order: MediumOrder) -> str:
    return "\n".join(["", "# hallward", "[all]", *order.kind.config]) + "\n"


def _seed(order: MediumOrder) -> str:
    seed: dict[str, Any] = {"role": order.kind.role}
    if order.token is not None:
        seed["token"] = order.token
    if order.language is not None:
        seed["language"] = order.language
    if order.desk is not None:
        seed["desk"] = {"host": order.desk[0], "port": order.desk[1]}
    return tomli_w.dumps(seed)


def _yaml(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
