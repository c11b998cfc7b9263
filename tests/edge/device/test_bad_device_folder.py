"""Bad input is said in one sentence that names file, field and range, and nothing is touched."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from edge.ballot_keypad.__main__ import main
from edge.ballot_keypad.config import keypad_config
from edge.device.adapters.device_folder import read_folder
from edge.device.config import parse_config
from edge.device.errors import ConfigError

KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()
GOOD = f"""
congress = "c1"
hall = "hall-a"
device = "keypad-01"
role = "keypad"
[broker]
host = "127.0.0.1"
port = 8883
[trust]
desk = "{PUBLIC}"
store = "{PUBLIC}"
[simulated]
hands = true
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "device.toml").write_text(GOOD)
    pem = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "identity.key").write_bytes(pem)
    (tmp_path / "identity.key").chmod(0o600)
    for name in ("identity.crt", "ca.crt"):
        (tmp_path / name).write_text("-")
    return tmp_path


def test_a_good_folder_is_in_order(folder, capsys):
    assert main(["check", str(folder)]) == 0
    assert "keypad-01" in capsys.readouterr().out
    assert (folder / "state").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("line", "instead", "says"),
    [
        ('hall = "hall-a"', "", "hall is missing; it must be 1 to 32"),
        ('hall = "hall-a"', 'hall = "Hall A"', "hall is 'Hall A'; it must be 1 to 32"),
        ("port = 8883", "port = 0", "broker.port is 0; it must be an integer of 1 to 65535"),
        ("port = 8883", "port = true", "broker.port is True"),
        ('host = "127.0.0.1"', "", "broker.host is missing"),
        (f'desk = "{PUBLIC}"', 'desk = "abc"', "trust.desk is 'abc'; it must be an Ed25519 public key"),
        (f'store = "{PUBLIC}"', f'store = "{"00" * 32}"', "trust.store is"),
        ("hands = true", 'hands = "yes"', "simulated.hands is 'yes'; it must be true or false"),
        ('role = "keypad"', 'role = "toaster"', "role is 'toaster'; it must be one of gate, keypad, board"),
        ('role = "keypad"', 'role = "gate"', "this firmware is for a keypad"),
        ("hands = true", "hand = true", "simulated.hand is True; it must be removed"),
        ("[broker]", "[broker", "is not TOML"),
    ],
)
def test_a_wrong_field_is_named_with_its_range_and_ends_with_78(folder, capsys, line, instead, says):
    (folder / "device.toml").write_text(GOOD.replace(line, instead))
    assert main(["check", str(folder)]) == 78
    said = capsys.readouterr().err
    assert says in said
    assert "device.toml" in said
    assert said.endswith(" [config]\n")
    assert said.count("\n") == 1


@pytest.mark.parametrize("name", ["device.toml", "identity.key", "identity.crt", "ca.crt"])
def test_a_missing_file_is_named(folder, capsys, name):
    (folder / name).unlink()
    assert main(["run", str(folder)]) == 78
    assert name in capsys.readouterr().err


def test_a_key_that_others_may_read_is_refused(folder):
    (folder / "identity.key").chmod(0o644)
    with pytest.raises(ConfigError, match="must be 600"):
        read_folder(folder, "keypad")


def test_a_key_that_is_none_is_refused_without_being_quoted(folder):
    (folder / "identity.key").write_text("secret words")
    with pytest.raises(ConfigError, match=r"identity\.key") as caught:
        read_folder(folder, "keypad")
    assert "secret words" not in caught.value.diagnostics()


def test_a_state_folder_that_cannot_be_made_is_said_and_ends_with_1(folder, capsys):
    (folder / "state").write_text("in the way")
    assert main(["check", str(folder)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_wrong_arguments_are_answered_with_the_usage(capsys):
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
    assert main(["--help"]) == 0
    assert "new-epoch" in capsys.readouterr().out


def test_pins_are_needed_and_distinct_on_real_hardware():
    pins = {"yes_pin": 5, "no_pin": 6, "abstain_pin": 13, "ok_pin": 19, "clear_pin": 26}
    assert len(keypad_config(pins, "device.toml", simulated=False).pins) == 5
    assert keypad_config({}, "device.toml", simulated=True).bounce_ms == 30
    with pytest.raises(ConfigError, match=r"keypad\.clear_pin is 5; it must be a pin that no other"):
        keypad_config({**pins, "clear_pin": 5}, "device.toml", simulated=False)
    with pytest.raises(ConfigError, match=r"keypad\.yes_pin is missing; it must be an integer of 0 to 27"):
        keypad_config({}, "device.toml", simulated=False)
    with pytest.raises(ConfigError, match=r"keypad\.bounce_ms is 1; it must be an integer of 5 to 200"):
        keypad_config({"bounce_ms": 1}, "device.toml", simulated=True)


def test_the_registrar_is_the_desk_unless_named():
    assert parse_config(GOOD, "device.toml").trust.registrar.raw.hex() == PUBLIC
