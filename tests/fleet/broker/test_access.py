"""Who may say and hear what, and how both brokers are told."""

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.broker.access import User, hall_users
from fleet.broker.mosquitto_config import mosquitto_access, mosquitto_config, takeover
from fleet.broker.nats_config import nats_config
from fleet.broker.settings import BrokerSettings
from fleet.errors import ConfigError
from wire import topics
from wire.errors import BadSchema
from wire.ids import RESERVED, DeviceId, HallId

HALL = HallId("hall-1")
names = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", fullmatch=True).map(DeviceId)


@pytest.fixture
def settings(tmp_path: Path) -> BrokerSettings:
    return BrokerSettings(
        hall=HALL,
        folder=tmp_path / "broker",
        certificate=tmp_path / "server.crt",
        key=tmp_path / "server.key",
        authority=tmp_path / "ca.crt",
        revocations=tmp_path / "ca.crl",
    )


def matches(topic_filter: str, topic: str) -> bool:
    """OASIS MQTT 3.1.1 §4.7, without `#`, which no filter of ours holds."""
    wanted, given_ = topic_filter.split("/"), topic.split("/")
    return len(wanted) == len(given_) and all(w in ("+", g) for w, g in zip(wanted, given_, strict=True))


def may(user: User, verb: str, topic: str) -> bool:
    return any(matches(text, topic) for text in getattr(user, verb))


@given(st.sets(names, min_size=2, max_size=6))
def test_no_device_may_touch_anothers_topics(devices: set[DeviceId]) -> None:
    users = {user.name: user for user in hall_users(HALL, devices)}
    for one, other in itertools.permutations(devices - RESERVED, 2):
        for up in topics.Up:
            assert may(users[one], "publish", topics.up(HALL, one, up))
            assert not may(users[one], "publish", topics.up(HALL, other, up))
            assert not may(users[one], "subscribe", topics.up(HALL, one, up))
        for down in topics.Down:
            assert may(users[one], "subscribe", topics.down(HALL, one, down))
            assert not may(users[one], "subscribe", topics.down(HALL, other, down))
            assert not may(users[one], "publish", topics.down(HALL, one, down))
        for kind in topics.All:
            assert may(users[one], "subscribe", topics.broadcast(HALL, kind))
            assert not may(users[one], "publish", topics.broadcast(HALL, kind))


@given(names)
def test_ingest_hears_every_device_and_speaks_for_none(device: DeviceId) -> None:
    ingest = hall_users(HALL, [device])[0]
    assert ingest.name == "ingest"
    assert all(may(ingest, "subscribe", topics.up(HALL, device, kind)) for kind in topics.Up)
    assert all(may(ingest, "publish", topics.down(HALL, device, kind)) for kind in topics.Down)
    assert all(may(ingest, "publish", topics.broadcast(HALL, kind)) for kind in topics.All)
    assert not any(may(ingest, "publish", topics.up(HALL, device, kind)) for kind in topics.Up)


@given(names, names)
def test_another_hall_is_out_of_reach(device: DeviceId, other_hall: DeviceId) -> None:
    other = HallId(other_hall)
    for user in hall_users(HALL, [device]):
        for verb in ("publish", "subscribe"):
            reached = may(user, verb, topics.up(other, device, topics.Up.REC))
            assert not reached or other == HALL


def test_names_of_the_fleet_never_become_devices() -> None:
    assert [user.name for user in hall_users(HALL, [*RESERVED, DeviceId("gate-1")])] == ["ingest", "gate-1"]


@pytest.mark.parametrize("name", ["a b", "+", "a/b", 'a"', "a\nuser root", ""])
def test_a_name_that_could_break_out_of_a_config_file_is_refused(name: str) -> None:
    with pytest.raises(BadSchema):
        hall_users(HALL, [DeviceId(name)])


def test_the_same_registry_gives_the_same_text(settings: BrokerSettings) -> None:
    one = hall_users(HALL, [DeviceId("b"), DeviceId("a"), DeviceId("a")])
    two = hall_users(HALL, [DeviceId("a"), DeviceId("b")])
    assert nats_config(settings, one) == nats_config(settings, two)
    assert mosquitto_access(one) == mosquitto_access(two)


def test_every_nats_user_may_come_by_mqtt_alone(settings: BrokerSettings) -> None:
    """Users have no password: over NATS's own protocol anybody could name one."""
    text = nats_config(settings, hall_users(HALL, [DeviceId("gate-1"), DeviceId("keypad-1")]))
    users = re.findall(r"user: \"CN=.*", text)
    assert len(users) == 3
    assert all('allowed_connection_types: ["MQTT"]' in user for user in users)
    assert text.count("verify_and_map: true") == 2
    assert "$MQTT" not in text


def test_nats_has_no_monitoring_port(settings: BrokerSettings) -> None:
    text = nats_config(settings, hall_users(HALL, []))
    assert not re.search(
        r"^\s*(http|https|http_port|monitor_port|cluster|leafnodes|websocket)\b", text, re.MULTILINE
    )


def test_paths_with_quotes_and_spaces_stay_paths(settings: BrokerSettings, tmp_path: Path) -> None:
    odd = replace(settings, key=tmp_path / 'a "key" of\\ours')
    assert 'a \\"key\\" of\\\\ours' in nats_config(odd, ())
    assert f'keyfile {tmp_path}/a "key" of\\ours\n' in mosquitto_config(odd)


@pytest.mark.parametrize("port", [0, 65536, -1])
def test_a_port_out_of_range_is_named(settings: BrokerSettings, port: int) -> None:
    with pytest.raises(ConfigError, match="1 to 65535"):
        replace(settings, port=port)


def test_a_path_with_a_line_break_cannot_add_a_line_to_the_config(settings: BrokerSettings) -> None:
    with pytest.raises(ConfigError, match="line break"):
        replace(settings, key=Path("x\nallow_anonymous true"))


@given(names)
def test_the_takeover_packet_is_the_one_of_the_standard(device: DeviceId) -> None:
    packet = takeover(device)
    assert packet[0] == 0x10
    assert packet[1] == len(packet) - 2 < 128
    assert packet[2:9] == b"\x00\x04MQTT\x04"
    assert packet[9] == 0x02
    assert packet[12:14] == len(device).to_bytes(2, "big")
    assert packet[14:] == device.encode()
