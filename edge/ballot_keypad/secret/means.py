"""The means of secret questions over a device's runtime."""

from collections.abc import Callable, Mapping

from edge.device.runtime import DeviceRuntime
from wire.ids import StoreId
from wire.records import Alarm
from wire.voting import Carried, SessionKey


class RuntimeMeans:
    """Implements Means. random: fresh bytes, fit for keys."""

    def __init__(self, runtime: DeviceRuntime, random: Callable[[int], bytes]) -> None:
        self._runtime = runtime
        self._random = random

    def random(self, count: int, /) -> bytes:
        return self._random(count)

    def now_ms(self) -> int:
        return self._runtime.clock.monotonic_ms()

    def wall_ms(self) -> int:
        return self._runtime.clock.wall_ms()

    def jitter(self) -> float:
        return self._runtime.jitter()

    def keep(self, values: Mapping[str, bytes | None], /) -> None:
        self._runtime.outbox.keep(values)

    def send(self, message: Carried | SessionKey, /) -> None:
        self._runtime.send_board(message)

    def alarm(self, code: str, detail: str, /) -> None:
        self._runtime.alarm(Alarm(code, detail))

    def is_connected(self) -> bool:
        return self._runtime.is_connected

    def wake_at(self, at_ms: int, /) -> None:
        self._runtime.wake_at(at_ms)

    def store_id(self) -> StoreId | None:
        return self._runtime.outbox.store_id
