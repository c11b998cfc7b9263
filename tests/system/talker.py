"""A device in the test's own process: the product's runtime, outbox and MQTT link, without hardware."""

import random
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from edge.device.adapters.device_folder import DeviceFolder, read_folder
from edge.device.adapters.mqtt_link import BrokerAddress, MqttLink
from edge.device.adapters.system_clock import SystemClock
from edge.device.adapters.system_gauges import SystemGauges
from edge.device.errors import StoreError
from edge.device.outbox import Outbox
from edge.device.parts import Parts
from edge.device.ports import Clock, Link
from edge.device.runtime import DeviceRuntime
from edge.device.twin import TwinKey
from wire.down import CommandMessage, DownMessage
from wire.ids import MemberRef, SittingId
from wire.records import Passage, record_hash

_ALL: Final = 2**31
Answer = TypeVar("Answer")


class _Silent:
    """Firmware that does nothing by itself."""

    twin_keys: tuple[TwinKey, ...] = ()
    commands: frozenset[str] = frozenset()
    secret_open = False

    def __init__(self, heard: list[DownMessage]) -> None:
        self._heard = heard

    def on_start(self) -> None: ...

    def on_down(self, message: DownMessage) -> None:
        self._heard.append(message)

    def on_receipt(self, marked_seq: int) -> None: ...

    def on_command(self, command: CommandMessage) -> None: ...

    def on_tick(self) -> None: ...


class Talker:
    """Starts at once. `say` makes records, as fast as the disk allows. clock, link, outbox: for faults of
    these."""

    def __init__(
        self,
        folder: Path,
        sitting: str,
        *,
        clock: Clock | None = None,
        link: Callable[[MqttLink], Link] = lambda link: link,
        outbox: Callable[[DeviceFolder], Outbox] = DeviceFolder.open_outbox,
    ) -> None:
        read = read_folder(folder, "gate")
        config = read.identity.config
        self.name = config.device
        self.identity = read.identity
        self.heard: list[DownMessage] = []
        self._sitting = SittingId(sitting)
        address = BrokerAddress(
            config.broker_host, config.broker_port, folder / "ca.crt", folder / "identity.crt",
            folder / "identity.key",
        )  # fmt: skip
        self.mqtt = MqttLink(address, read.identity.subscriptions)
        self.runtime = DeviceRuntime(
            Parts(
                identity=read.identity,
                outbox=outbox(read),
                link=link(self.mqtt),
                clock=clock or SystemClock(),
                gauges=SystemGauges(read.state),
                jitter=random.random,
                software="talker",
            )
        )
        self._thread = threading.Thread(
            target=self.runtime.run, args=(_Silent(self.heard),), name=f"talker-{self.name}"
        )
        self._thread.start()

    def say(self, count: int, member: bytes | None = None) -> None:
        """Passages of this many different people, or of this one; returns once they are durable."""

        def append() -> dict[str, Any]:
            for _ in range(count):
                who = MemberRef(member if member is not None else random.randbytes(16))
                self.runtime.append(Passage(self._sitting, who, "in", "usher"))
            return {}

        self.runtime.ask(append)

    def try_to_say(self) -> str | None:
        """One passage; in words why it is not stored, or None when it is."""
        try:
            self.say(1)
        except StoreError as err:
            return err.diagnostics()
        return None

    @property
    def connected(self) -> bool:
        return self.runtime.is_connected

    @property
    def marked(self) -> int:
        return self._asked(lambda: self.runtime.outbox.marked_seq)

    @property
    def last(self) -> int:
        return self._asked(lambda: self.runtime.outbox.last_seq)

    def said(self) -> list[tuple[int, bytes]]:
        """(seq, SHA-256) of every record that is durable here."""
        return [(seq, record_hash(envelope)) for seq, envelope in self.envelopes()]

    def envelopes(self) -> Sequence[tuple[int, bytes]]:
        return self._asked(lambda: self.runtime.outbox.read(1, _ALL))

    def stop(self) -> None:
        if self._thread.is_alive():
            self.runtime.stop()
            self._thread.join(30)
            assert not self._thread.is_alive(), f"{self.name} does not stop"

    def _asked(self, question: Callable[[], Answer]) -> Answer:
        found: Answer = self.runtime.ask(lambda: {"answer": question()})["answer"]
        return found
