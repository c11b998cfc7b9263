"""What a boot medium says is read as strictly as device.toml, and refused by file and field."""

from pathlib import Path

import pytest

from edge.device.adapters.seed_file import is_device, read_seed
from edge.device.claim.seed import parse_seed
from edge.device.config import DeskAddress, IdentityTable
from edge.device.errors import ConfigError


def test_a_seed_needs_a_role_and_nothing_else() -> None:
    seed = parse_seed('role = "keypad"', "seed.toml")
    assert (seed.role, seed.desk, seed.token, seed.serial) == ("keypad", None, None, None)
    assert (seed.language, seed.hands, seed.identity) == ("vi+en", False, IdentityTable())


def test_everything_a_seed_can_say_is_taken() -> None:
    seed = parse_seed(
        'role = "gate"\ntoken = "t"\nserial = "SN 1"\nlanguage = "vi"\n'
        '[desk]\nhost = "10.0.0.5"\nport = 8443\n[simulated]\nhands = true\n',
        "seed.toml",
        '[gate]\nlock_pin_bcm = 5\n[identity]\nkind = "rpi-otp"\n',
    )
    assert seed.desk == DeskAddress("10.0.0.5", 8443)
    assert (seed.token, seed.serial, seed.language, seed.hands) == ("t", "SN 1", "vi", True)
    assert seed.identity.in_element
    assert seed.parts == {"lock_pin_bcm": 5}


def test_a_token_appears_in_no_log() -> None:
    assert "once-only" not in repr(parse_seed('role = "keypad"\ntoken = "once-only"', "seed.toml"))


@pytest.mark.parametrize(
    ("text", "hardware", "says"),
    [
        ("role =", "", "is not TOML"),
        ('role = "door"', "", "role is 'door'; it must be one of gate, keypad, board"),
        ('role = "gate"\nrolle = 1', "", "rolle is 1; it must be removed"),
        ('role = "gate"\n[desk]\nhost = "a"', "", "desk.port is missing"),
        ('role = "gate"\n[desk]\nhost = "a"\nport = 0', "", "an integer of 1 to 65535"),
        (f'role = "gate"\ntoken = "{"x" * 65}"', "", "1 to 64 printable characters"),
        ('role = "gate"\nserial = "a\\tb"', "", "1 to 64 printable characters"),
        ('role = "gate"\nserial = ""', "", "1 to 64 printable characters"),
        ('role = "gate"', "[keypad]\nlayout = 1", "keypad is {'layout': 1}; it must be removed"),
        ('role = "gate"', 'device = "x"', "device is 'x'; it must be removed"),
        ('role = "gate"', '[identity]\nkind = "cloud"', "identity.kind is 'cloud'"),
    ],
)
def test_what_is_wrong_is_said_by_file_field_and_range(text: str, hardware: str, says: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        parse_seed(text, "/x/seed.toml", hardware, "/x/hardware.toml")
    assert says in wrong.value.diagnostics()
    assert wrong.value.diagnostics().startswith("/x/hardware.toml" if hardware else "/x/seed.toml")


def test_a_card_for_another_kind_of_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "seed.toml").write_text('role = "gate"')
    with pytest.raises(ConfigError, match="this firmware is for a keypad"):
        read_seed(tmp_path, "keypad")


def test_a_seed_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "seed.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="write the boot medium again"):
        read_seed(tmp_path, "keypad")
    (tmp_path / "seed.toml").write_bytes(b"#" * 70_000)
    with pytest.raises(ConfigError, match="longer than 65536 bytes"):
        read_seed(tmp_path, "keypad")


def test_a_folder_with_neither_is_told_what_a_seed_is(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"device\.toml is missing.*seed\.toml.*boot medium"):
        is_device(tmp_path)
    (tmp_path / "seed.toml").touch()
    assert not is_device(tmp_path)
    (tmp_path / "device.toml").touch()
    assert is_device(tmp_path)


def test_a_folder_that_cannot_be_looked_into_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be looked into"):
        is_device(tmp_path / ("n" * 300))
