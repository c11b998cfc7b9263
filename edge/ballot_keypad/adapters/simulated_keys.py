"""Buttons without fingers. Hands: `push`."""

from collections.abc import Callable

from edge.ballot_keypad.press import Button, Edge


class SimulatedKeys:
    """now_ms: monotonic; the bounces of a real contact come with every push, so that the product meets
    them."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._on_edge: Callable[[Edge], None] = lambda _: None

    def start(self, on_edge: Callable[[Edge], None]) -> None:
        self._on_edge = on_edge

    def push(self, button: Button) -> None:
        """A finger goes down and up again."""
        at_ms = self._now_ms()
        for is_down in (True, False, True, False):
            self._on_edge(Edge(button, is_down, at_ms))

    def close(self) -> None:
        self._on_edge = lambda _: None
