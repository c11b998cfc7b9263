"""Somebody with a stolen certificate, and a broker in other hands."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from edge.device.ports import Arrived, Link, LinkEvent
from tests.servers.mqtt_client import TestClient, client
from tests.system.hall import SystemHall

Tamper = Callable[[str, bytes], list[bytes]]


@contextmanager
def with_the_certificate_of(
    hall: SystemHall, name: str, client_id: str | None = None
) -> Iterator[TestClient]:
    """An MQTT client on the real broker that can do what this device may do, once the broker knows it."""
    hall.until(lambda: _is_known(hall, name), f"the broker knows {name}")
    with client(hall.config.broker_port, hall.credentials(name), client_id=client_id) as intruder:
        yield intruder


def _is_known(hall: SystemHall, name: str) -> bool:
    knocking, credentials = TestClient(), hall.credentials(name)
    try:
        return knocking.connect(hall.config.broker_port, credentials, authority=credentials.authority)
    finally:
        knocking.close()


class HostileLink:
    """A link whose broker does as it likes with what it is given, while `tamper` is set, and forges
    deliveries."""

    def __init__(self, honest: Link) -> None:
        self._honest = honest
        self._inbox: Callable[[LinkEvent], None] = lambda _: None
        self.tamper: Tamper | None = None
        self.listen: Callable[[LinkEvent], None] = lambda _: None

    def start(self, inbox: Callable[[LinkEvent], None]) -> None:
        def both(event: LinkEvent) -> None:
            self.listen(event)
            inbox(event)

        self._inbox = inbox
        self._honest.start(both)

    def publish(self, topic: str, payload: bytes) -> None:
        for changed in self.tamper(topic, payload) if self.tamper is not None else [payload]:
            self._honest.publish(topic, changed)

    def forge(self, topic: str, payload: bytes) -> None:
        """Deliver to the device what nobody published."""
        self._inbox(Arrived(topic, payload))

    def close(self) -> None:
        self._honest.close()


class Disorder:
    """Doubles records, holds them back and shuffles them, and loses one now and then."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._held: list[bytes] = []
        self.sent = 0

    def __call__(self, topic: str, payload: bytes) -> list[bytes]:
        if not topic.endswith("/up/rec"):
            return [payload]
        self._held += [payload] * self._rng.choice((1, 1, 2, 3) if self._rng.random() > 0.02 else (0,))
        if len(self._held) < 6:
            return []
        self._rng.shuffle(self._held)
        out, self._held = self._held[:5], self._held[5:]
        self.sent += len(out)
        return out
