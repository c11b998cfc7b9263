"""Edges of bouncing contacts -> what a person wants. Pure.

A contact bounces when it closes and when it opens, for a few milliseconds. A press counts at its first
closing edge, at once; until the contact has been still for BOUNCE_MS, all further edges of that button are
its bounces.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

BOUNCE_MS: Final = 30
"""Tactile switches settle within 5 to 10 ms; nobody presses one button twice in 30."""


class Button(StrEnum):
    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"
    OK = "ok"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Edge:
    """at_ms: monotonic."""

    button: Button
    is_down: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class Contacts:
    """When each button last moved, and which are down."""

    moved_ms: dict[Button, int] = field(default_factory=dict)
    down: frozenset[Button] = frozenset()


def step(contacts: Contacts, edge: Edge, bounce_ms: int = BOUNCE_MS) -> tuple[Contacts, Button | None]:
    """The contacts after an edge, and the button if this edge is a press."""
    last_ms = contacts.moved_ms.get(edge.button)
    still = last_ms is None or edge.at_ms - last_ms >= bounce_ms
    pressed = edge.is_down and still and edge.button not in contacts.down
    moved = {**contacts.moved_ms, edge.button: edge.at_ms}
    down = contacts.down | {edge.button} if edge.is_down else contacts.down - {edge.button}
    return Contacts(moved, down), edge.button if pressed else None
