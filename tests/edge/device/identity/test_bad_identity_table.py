"""Where the key lives and who renews are said in device.toml; what is wrong there is named with its range."""

import pytest

from edge.device.adapters.keystore import describe, serial_number
from edge.device.config import DeskAddress, IdentityTable, parse_config
from edge.device.errors import ConfigError
from tests.edge.device.test_bad_device_folder import GOOD


def test_without_the_tables_the_key_is_a_file_and_nobody_renews() -> None:
    config = parse_config(GOOD, "device.toml")
    assert config.key_store == IdentityTable("file")
    assert not config.key_store.in_element
    assert config.renewal is None


@pytest.mark.parametrize(
    ("table", "expected", "words"),
    [
        ('kind = "file"', IdentityTable(), "a file"),
        (
            'kind = "pkcs11"\nmodule = "/usr/lib/x.so"\ntoken = "element"',
            IdentityTable("pkcs11", "/usr/lib/x.so", "element", "hallward", "token.pin"),
            "token element, key hallward",
        ),
        (
            'kind = "rpi-otp"',
            IdentityTable("rpi-otp", "/usr/bin/rpi-fw-crypto", key="1"),
            "the firmware's one-time memory, key 1",
        ),
    ],
)
def test_each_place_has_its_fields_and_a_name(table: str, expected: IdentityTable, words: str) -> None:
    found = parse_config(f"{GOOD}\n[identity]\n{table}\n", "device.toml").key_store
    assert found == expected
    assert describe(found) == words


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('kind = "tpm"', r"identity\.kind is 'tpm'; it must be one of file, pkcs11, rpi-otp"),
        ('kind = "file"\nkey = "x"', r"identity\.key is 'x'; it must be removed"),
        ('kind = "pkcs11"\ntoken = "t"', r"identity\.module is missing; it must be a path"),
        ('kind = "pkcs11"\nmodule = "x.so"\ntoken = "t"', r"identity\.module is 'x\.so'; it must be a path"),
        ('kind = "pkcs11"\nmodule = "/x.so"', r"identity\.token is missing"),
        ('kind = "pkcs11"\nmodule = "/x.so"\ntoken = "t"\npin = "1234"', r"identity\.pin .*removed"),
        ('kind = "rpi-otp"\nkey = "32"', r'identity\.key is \'32\'; .* "0" to "31"'),
        ('kind = "rpi-otp"\nkey = 1', r"identity\.key is 1; .*number"),
        ('kind = "rpi-otp"\nkey = "²"', r"identity\.key"),
    ],
)
def test_a_wrong_field_is_named_with_its_range(table: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        parse_config(f"{GOOD}\n[identity]\n{table}\n", "device.toml")


def test_the_desk_that_renews_is_a_host_and_a_port() -> None:
    text = f'{GOOD}\n[renewal]\nhost = "hall.local"\nport = 8444\n'
    assert parse_config(text, "device.toml").renewal == DeskAddress("hall.local", 8444)


@pytest.mark.parametrize(
    "table", ["port = 8444", 'host = "h"', 'host = "h"\nport = 0', 'host = "h"\nport = 1\nx = 1']
)
def test_a_desk_half_named_is_refused(table: str) -> None:
    with pytest.raises(ConfigError, match=r"device\.toml: renewal\.(host|port|x)"):
        parse_config(f"{GOOD}\n[renewal]\n{table}\n", "device.toml")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"10000000abcdef01\0", "10000000abcdef01"),
        (b"", None),
        (b"\0", None),
        (b"\xff\xfe\0", None),
        (b"a\nb\0", None),
        (b"9" * 65, None),
    ],
)
def test_the_boards_serial_number_is_a_name_or_nothing(
    tmp_path, content: bytes, expected: str | None
) -> None:
    (tmp_path / "serial-number").write_bytes(content)
    assert serial_number(tmp_path / "serial-number") == expected
    assert serial_number(tmp_path / "none") is None
