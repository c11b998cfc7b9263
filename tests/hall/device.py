"""A simulated device: the product's whole runtime over a disk, a clock and a link that can fail."""

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

from edge.ballot_keypad.adapters.simulated_keys import SimulatedKeys
from edge.ballot_keypad.adapters.simulated_screen import SimulatedScreen
from edge.ballot_keypad.config import KeypadConfig
from edge.ballot_keypad.keypad import Keypad
from edge.ballot_keypad.keys.press import BOUNCE_MS, Button
from edge.device.adapters.memory_outbox import MemoryDisk, MemoryOutboxStore
from edge.device.config import DeviceConfig, Trust
from edge.device.errors import StoreError
from edge.device.events import Call
from edge.device.firmware import Firmware
from edge.device.health import Gauges
from edge.device.identity import Identity
from edge.device.outbox import Outbox, Speaker
from edge.device.parts import Parts
from edge.device.ports import LinkEvent
from edge.device.runtime import DeviceRuntime
from edge.device.twin import TwinKey
from tests.hall.network import HostileBroker, HostileLink
from tests.hall.world import Fuse, PowerCut, SteppableClock, World
from wire.down import CommandMessage, DownMessage, SittingNotice
from wire.ids import CongressId, DeviceId, HallId, MemberRef, SittingId
from wire.records import Passage
from wire.signers import Ed25519Signer

CONGRESS, HALL = CongressId("congress-1"), HallId("hall-1")
BOOT_MS = (500.0, 6000.0)


class GateOnly:
    """Firmware that records passages and looks at no face: the gate's outbox, without its camera."""

    twin_keys: tuple[TwinKey, ...] = ()
    commands: frozenset[str] = frozenset()
    secret_open = False

    def __init__(self, runtime: DeviceRuntime) -> None:
        self._runtime = runtime
        self.sitting: SittingId | None = None
        self.told_recorded = 0

    def walk(self, member: MemberRef) -> None:
        """Somebody passes while a sitting is open."""
        if self.sitting is not None:
            with contextlib.suppress(StoreError):  # the disk is full: nobody is told that it was stored
                self._runtime.append(Passage(self.sitting, member, "in", "badge"))

    def on_start(self) -> None: ...

    def on_down(self, message: DownMessage) -> None:
        if isinstance(message.body, SittingNotice):
            self.sitting = message.body.sitting if message.body.state == "open" else None

    def on_receipt(self, marked_seq: int) -> None:
        self.told_recorded = marked_seq

    def on_command(self, command: CommandMessage) -> None: ...

    def on_tick(self) -> None: ...


class SteppedRuntime(DeviceRuntime):
    """What other threads would post is done at once: here there is one thread."""

    def post(self, what: Callable[[], None]) -> None:
        self.handle(Call(what))


class NoGauges:
    def read(self) -> Gauges:
        return Gauges(None, None, None)


class Device:
    """One device through all its starts. done: called after everything that happens to it."""

    def __init__(
        self, world: World, broker: HostileBroker, name: str, role: str, trust: Trust,
        done: Callable[["Device"], None],
    ) -> None:  # fmt: skip
        self.world, self.broker, self.name, self.role = world, broker, DeviceId(name), role
        self.signer = Ed25519Signer(
            name, ed25519.Ed25519PrivateKey.from_private_bytes(world.rng.randbytes(32))
        )
        config = DeviceConfig(CONGRESS, HALL, self.name, role, "en", "broker", 8883, trust, hands=True)
        self.identity = Identity(config, self.signer)
        self.disk = MemoryDisk()
        self.fuse = Fuse()
        self.disk.step = self.fuse.burn
        self.clock = SteppableClock(world)
        self.banned = False
        """The broker knows it no more."""
        self.runtime: SteppedRuntime | None = None
        self.firmware: Firmware | None = None
        self.keys: SimulatedKeys | None = None
        self.starts = 0
        self.link: HostileLink | None = None
        self._done = done
        self._tick_due_ms: float | None = None

    # -- power -------------------------------------------------------------------------------------------

    def boot(self) -> None:
        if self.runtime is not None:
            return
        self.starts += 1
        self.clock = self.clock.restarted()
        self._do(self._start)

    def cut(self) -> None:
        """The power goes, now."""
        if self.runtime is not None:
            self._die()

    def ban(self) -> None:
        """The broker throws it out, for good."""
        self.banned = True
        if self.link is not None:
            self.link.banned = True
            self.link.cut()

    def _start(self) -> None:
        speaker = Speaker(CONGRESS, HALL, self.name)
        outbox = Outbox(
            MemoryOutboxStore(self.disk), self.signer, speaker, lambda: self.world.rng.randbytes(8)
        )
        link = HostileLink(self.broker, self.identity.subscriptions)
        parts = Parts(self.identity, outbox, link, self.clock, NoGauges(), self.world.rng.random, "hall 1")
        runtime = SteppedRuntime(parts)
        self.link = link
        self.firmware = self._firmware(runtime)
        self.runtime = runtime
        runtime.begin(self.firmware)
        if self.banned:
            self.ban()
        start = self.starts
        link.start(lambda event: self.world.after(0, partial(self._event, start, event)))

    def _firmware(self, runtime: DeviceRuntime) -> Firmware:
        if self.role != "keypad":
            return GateOnly(runtime)
        self.keys = SimulatedKeys(runtime.clock.monotonic_ms)
        return Keypad(runtime, KeypadConfig(BOUNCE_MS, {}), self.keys, SimulatedScreen())

    def _die(self) -> None:
        self.world.say(f"{self.name} loses power")
        if self.link is not None:
            self.link.close()
        self.runtime = self.firmware = self.keys = self.link = None
        self.fuse.left = 0
        self._tick_due_ms = None
        self.world.after(self.world.between(*BOOT_MS), self.boot)

    # -- what happens to it ------------------------------------------------------------------------------

    def _do(self, what: Callable[[], None]) -> None:
        try:
            what()
            if self.runtime is not None:
                self._arm(self.runtime.tick())
        except PowerCut:
            self._die()
        except StoreError as err:  # only a start raises it: the service manager tries again
            self.world.say(f"{self.name} cannot start: {err.what}")
            self._die()
        self._done(self)

    def _event(self, start: int, event: LinkEvent) -> None:
        if start == self.starts and self.runtime is not None:
            self._do(partial(self.runtime.handle, event))

    def _arm(self, due_ms: int) -> None:
        due = self.world.now_ms + max(1, due_ms - (self.clock.monotonic_ms()))
        if self._tick_due_ms is not None and self.world.now_ms < self._tick_due_ms <= due:
            return
        self._tick_due_ms = due
        self.world.after(due - self.world.now_ms, partial(self._tick, self.starts, due))

    def _tick(self, start: int, due: float) -> None:
        if start == self.starts and due == self._tick_due_ms:
            self._tick_due_ms = None
            self._do(lambda: None)

    # -- people ------------------------------------------------------------------------------------------

    def walk(self, member: MemberRef) -> None:
        if isinstance(self.firmware, GateOnly):
            self._do(partial(self.firmware.walk, member))

    def press(self, button: Button) -> None:
        if self.keys is not None:
            self._do(partial(self.keys.push, button))

    def look(self) -> dict[str, Any]:
        """What a person sees at a keypad; empty while it is off."""
        return self.firmware.look() if isinstance(self.firmware, Keypad) else {}

    @property
    def question_counted(self) -> str | None:
        """The question of which the keypad knows between which leaves its ballots count."""
        word = self.firmware.open_vote.ballot.counted if isinstance(self.firmware, Keypad) else None
        return word.question if word is not None else None
