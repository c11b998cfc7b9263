"""What cloud-init, netplan and rpi-preseed read on a card: fields they know, no value taken for another."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from edge.ballot_keypad.config import keypad_config
from edge.device.claim.seed import parse_seed
from edge.device.config import DeskAddress
from edge.rollcall_gate.config import gate_config
from provisioning.media.boot_files import LAST, boot_files
from provisioning.media.device_class import CLASSES, device_class
from provisioning.media.order import wifi_of
from tests.provisioning.media.conftest import Order
from tests.provisioning.media.documented import PRESEED, SERIAL, USER, USER_DATA, undocumented


def yaml_of(content: bytes) -> Any:
    """Comment lines, then JSON, which every reader of YAML takes as it stands."""
    lines = content.decode().splitlines()
    body = "\n".join(line for line in lines if not line.startswith("#"))
    assert "\t" not in body
    return json.loads(body)


@pytest.mark.parametrize("role", CLASSES)
def test_cloud_init_knows_every_field_of_user_data(order: Order, role: str) -> None:
    content = boot_files(order(role))[LAST]
    assert content.startswith(b"#cloud-config\n")
    told = yaml_of(content)
    assert undocumented(told, USER_DATA) == []
    assert [undocumented(user, USER) for user in told["users"]] == [[]]


@pytest.mark.parametrize("role", CLASSES)
def test_rpi_preseed_knows_every_field(order: Order, role: str) -> None:
    wifi = wifi_of("Hội trường A", "correct horse", "VN")
    content = boot_files(order(role, wifi=wifi))["rpi-preseed.toml"].decode()
    told = tomllib.loads(content)
    assert undocumented(told, PRESEED) == []
    assert told["interfaces"]["serial"] in SERIAL


def test_rpi_preseed_reads_line_by_line_and_knows_two_escapes(order: Order) -> None:
    content = boot_files(order(wifi=wifi_of('a "b" \\ [c] # d', "correct horse", "VN")))[
        "rpi-preseed.toml"
    ].decode()
    lines = [line for line in content.splitlines() if line and not line.startswith("#")]
    assert all(line.startswith("[") or line.count(" = ") >= 1 for line in lines)
    assert '"a \\"b\\" \\\\ [c] # d"' in content


@pytest.mark.parametrize("role", CLASSES)
def test_nobody_can_log_in(order: Order, role: str) -> None:
    files = boot_files(order(role))
    told = yaml_of(files[LAST])
    assert told["users"][0]["lock_passwd"] is True
    assert told["ssh_pwauth"] is False
    assert told["disable_root"] is True
    assert told["rpi"]["interfaces"]["serial"] is False
    preseed = tomllib.loads(files["rpi-preseed.toml"].decode())
    assert preseed["ssh"] == {"enabled": False, "password_authentication": False}
    assert "user" not in preseed
    for content in files.values():
        assert b"plain_text_passwd" not in content
        assert b"NOPASSWD" not in content


def test_a_card_holds_the_key_of_the_wifi_and_never_its_passphrase(order: Order) -> None:
    wifi = wifi_of("IEEE", "password", "VN")
    # Source: IEEE 802.11-2020, table of test vectors of annex J.4.
    assert wifi.psk == "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"
    files = boot_files(order(wifi=wifi_of("Hội trường A", "correct horse", "VN")))
    assert all(b"correct horse" not in content for content in files.values())
    network = yaml_of(files["network-config"])["network"]
    (point,) = network["wifis"]["wlan0"]["access-points"].items()
    assert point[0] == "Hội trường A"
    assert network["wifis"]["wlan0"]["regulatory-domain"] == "VN"
    assert tomllib.loads(files["rpi-preseed.toml"].decode())["wlan"]["password"] == point[1]["password"]


def test_secrets_stay_out_of_what_is_logged(order: Order) -> None:
    made = order(token="a-token", wifi=wifi_of("IEEE", "password", "VN"))
    assert "a-token" not in repr(made)
    assert "f42c6fc5" not in repr(made)


def test_a_card_that_says_something_else_is_another_instance(order: Order) -> None:
    told = [
        yaml_of(boot_files(made)["meta-data"])["instance-id"]
        for made in (order(), order(), order(ntp="10.0.0.1"))
    ]
    assert told[0] == told[1]
    assert told[0] != told[2]


@pytest.mark.parametrize("role", CLASSES)
def test_the_device_takes_the_seed_and_the_wiring(order: Order, role: str) -> None:
    files = boot_files(order(role, desk=("desk.hall.example", 8443), token="t" * 64, language="vi"))
    texts = [files[f"hallward/{name}"].decode() for name in ("seed.toml", "hardware.toml")]
    seed = parse_seed(texts[0], "seed.toml", texts[1])
    assert (seed.role, seed.desk, seed.language) == (role, DeskAddress("desk.hall.example", 8443), "vi")
    assert seed.token == "t" * 64
    assert seed.parts == tomllib.loads(texts[1])[role]


def test_the_seed_holds_what_the_device_asks_with(order: Order) -> None:
    made = order(desk=("fd00::5", 8443), token="abc", language="vi")
    assert tomllib.loads(boot_files(made)["hallward/seed.toml"].decode()) == {
        "role": "keypad",
        "token": "abc",
        "language": "vi",
        "desk": {"host": "fd00::5", "port": 8443},
    }


def test_what_starts_the_system_is_written_last(order: Order) -> None:
    assert list(boot_files(order()))[-1] == LAST


def test_the_wiring_of_each_class_is_one_that_its_firmware_takes(tmp_path: Path) -> None:
    keypad = tomllib.loads(device_class("keypad").hardware)
    assert keypad_config(keypad["keypad"], "hardware.toml", simulated=False).layout == "matrix"
    gate = tomllib.loads(device_class("gate").hardware)
    for name in ("detector", "landmarks", "embedder"):
        (tmp_path / f"{name}.tflite").touch()
    gate["gate"]["models"] = str(tmp_path)
    assert gate_config(gate["gate"], tmp_path).wiring.lock == 17
