"""A firmware that writes down what its runtime tells it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from edge.device.runtime import DeviceRuntime
from edge.device.twin import DISPLAY, MEMBER, SEAT, TwinKey
from wire import fields
from wire.down import CommandMessage, DownMessage
from wire.fields import Body


@dataclass
class Recorder:
    runtime: DeviceRuntime
    down: list[Body] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    commanded: list[bytes] = field(default_factory=list)
    twin_keys: tuple[TwinKey, ...] = (
        SEAT,
        MEMBER,
        DISPLAY,
        TwinKey("threshold", fields.count, freezable=True),
    )
    commands: frozenset[str] = frozenset({"identify"})
    secret_open: bool = False

    def on_start(self) -> None:
        assert self.runtime.outbox.boot > 0

    def on_down(self, message: DownMessage) -> None:
        self.down.append(message.body)

    def on_receipt(self, marked_seq: int) -> None:
        self.marks.append(marked_seq)

    def on_command(self, command: CommandMessage) -> None:
        self.commanded.append(command.id)

    def on_tick(self) -> None:
        """Nothing is due here."""


@pytest.fixture
def recorder() -> Callable[[DeviceRuntime], Recorder]:
    return Recorder
