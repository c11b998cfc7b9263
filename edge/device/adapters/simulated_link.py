"""A link to a broker that is an object in the same process. Hands: `cut`, `heal`, `lose`, `double`,
`swap`."""

from collections.abc import Callable, Sequence

from edge.device.ports import Arrived, LinkDown, LinkEvent, LinkUp


class SimulatedBroker:
    """Routes what one link publishes to every other whose filters match. `+` is one level, as in MQTT; no
    `#`."""

    def __init__(self) -> None:
        self.links: list[SimulatedLink] = []
        self.published: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes) -> None:
        self.published.append((topic, payload))
        for link in list(self.links):
            if any(_matches(pattern, topic) for pattern in link.subscriptions):
                link.deliver(topic, payload)


class SimulatedLink:
    """Link over a SimulatedBroker. Everything happens at once, in the caller's thread, unless a fault is
    switched on."""

    def __init__(self, broker: SimulatedBroker, subscriptions: Sequence[str]) -> None:
        self._broker = broker
        self.subscriptions = tuple(subscriptions)
        self._inbox: Callable[[LinkEvent], None] | None = None
        self._reachable = True
        self._held: tuple[str, bytes] | None = None
        self.lose: Callable[[str], bool] = lambda _: False
        """Asked for every message sent; True loses it."""
        self.double = False
        self.swap = False
        """Hold every second message back until the next one has gone."""

    @property
    def is_up(self) -> bool:
        return self._reachable and self._inbox is not None

    def start(self, inbox: Callable[[LinkEvent], None]) -> None:
        self._inbox = inbox
        if self._reachable:
            self._join()
        else:
            inbox(LinkDown("cut"))

    def publish(self, topic: str, payload: bytes) -> None:
        if not self.is_up or self.lose(topic):
            return
        if self.swap and self._held is None:
            self._held = (topic, payload)
            return
        for _ in range(2 if self.double else 1):
            self._broker.publish(topic, payload)
        if self._held is not None:
            held, self._held = self._held, None
            self._broker.publish(*held)

    def close(self) -> None:
        self._inbox = None
        self._leave()

    def deliver(self, topic: str, payload: bytes) -> None:
        if self._inbox is not None and self._reachable:
            self._inbox(Arrived(topic, payload))

    def cut(self) -> None:
        """Pull the cable."""
        if self._reachable:
            self._reachable = False
            self._held = None
            self._leave()
            if self._inbox is not None:
                self._inbox(LinkDown("cut"))

    def heal(self) -> None:
        """Plug it in again."""
        if not self._reachable:
            self._reachable = True
            if self._inbox is not None:
                self._join()

    def _join(self) -> None:
        self._broker.links.append(self)
        if self._inbox is not None:
            self._inbox(LinkUp())

    def _leave(self) -> None:
        if self in self._broker.links:
            self._broker.links.remove(self)


def _matches(pattern: str, topic: str) -> bool:
    wanted, found = pattern.split("/"), topic.split("/")
    return len(wanted) == len(found) and all(w in ("+", f) for w, f in zip(wanted, found, strict=True))
