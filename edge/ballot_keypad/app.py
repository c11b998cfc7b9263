"""The keypad: the only place that chooses real or simulated hardware, and joins presses, ballot, outbox and
screen."""

import logging
import sys
from typing import Any, Final

from edge.ballot_keypad import ballot as life
from edge.ballot_keypad.adapters.console_screen import ConsoleScreen
from edge.ballot_keypad.adapters.simulated_keys import SimulatedKeys
from edge.ballot_keypad.adapters.simulated_screen import SimulatedScreen
from edge.ballot_keypad.ballot import Ballot
from edge.ballot_keypad.config import KeypadConfig, keypad_config
from edge.ballot_keypad.ports import Keys, Screen
from edge.ballot_keypad.press import Button, Contacts, Edge, step
from edge.ballot_keypad.record import CAST, ballot_record, cast_of, decode_cast, encode_cast
from edge.ballot_keypad.screen import Surroundings, view
from edge.device.adapters.device_folder import DeviceFolder
from edge.device.commands import IDENTIFY
from edge.device.errors import DeviceError, StoreError
from edge.device.runtime import DeviceRuntime
from edge.device.twin import DISPLAY, MEMBER, SEAT, TwinKey
from wire.down import BallotNotice, CommandMessage, Counted, DownMessage, Twin
from wire.ids import MemberRef

IDENTIFY_MS: Final = 10_000
_log: Final = logging.getLogger("hallward.keypad")


class Keypad:
    """Firmware of one keypad. Raises nothing in a callback but what would be our own mistake."""

    twin_keys: tuple[TwinKey, ...] = (SEAT, MEMBER, DISPLAY)
    commands: frozenset[str] = frozenset({IDENTIFY})
    secret_open = (
        False  # the secret ballot is another record type and brings its own question kind (DESIGN §7)
    )

    def __init__(self, runtime: DeviceRuntime, config: KeypadConfig, keys: Keys, screen: Screen) -> None:
        self._runtime = runtime
        self._config = config
        self._keys = keys
        self._screen = screen
        self._contacts = Contacts()
        self._ballot = Ballot()
        self._identify_until_ms = 0
        self._shown: list[str] = []
        self._screen_failed = False

    # -- callbacks of the runtime ------------------------------------------------------------------------

    def on_start(self) -> None:
        outbox = self._runtime.outbox
        cast = decode_cast(outbox.value(CAST))
        self._ballot = life.seated(Ballot(cast=cast, marked_seq=outbox.marked_seq), self._member())
        self._keys.start(lambda edge: self._runtime.post(lambda: self.moved(edge)))
        self._runtime.on_close(self._keys.close)
        self._show()

    def on_down(self, message: DownMessage) -> None:
        if isinstance(message.body, Twin):
            self._ballot = life.seated(self._ballot, self._member())
        elif isinstance(message.body, BallotNotice):
            before = self._ballot.cast
            self._ballot = life.noticed(self._ballot, message.body, message.expires_ms)
            if self._ballot.cast is not None and self._ballot.cast != before:
                self._keep_late(encode_cast(self._ballot.cast))
        elif isinstance(message.body, Counted):
            self._ballot = life.counted(self._ballot, message.body)
        self._show()

    def on_receipt(self, marked_seq: int) -> None:
        self._ballot = life.marked(self._ballot, marked_seq, self._runtime.outbox.marked_leaf)
        self._show()

    def on_command(self, command: CommandMessage) -> None:
        if command.command == IDENTIFY:
            self._identify_until_ms = self._runtime.clock.monotonic_ms() + IDENTIFY_MS
            self._show()

    def on_tick(self) -> None:
        self._ballot = life.aged(self._ballot, self._runtime.clock.wall_ms())
        self._show()

    # -- the person --------------------------------------------------------------------------------------

    def moved(self, edge: Edge) -> None:
        """A contact moved. In the loop's thread."""
        self._contacts, button = step(self._contacts, edge, self._config.bounce_ms)
        if button is None:
            return
        self._runtime.counters.own["keys"] += 1
        self._ballot = life.aged(self._ballot, self._runtime.clock.wall_ms())
        self._ballot, save = life.pressed(self._ballot, button)
        if save:
            self._save()
        self._show()

    def look(self) -> dict[str, Any]:
        """What a person sees, for the hands of a simulation."""
        cast = self._ballot.own_cast
        return {
            "screen": list(self._shown),
            "state": self._ballot.state.value,
            "choice": cast.choice if cast else None,
            "connected": self._runtime.is_connected,
        }

    def _save(self) -> None:
        record = ballot_record(self._ballot)
        if record is None:
            return
        cast = cast_of(record, self._runtime.outbox.last_seq + 1)
        try:
            self._runtime.append(record, {CAST: encode_cast(cast)})
        except StoreError as err:
            _log.error("%s", err.diagnostics())
            self._ballot = life.not_saved(self._ballot)
            return
        self._ballot = life.saved(self._ballot, cast)

    def _keep_late(self, cast: bytes) -> None:
        try:
            self._runtime.outbox.keep({CAST: cast})
        except StoreError as err:
            _log.error("%s", err.diagnostics())

    def _member(self) -> MemberRef | None:
        found = self._runtime.twin.get(MEMBER.name)
        return MemberRef(found) if isinstance(found, bytes) else None

    def _show(self) -> None:
        twin = self._runtime.twin
        around = Surroundings(
            device=self._runtime.identity.device,
            seat=str(twin.get(SEAT.name) or ""),
            display=str(twin.get(DISPLAY.name) or ""),
            is_connected=self._runtime.is_connected,
            is_identifying=self._runtime.clock.monotonic_ms() < self._identify_until_ms,
        )
        lines = view(self._ballot, around, self._runtime.identity.config.language)
        if lines == self._shown:
            return
        self._shown = lines
        try:
            self._screen.show(lines)
            self._screen_failed = False
        except DeviceError as err:
            if not self._screen_failed:
                _log.error("%s", err.diagnostics())
            self._screen_failed = True


