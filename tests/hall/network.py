"""A network and a broker that lose, delay, double, reorder and repeat; and that may be somebody else's."""

import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from edge.device.adapters.simulated_link import SimulatedBroker, SimulatedLink
from edge.device.ports import Arrived, LinkDown, LinkEvent, LinkUp
from fleet.ingest.ports import Arrival
from tests.hall.world import Fuse, World
from wire import topics
from wire.errors import RecordRejected
from wire.ids import HallId

HEARD_MAX = 600


@dataclass(frozen=True, slots=True)
class Weather:
    """Shares of 1 and times in ms, for every delivery."""

    lose: float = 0.0
    double: float = 0.0
    late: float = 0.0
    late_ms: float = 0.0
    least_ms: float = 1.0
    most_ms: float = 12.0


CALM = Weather()


class HostileBroker(SimulatedBroker):
    """Routes as the product's simulated broker does, and remembers what it heard, to say it again later."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.weather = CALM
        self.deaf_to: set[str] = set()
        """Devices whose receipts are swallowed."""
        self.heard: deque[tuple[str, bytes]] = deque(maxlen=HEARD_MAX)
        self.carried = 0
        self.life = 0
        """Rises when it is restarted: what it had under way is gone then."""
        self._count: Counter[str] = Counter()

    def publish(self, topic: str, payload: bytes) -> None:
        self.heard.append((topic, payload))
        self.carried += 1
        super().publish(topic, payload)
        self.published.clear()

    def restart(self) -> None:
        """Killed and started again: every connection breaks, nothing under way survives."""
        self.life += 1
        for link in list(self.links):
            link.cut()
            self.world.after(self.world.between(200, 4000), link.heal)

    def fates(self, topic: str) -> list[float]:
        """Delays after which copies of this delivery arrive; none when it is lost.

        Chance here hangs on the topic and how often it was used, not on the order of calls: the product
        iterates over sets of names, whose order changes from process to process.
        """
        self._count[topic] += 1
        weather = self.weather
        if topic.endswith("/down/ack") and topic.split("/")[2] in self.deaf_to:
            return []
        draw = _draws(f"{self.world.seed}|{topic}|{self._count[topic]}")
        if draw() < weather.lose:
            return []
        copies = 2 if draw() < weather.double else 1
        return [
            weather.least_ms
            + draw() * (weather.most_ms - weather.least_ms)
            + (draw() * weather.late_ms if draw() < weather.late else 0.0)
            for _ in range(copies)
        ]


class HostileLink(SimulatedLink):
    """The product's simulated link, whose deliveries take their time, if they come at all."""

    def __init__(self, broker: HostileBroker, subscriptions: Sequence[str]) -> None:
        super().__init__(broker, subscriptions)
        self._hostile = broker
        self.banned = False
        """The broker's access list knows its certificate no more."""

    def heal(self) -> None:
        if not self.banned:
            super().heal()

    def deliver(self, topic: str, payload: bytes) -> None:
        for delay_ms in self._hostile.fates(topic):
            self._hostile.world.after(delay_ms, partial(self._arrive, self._hostile.life, topic, payload))

    def _arrive(self, life: int, topic: str, payload: bytes) -> None:
        if life == self._hostile.life:
            super().deliver(topic, payload)


class IngestLink:
    """The port fleet.ingest.ports.Link over a hostile link. What a turn publishes goes out at its end."""

    def __init__(self, broker: HostileBroker, hall: HallId, fuse: Fuse, wake: Callable[[], None]) -> None:
        self._broker, self._fuse, self._wake = broker, fuse, wake
        self.cable = HostileLink(broker, (topics.ingest_filter(hall),))
        self._arrived: deque[Arrival] = deque()
        self._outgoing: list[tuple[str, bytes]] = []
        self.connected = False
        self.said: list[tuple[str, bytes]] = []
        """Published since somebody last looked."""

    def start(self) -> None:
        self.cable.start(self._event)

    def pump(self, timeout_s: float, wake: Sequence[Any]) -> None:
        """The world moves on between turns, not within them."""

    def take(self, at_most: int) -> list[Arrival]:
        return [self._arrived.popleft() for _ in range(min(at_most, len(self._arrived)))]

    @property
    def waiting(self) -> int:
        return len(self._arrived)

    def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        if arrivals:
            self._fuse.burn()

    def publish(self, topic: str, payload: bytes, qos: int) -> None:
        self._fuse.burn()
        if self.connected:
            self._outgoing.append((topic, payload))
            self.said.append((topic, payload))

    def flush(self) -> None:
        """Send what the turn said, in an order that no hash seed decides."""
        outgoing, self._outgoing = self._outgoing, []
        for topic, payload in sorted(outgoing, key=lambda each: each[0]):
            self.cable.publish(topic, payload)

    def _event(self, event: LinkEvent) -> None:
        if isinstance(event, LinkUp | LinkDown):
            self.connected = isinstance(event, LinkUp)
        elif isinstance(event, Arrived):
            try:
                found = topics.parse_up(event.topic)
            except RecordRejected:
                return
            self._arrived.append(Arrival(found.kind, found.device, event.payload, None))
        self._wake()


def _draws(name: str) -> Callable[[], float]:
    """Numbers in [0, 1) that depend on the name alone."""
    state = zlib.crc32(name.encode())

    def draw() -> float:
        nonlocal state
        state = (state * 1_103_515_245 + 12_345) & 0x7FFFFFFF
        return (state >> 8) / (1 << 23)

    return draw


def links_of(broker: HostileBroker, names: Iterable[str]) -> list[SimulatedLink]:
    """Links of these devices that are connected now."""
    wanted = set(names)
    return [link for link in broker.links if any(f.split("/")[2] in wanted for f in link.subscriptions)]
