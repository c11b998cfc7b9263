"""What the listener does for a hawkBit client: look up, write down. One object per listener.

Nothing here makes an act or signs: the executor of rollouts reads what is written (fleet/rollout/execute.py).
"""

import hmac
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fleet.api.errors import ApiError, Forbidden, NotFound, NotSignedIn, TooMany
from fleet.db import Connection, Engine, reading, take_turn, writing
from fleet.ddi import rules, store
from fleet.ddi.rules import Action
from fleet.rollout import store as rollouts
from fleet.rollout.freezing import freeze_of
from fleet.rollout.rules.shape import DeviceState, RolloutState, Target
from fleet.rollout.rules.slots import is_open, minute_of_day
from fleet.rollout.store import Rollout
from fleet.updates import catalogue
from wire.ids import DeviceId, HallId
from wire.updates import Held

POLL_S: Final = 60
"""How often a client asks that has nothing to do."""
BUSY_POLL_S: Final = 15
"""The same with an action under way: SWUpdate looks so often, while it fetches, whether it still may."""
ASK_EVERY_MS: Final = 3_600_000
"""configData is asked for once an hour, and after every action."""
TOKEN_SCHEME: Final = "TargetToken "  # noqa: S105  # the name of a scheme
WRITES_A_MINUTE: Final = 120
_MAY_BEGIN: Final = (DeviceState.ORDERED, DeviceState.WORKING)
OS_VERSION: Final = "os-version"
"""Attribute of a client that says which image it runs, as its officers called it."""


class Gone(ApiError):
    code = "gone"
    status = 410


@dataclass(frozen=True, slots=True)
class Image:
    """What an action installs. hashes: by name, in hexadecimal."""

    target: Target
    hashes: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.target.path.partition("/")[2]


