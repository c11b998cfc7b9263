"""fleet.toml: a mistake is answered with file, field and allowed range."""

from pathlib import Path

import pytest

from fleet.config import load_config, load_signer
from fleet.errors import ConfigError

GOOD = 'hall = "hall-a"\ncongress = "c-2026"\n'


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "fleet.toml").write_text(text)
    return tmp_path


def test_defaults_stand_where_nothing_is_written(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, GOOD))
    assert (config.hall, config.congress) == ("hall-a", "c-2026")
    assert (config.broker_kind, config.broker_host, config.broker_port) == ("nats", "127.0.0.1", 8883)
    assert (config.api_host, config.api_port, config.api_tls) == ("127.0.0.1", 8080, False)
    assert config.api_url == "http://127.0.0.1:8080"
    assert 1 <= config.worker_count <= 4


def test_what_is_written_is_read(tmp_path: Path) -> None:
    text = (
        GOOD
        + "workers = 3\n[api]\nport = 1\ntls = true\n"
        + '[broker]\nkind = "mosquitto"\nhost = "broker.hall"\nport = 65535\n'
    )
    config = load_config(written(tmp_path, text))
    assert (config.workers, config.worker_count, config.api_port) == (3, 3, 1)
    assert config.api_url == "https://127.0.0.1:1"
    assert (config.broker_kind, config.broker_host, config.broker_port) == ("mosquitto", "broker.hall", 65535)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('congress = "c"\n', "hall must be 1 to 32 of a-z"),
        ('hall = "Hall A"\ncongress = "c"\n', "hall must be 1 to 32 of a-z"),
        (GOOD + "[api]\nport = 0\n", "api.port must be an integer of 1 to 65535, got 0"),
        (GOOD + '[api]\nport = "80"\n', "api.port must be an integer of 1 to 65535"),
        (GOOD + "[api]\ntls = 1\n", "api.tls must be true or false, got 1"),
        (GOOD + "[api]\nport = true\n", "api.port must be an integer of 1 to 65535"),
        (GOOD + '[broker]\nkind = "emqx"\n', "broker.kind must be one of nats, mosquitto"),
        (GOOD + '[broker]\nhost = ""\n', "broker.host must be a host name or address"),
        (GOOD + "[broker]\nprot = 1\n", "unknown field broker.prot; known are host, kind, port"),
        (GOOD + "api = 7\n", "api must be a table"),
        ("hall = \n", "is not TOML"),
        (GOOD + "workers = 65\n", "workers must be an integer of 0 to 64"),
    ],
)
def test_a_mistake_names_file_field_and_range(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(written(tmp_path, text))
    assert words in caught.value.diagnostics()
    assert "fleet.toml" in caught.value.diagnostics()
    assert "\n" not in caught.value.diagnostics()


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="hallward fleet init"):
        load_config(tmp_path)


def test_a_key_that_is_none_is_said_and_never_quoted(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    with pytest.raises(ConfigError, match=r"desk\.key is missing"):
        load_signer(tmp_path, "desk")
    (tmp_path / "keys" / "desk.key").write_text("secret nonsense")
    with pytest.raises(ConfigError, match=r"PKCS .8") as caught:
        load_signer(tmp_path, "desk")
    assert "secret" not in caught.value.diagnostics()
