"""MQTT topic names and filters, built and parsed here and nowhere else (SPEC §4; DESIGN §4)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wire.errors import BadSchema
from wire.ids import DeviceId, HallId, name

ROOT: Final = "hw1"


class Up(StrEnum):
    """What a device publishes."""

    REC = "rec"
    HEALTH = "health"
    BIRTH = "birth"
    BOARD = "board"
    """Board entries and session keys of secret questions, told apart by purpose."""


class Down(StrEnum):
    """What one device receives."""

    ACK = "ack"
    TWIN = "twin"
    CMD = "cmd"


class All(StrEnum):
    """What every device of a hall receives."""

    SITTING = "sitting"
    BALLOT = "ballot"
    FREEZE = "freeze"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class UpTopic:
    hall: HallId
    device: DeviceId
    kind: Up


def up(hall: HallId, device: DeviceId, kind: Up) -> str:
    return f"{ROOT}/{hall}/{device}/up/{kind}"


def down(hall: HallId, device: DeviceId, kind: Down) -> str:
    return f"{ROOT}/{hall}/{device}/down/{kind}"


def broadcast(hall: HallId, kind: All) -> str:
    return f"{ROOT}/{hall}/all/{kind}"


def device_filters(hall: HallId, device: DeviceId) -> tuple[str, ...]:
    """What a device subscribes to. No `#`: on NATS it would need one permission more (notes/broker)."""
    return (f"{ROOT}/{hall}/{device}/down/+", f"{ROOT}/{hall}/all/+")


def ingest_filter(hall: HallId) -> str:
    """What the ingest process of one hall subscribes to."""
    return f"{ROOT}/{hall}/+/up/+"


def parse_up(topic: str) -> UpTopic:
    """Raises BadSchema for anything that `up` does not build."""
    parts = topic.split("/")
    if len(parts) != 5 or parts[0] != ROOT or parts[3] != "up":
        raise BadSchema(f"not an up topic: {topic!r:.80}")
    try:
        kind = Up(parts[4])
    except ValueError:
        raise BadSchema(f"not an up topic: {topic!r:.80}") from None
    return UpTopic(HallId(name(parts[1], "hall")), DeviceId(name(parts[2], "device")), kind)