class Pace:
    """How often each client may make us write: a disk that waits for one waits for the votes, too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._of: Counter[DeviceId] = Counter()

    def count(self, device: DeviceId, now_ms: int) -> None:
        """Raises TooMany above WRITES_A_MINUTE."""
        with self._lock:
            if now_ms // 60_000 != self._minute:
                self._minute = now_ms // 60_000
                self._of.clear()
            self._of[device] += 1
            if self._of[device] > WRITES_A_MINUTE:
                raise TooMany(
                    f"{device} says more than {WRITES_A_MINUTE} things a minute: wait for the next."
                )


class Work:
    """May be used from any thread. poll_s, busy_poll_s: how often clients are to ask."""

    def __init__(
        self,
        hall: HallId,
        data: Path,
        engine: Engine,
        wall_ms: Callable[[], int],
        *,
        poll_s: int = POLL_S,
        busy_poll_s: int = BUSY_POLL_S,
    ) -> None:
        self._pace = Pace()
        self._poll_s = poll_s
        self._busy_poll_s = busy_poll_s
        self._hall = hall
        self._data = data
        self._engine = engine
        self._wall_ms = wall_ms

    def check(self, peer: DeviceId, tenant: str, device: str, authorization: str | None) -> None:
        """Raises NotFound for another hall, Forbidden for another device than that of the certificate,
        NotSignedIn without the token that it was given."""
        if tenant != self._hall:
            raise NotFound(f"The tenant is {self._hall}.")
        if device != peer:
            raise Forbidden(f"This certificate is that of {peer}: the controller's id must be the same.")
        with reading(self._engine) as connection:
            wanted = store.client(connection, peer).token
        if wanted is None:
            return
        shown = authorization or ""
        token = shown.removeprefix(TOKEN_SCHEME) if shown.startswith(TOKEN_SCHEME) else ""
        if not hmac.compare_digest(rules.digest(token), wanted):
            raise NotSignedIn(f"{peer} was given a target token: show it, or have a new one made.")

    def poll(self, device: DeviceId, base: str) -> dict[str, Any]:
        """Raises StoreError."""
        now_ms = self._wall_ms()
        with reading(self._engine) as connection:
            client = store.client(connection, device)
            action = store.waiting(connection, device)
            held = action is not None and self._is_held(connection, action, now_ms)
        if client.polled_ms is None or now_ms - client.polled_ms >= store.POLLED_EVERY_MS:
            with writing(self._engine) as connection:
                take_turn(connection)
                store.set_polled(connection, device, now_ms)
        asks = client.told_ms is None or now_ms - client.told_ms >= ASK_EVERY_MS
        poll_s = self._poll_s if action is None else self._busy_poll_s
        return rules.base_document(base, action, poll_s, held=held, asks=asks)

    def deployment(self, device: DeviceId, number: int, base: str) -> dict[str, Any]:
        """Raises NotFound, Gone, StoreError, ReleaseRefused."""
        with reading(self._engine) as connection:
            action = self._open(connection, device, number)
            image = self._image(connection, action)
            held = self._is_held(connection, action, self._wall_ms())
        target = image.target
        return rules.deployment_document(
            base, action, image.name, target.about.version, target.length, image.hashes, held=held
        )

    def artifact(self, device: DeviceId, number: int, name: str, *, fetches: bool) -> tuple[Path, str]:
        """Where the bytes lie, and their hash. fetches: it asks for them, not whether they are there. Raises
        NotFound; Gone while the action is held."""
        now_ms = self._wall_ms()
        with reading(self._engine) as connection:
            action = self._open(connection, device, number)
            image = self._image(connection, action)
            held = self._is_held(connection, action, now_ms)
        if name != image.name:
            raise NotFound("There is no such file.")
        if held:
            raise Gone("Nothing may be installed now: ask again what there is to do.")
        if fetches and not action.fetched:
            with writing(self._engine) as connection:
                take_turn(connection)
                store.set_fetched(connection, action, now_ms)
        return catalogue.file_of(self._data, image.target), image.target.sha256.hex()

    def cancellation(self, device: DeviceId, number: int) -> dict[str, Any]:
        """Raises NotFound, Gone, StoreError."""
        with reading(self._engine) as connection:
            return rules.cancel_document(self._cancelling(connection, device, number))

    def feedback(self, device: DeviceId, number: int, body: bytes) -> None:
        """Raises BadInput, NotFound, Gone, TooMany, StoreError."""
        said = rules.parse_feedback(body)
        now_ms = self._wall_ms()
        self._pace.count(device, now_ms)
        with writing(self._engine) as connection:
            take_turn(connection)
            action = self._found(connection, device, number)
            if store.is_over(action):
                raise Gone("This action is closed.")
            changed = rules.after(action, said, held=self._is_held(connection, action, now_ms))
            store.set_action(connection, changed, now_ms)
            if changed.outcome == rules.INSTALLED:
                target = self._rollout(connection, action).target
                held = Held(target.sha256, target.about.counter)
                store.set_holds(connection, device, held, target.about.version)
            if changed.outcome is not None:
                store.ask_again(connection, device)

    def cancel_feedback(self, device: DeviceId, number: int, body: bytes) -> None:
        """Raises BadInput, NotFound, Gone, StoreError."""
        said = rules.parse_feedback(body)
        now_ms = self._wall_ms()
        self._pace.count(device, now_ms)
        with writing(self._engine) as connection:
            take_turn(connection)
            action = self._cancelling(connection, device, number)
            store.set_action(connection, rules.after_cancel(action, said), now_ms)

    def attributes(self, device: DeviceId, body: bytes) -> None:
        """Raises BadInput, StoreError."""
        mode, said = rules.parse_attributes(body)
        now_ms = self._wall_ms()
        self._pace.count(device, now_ms)
        with writing(self._engine) as connection:
            take_turn(connection)
            present = store.client(connection, device).attributes
            found = rules.changed_attributes(present, mode, said)
            store.set_attributes(connection, device, found, now_ms)
            if OS_VERSION in said and OS_VERSION in found:
                self._runs(connection, device, found[OS_VERSION])

    def _runs(self, connection: Connection, device: DeviceId, version: str) -> None:
        """The image of this version, as far as the fleet has ever told the device of one; else it is not
        known what it holds."""
        client = store.client(connection, device)
        if client.holds and client.version == version:
            return
        action = store.newest(connection, device)
        rollout = None if action is None else rollouts.find(connection, action.rollout)
        if rollout is not None and rollout.target.about.version == version:
            held = Held(rollout.target.sha256, rollout.target.about.counter)
            store.set_holds(connection, device, held, version)
        else:
            store.set_holds(connection, device, None, "")

    # -- looked up -------------------------------------------------------------------------------------------

    def _found(self, connection: Connection, device: DeviceId, number: int) -> Action:
        action = store.find(connection, device, number)
        if action is None:
            raise NotFound("There is no such action.")
        return action

    def _open(self, connection: Connection, device: DeviceId, number: int) -> Action:
        action = self._found(connection, device, number)
        if action.state != rules.OPEN:
            raise Gone("This action is closed: ask again what there is to do.")
        return action

    def _cancelling(self, connection: Connection, device: DeviceId, number: int) -> Action:
        action = self._found(connection, device, number)
        if action.state != rules.CANCELLING:
            raise Gone("Nobody cancels this action.")
        return action

    def _rollout(self, connection: Connection, action: Action) -> Rollout:
        found = rollouts.find(connection, action.rollout)
        if found is None:
            raise NotFound("There is no such action.")
        return found

    def _image(self, connection: Connection, action: Action) -> Image:
        target = self._rollout(connection, action).target
        return Image(target, catalogue.hashes(self._data, target.path, target.sha256))

    def _is_held(self, connection: Connection, action: Action, now_ms: int) -> bool:
        """Whether nothing may be begun under it now."""
        rollout = self._rollout(connection, action)
        course = store.course_of(connection, action)
        if rollout.standing.state is not RolloutState.RUNNING or course is None:
            return True
        state, generation = course
        if state not in _MAY_BEGIN or generation != action.generation:
            return True
        window = rollout.plan.window
        if window is not None and not is_open(window, minute_of_day(window, now_ms)):
            return True
        freeze = freeze_of(connection, now_ms)
        if freeze.sitting and action.device not in freeze.overridden:
            return True
        target = rollout.target
        return "sha1" not in catalogue.hashes(self._data, target.path, target.sha256)
