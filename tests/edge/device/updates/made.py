"""Targets and machines as tests need them."""

import hashlib
import random
from typing import Any

from edge.device.updating.ports import Wanted
from edge.device.updating.weigh import Machine
from tests.release.making import about
from wire.ids import DeviceId
from wire.updates import Held, Order

DEVICE = DeviceId("gate-01")


def random_bytes(count: int, seed: int = 7) -> bytes:
    return random.Random(f"{seed}/{count}").randbytes(count)


def wanted_of(data: bytes, path: str = "models/net.tar") -> Wanted:
    return Wanted(path, len(data), hashlib.sha256(data).digest(), about(path), {})


def order(component: str = "models", generation: int = 1, rollout: str = "rollout-1") -> Order:
    return Order(rollout, generation, component, "install", 0, 2**50)


def machine(**changes: Any) -> Machine:
    fields: dict[str, Any] = {
        "device": DEVICE,
        "hardware": "gate-pi5",
        "environment": "0123456789abcdef",
        "held": {"firmware": Held(bytes(32), 7)},
        "memory_kb": 4_000_000,
        "disk_kb": 1_000_000,
    }
    return Machine(**{**fields, **changes})
