"""`fleet init` and `fleet api`: repeatable, and in words when something stands in the way."""

import os
import socket
import stat
from pathlib import Path

import pytest

from fleet.accounts.rules import code_typed
from fleet.api.commands import init, serve_api, server_config
from fleet.config import FleetConfig, load_config, load_signer
from fleet.errors import ConfigError
from fleet.lock import only_api
from tests.fleet.hall_under_test import ORIGIN, HallUnderTest, TestClient, refused
from tests.servers.ports import free_port
from wire.ids import CongressId, HallId


def wanted(data: Path, **changes: object) -> FleetConfig:
    fields = {"data": data, "hall": HallId("hall-1"), "congress": CongressId("c-1"), **changes}
    return FleetConfig(**fields)  # type: ignore[arg-type]  # as given


def made(data: Path, **changes: object) -> list[str]:
    """What init says."""
    said: list[str] = []
    assert init(wanted(data, **changes), say=said.append, environment={}) == 0
    return said


def test_init_makes_a_folder_that_the_fleet_can_start_from(tmp_path: Path) -> None:
    data = tmp_path / "fleet"
    said = made(data, api_port=8123, broker_kind="mosquitto")
    config = load_config(data)
    assert (config.hall, config.congress, config.api_port, config.broker_kind) == (
        "hall-1",
        "c-1",
        8123,
        "mosquitto",
    )
    assert load_signer(data, "desk").public_key != load_signer(data, "store").public_key
    for name in ("desk", "store"):
        assert stat.S_IMODE((data / "keys" / f"{name}.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((data / "keys").stat().st_mode) == 0o700
    (line,) = [line for line in said if "one-time code" in line]
    code = next(word for word in line.split() if word.count("-") == 3)
    assert code_typed(code) == code


def test_init_again_keeps_keys_and_gives_a_new_code(tmp_path: Path) -> None:
    first = made(tmp_path)
    key = (tmp_path / "keys" / "desk.key").read_bytes()
    second = made(tmp_path)
    assert (tmp_path / "keys" / "desk.key").read_bytes() == key
    assert first[0] == second[0]
    assert first[1] != second[1]


def test_init_refuses_a_folder_of_another_hall(tmp_path: Path) -> None:
    made(tmp_path)
    with pytest.raises(ConfigError, match="is of hall hall-1"):
        made(tmp_path, hall=HallId("hall-2"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hall": "Hall 1"}, "hall must be"),
        ({"congress": ""}, "congress must be"),
        ({"api_port": 70000}, "65535"),
    ],
)
def test_init_refuses_what_would_not_start_and_leaves_no_file_of_it(
    tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        made(tmp_path, **changes)
    assert not (tmp_path / "fleet.toml").exists()
    made(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigError, match="cannot be written"):
        made(tmp_path / "fleet")


def test_a_file_where_the_folder_should_be_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "fleet").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        made(tmp_path / "fleet")


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        made(tmp_path, api_port=taken.getsockname()[1])
        with pytest.raises(ConfigError, match=r"api\.port .*: another program has this port"):
            serve_api(tmp_path, say=print, environment={})


def test_an_address_of_another_machine_is_said_in_words(tmp_path: Path) -> None:
    made(tmp_path, api_host="192.0.2.7", api_port=8124)
    with pytest.raises(ConfigError, match=r"192\.0\.2\.7"):
        serve_api(tmp_path, say=print, environment={})


def test_no_folder_at_all_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="hallward fleet init"):
        serve_api(tmp_path, say=print, environment={})


def test_a_store_whose_log_another_key_signed_is_refused(tmp_path: Path) -> None:
    environment = {"HALLWARD_DATABASE_URL": f"sqlite:///{tmp_path / 'shared.db'}"}
    for _ in range(2):
        assert init(wanted(tmp_path / "first"), say=print, environment=environment) == 0
    with pytest.raises(ConfigError, match=r"signed by another key .* a store of its own"):
        init(wanted(tmp_path / "second"), say=print, environment=environment)


def test_a_second_api_on_the_same_folder_is_refused_in_a_sentence(tmp_path: Path) -> None:
    made(tmp_path, api_port=free_port())
    with only_api(tmp_path), pytest.raises(ConfigError, match="an API already runs on this data folder"):
        serve_api(tmp_path, say=print, environment={})


def test_a_claimed_address_buys_no_further_guesses(hall: HallUnderTest) -> None:
    config = server_config(hall.app)
    config.load()
    browser = TestClient(config.loaded_app, base_url=ORIGIN, client=("127.0.0.1", 1))
    body = {"account": "lan", "password": "a guess"}
    answers = [
        browser.post(
            "/api/sign-in", json=body, headers={"origin": ORIGIN, "x-forwarded-for": f"192.0.2.{number}"}
        )
        for number in range(11)
    ]
    refused(answers[-1], 429, "too-many")
