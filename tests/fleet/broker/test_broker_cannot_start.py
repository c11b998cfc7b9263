"""A broker that cannot start says in one sentence what to do, and leaves nothing running."""

import socket
import stat
from pathlib import Path

import pytest

from fleet.broker import mosquitto, nats
from fleet.broker.files import BoundedLog, write_changed
from fleet.errors import ConfigError, StoreError
from tests.servers.brokers import KINDS, BrokerFactory

pytestmark = pytest.mark.broker


@pytest.mark.parametrize("kind", KINDS)
def test_a_taken_port_is_named_and_the_status_is_78(start_broker: BrokerFactory, kind: str) -> None:
    broker = start_broker(kind)
    with socket.create_server(("127.0.0.1", broker.port)), pytest.raises(ConfigError) as caught:
        broker.start([])
    assert f"port {broker.port} on 127.0.0.1 is taken" in caught.value.diagnostics()
    assert caught.value.exit_code == 78
    assert broker.process.pid is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_certificate_is_named(start_broker: BrokerFactory, kind: str, tmp_path: Path) -> None:
    broker = start_broker(kind)
    object.__setattr__(broker.settings, "certificate", tmp_path / "none.crt")
    with pytest.raises(ConfigError, match=r"none\.crt is missing"):
        broker.start([])


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_key_is_a_sentence(start_broker: BrokerFactory, kind: str, tmp_path: Path) -> None:
    broker = start_broker(kind)
    damaged = tmp_path / "damaged.key"
    damaged.write_bytes(b"not a key")
    object.__setattr__(broker.settings, "key", damaged)
    with pytest.raises(ConfigError, match="will not start"):
        broker.start([])
    assert broker.process.pid is None


@pytest.mark.parametrize(("module", "words"), [(nats, "pip install"), (mosquitto, "apt install mosquitto")])
def test_a_program_that_is_not_installed_says_what_to_type(
    start_broker: BrokerFactory, monkeypatch: pytest.MonkeyPatch, module: object, words: str
) -> None:
    broker = start_broker("nats" if module is nats else "mosquitto")
    monkeypatch.setattr(module, "find_program", lambda: None)
    with pytest.raises(ConfigError, match=words):
        broker.start([])


def test_files_are_whole_private_and_only_written_when_they_differ(tmp_path: Path) -> None:
    assert write_changed(tmp_path, {"a": b"1", "b": b"2"})
    assert not write_changed(tmp_path, {"a": b"1", "b": b"2"})
    assert write_changed(tmp_path, {"a": b"1", "b": b"3"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir())


def test_rules_that_cannot_be_written_stay_as_they_were(tmp_path: Path) -> None:
    write_changed(tmp_path, {"a": b"1"})
    (tmp_path / ".a.new").mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        write_changed(tmp_path, {"a": b"2"})
    assert (tmp_path / "a").read_bytes() == b"1"


def test_a_talkative_child_cannot_fill_the_disk(tmp_path: Path) -> None:
    log = BoundedLog(tmp_path / "log", bytes_max=1000)
    for number in range(1000):
        log.write(f"line {number}\n")
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2200
    assert (tmp_path / "log").read_text("utf-8").endswith("line 999\n")
