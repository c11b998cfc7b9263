"""An exception in a callback of the network: paho's own thread would die of it in silence."""

from collections.abc import Callable

from edge.device.ports import Arrived, Link, LinkEvent
from tests.system.hall import SystemHall


class StumblingInbox:
    """A link whose every tenth arrival meets a fault of ours."""

    def __init__(self, honest: Link) -> None:
        self._honest = honest
        self._arrivals = 0
        self.stumbles = 0

    def start(self, inbox: Callable[[LinkEvent], None]) -> None:
        def stumble(event: LinkEvent) -> None:
            self._arrivals += isinstance(event, Arrived)
            if isinstance(event, Arrived) and self._arrivals % 10 == 0 and self.stumbles < 3:
                self.stumbles += 1
                raise ZeroDivisionError("a fault of ours in a callback")
            inbox(event)

        self._honest.start(stumble)

    def publish(self, topic: str, payload: bytes) -> None:
        self._honest.publish(topic, payload)

    def close(self) -> None:
        self._honest.close()


def test_the_link_comes_back_and_loses_nothing(hall: SystemHall) -> None:
    links: list[StumblingInbox] = []

    def stumbling(honest: Link) -> StumblingInbox:
        links.append(StumblingInbox(honest))
        return links[0]

    talker = hall.talker("gate-callback", link=stumbling)
    for _ in range(3):
        stumbles = links[0].stumbles

        def say_until_it_stumbles(stumbles: int = stumbles) -> bool:
            talker.say(1)
            return links[0].stumbles > stumbles

        hall.until(say_until_it_stumbles, "a callback raises")
    talker.say(50)
    hall.until_drained(talker)
    assert talker.runtime.counters.reconnects >= 3
    talker.stop()