def build(folder: DeviceFolder, runtime: DeviceRuntime) -> Keypad:
    """The keypad over its runtime, with the hardware that device.toml names. Raises ConfigError,
    DeviceError."""
    device = folder.identity.config
    config = keypad_config(device.firmware, str(folder.path / "device.toml"), simulated=device.hands)
    if not device.hands:
        from edge.ballot_keypad.adapters.gpiozero_keys import GpiozeroKeys  # noqa: PLC0415  # only on the hardware

        keys = GpiozeroKeys(config.pins, runtime.clock.monotonic_ms)
        return Keypad(runtime, config, keys, ConsoleScreen(sys.stdout))
    simulated = SimulatedKeys(runtime.clock.monotonic_ms)
    keypad = Keypad(runtime, config, simulated, SimulatedScreen())
    _give_hands(folder, runtime, keypad, simulated)
    return keypad


def _give_hands(folder: DeviceFolder, runtime: DeviceRuntime, keypad: Keypad, keys: SimulatedKeys) -> None:
    from edge.device.adapters.hands_socket import HandsSocket  # noqa: PLC0415  # only in a simulation

    def answer(wish: dict[str, Any]) -> dict[str, Any]:
        obey(keys, wish)
        return runtime.ask(keypad.look)  # behind the press in the loop's queue

    runtime.on_close(HandsSocket(folder.hands_socket, answer).close)


def obey(keys: SimulatedKeys, wish: dict[str, Any]) -> None:
    """`{"do": "press", "button": …}` or `{"do": "look"}`. Raises DeviceError for anything else."""
    if wish.get("do") == "look":
        return
    if wish.get("do") != "press":
        raise DeviceError('a keypad can {"do": "press", "button": …} and {"do": "look"}')
    if wish.get("button") not in set(Button):
        raise DeviceError("button must be one of " + ", ".join(Button))
    keys.push(Button(str(wish["button"])))
