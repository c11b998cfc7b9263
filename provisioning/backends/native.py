"""Our own fleet behind the port: what its API has; the rest is said, and where it is found in its place."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn
from urllib.parse import quote

from provisioning.adapters.fleet_api import FleetApi
from provisioning.backends.errors import (
    BackendError,
    BadAnswer,
    DeviceOffline,
    NoSuchDevice,
    NotAuthorized,
    NotOffered,
    RateLimited,
    Refused,
    Unreachable,
)
from provisioning.backends.ports import Episode, NewUnit, Registration, SupervisorState, UnitState
from provisioning.device_folder import DeviceCard
from provisioning.errors import FleetRefused
from wire.ids import DeviceId

ONLINE_WORDS: Final = ("online", "attention")
AGE_S_MAX: Final = 100 * 366 * 86_400
TAGS: Final = ("role", "place", "place_id", "serial")
"""What the registry knows of a device beside its state. It is set where it is decided: at the claim, on the
plan of the hall, by a swap."""


class NativeBackend:
    """fleet: signed in as a technician. now: the clock, aware, UTC."""

    def __init__(self, fleet: FleetApi, now: Callable[[], datetime]) -> None:
        self._fleet = fleet
        self._now = now

    def register(self, units: Sequence[NewUnit]) -> Iterator[Registration]:
        """Each needs its card: here a device is known by the certificate of the hall's authority."""
        cards = [_card(unit) for unit in units]
        known = {state.device for state in self.states()} if units else set()
        for unit, card in zip(units, cards, strict=True):
            try:
                self._fleet.register(card, unit.place or f"{card.role} {unit.device}")
            except FleetRefused as err:
                raise _ours(err) from err
            yield Registration(unit.device, unit.device, None, new=unit.device not in known)

    def states(self) -> list[UnitState]:
        now = self._now()
        found = [_state(row, now) for row in self._rows()]
        return sorted(found, key=lambda state: state.device)

    def supervisor(self, device: DeviceId) -> SupervisorState:
        """There is no supervisor beside our firmware: its last report, if it is heard of at all."""
        row = self._call("GET", f"/api/devices/{quote(device, safe='')}", device)
        if not isinstance(row, dict) or not isinstance(row.get("reported"), dict):
            raise _no_fleet()
        state = _state(row, self._now())
        if not state.online:
            raise DeviceOffline(f"{device} is {state.word}: see that it has power and network, ask again")
        return SupervisorState(
            device=device,
            status=state.word,
            release=state.release,
            progress=None,
            pending=False,
            failed=False,
            facts={str(name): str(value) for name, value in row["reported"].items()},
        )

    def history(self, device: DeviceId, since: datetime) -> list[Episode]:  # noqa: ARG002 - the port's
        raise NotOffered("our own fleet keeps what was done to a device in its audit log: see /api/audit")

    def fleet_variables(self) -> dict[str, str]:
        _no_variables()

    def set_fleet_variable(self, name: str, value: str | None) -> None:  # noqa: ARG002 - the port's
        _no_variables()

    def device_variables(self) -> dict[DeviceId, dict[str, str]]:
        _no_variables()

    def set_device_variables(self, name: str, values: Mapping[DeviceId, str | None]) -> int:  # noqa: ARG002
        _no_variables()

    def tags(self) -> dict[DeviceId, dict[str, str]]:
        return {
            DeviceId(row["device"]): {
                key: value for key in TAGS if isinstance(value := row.get(key), str) and value
            }
            for row in self._rows()
        }

    def set_tags(self, key: str, values: Mapping[DeviceId, str | None]) -> int:  # noqa: ARG002 - the port's
        raise NotOffered(
            "our own fleet has no free tags: a place is set by `hallward provision places` and `swap`"
        )

    def pin_to_release(self, release: str | None, devices: Sequence[DeviceId] | None = None) -> str | None:  # noqa: ARG002
        raise NotOffered(
            "our own fleet installs what is signed for it, wave by wave: `hallward fleet rollout`"
        )

    def _rows(self) -> list[dict[str, Any]]:
        rows = self._call("GET", "/api/devices")
        if not isinstance(rows, list) or not all(
            isinstance(row, dict) and isinstance(row.get("device"), str) for row in rows
        ):
            raise _no_fleet()
        return rows

    def _call(self, method: str, path: str, device: DeviceId | None = None) -> Any:
        try:
            return self._fleet.call(method, path)
        except FleetRefused as err:
            if err.status == 404 and device is not None:
                raise NoSuchDevice(f"the fleet has no device {device}: check the name") from err
            raise _ours(err) from err


def _card(unit: NewUnit) -> DeviceCard:
    if unit.card is None:
        raise NotOffered(
            f"{unit.device} has no certificate: let it claim its place, or use `hallward provision device`"
        )
    return unit.card


def _state(row: Mapping[str, Any], now: datetime) -> UnitState:
    word, age_s, software = row.get("word"), row.get("age_s"), row.get("software")
    if not isinstance(word, str) or not isinstance(age_s, int | None) or not isinstance(software, str):
        raise _no_fleet()
    if age_s is not None and not 0 <= age_s <= AGE_S_MAX:
        raise _no_fleet()
    return UnitState(
        device=DeviceId(row["device"]),
        handle=row["device"],
        online=word in ONLINE_WORDS,
        word=word,
        release=software or None,
        pinned=None,
        progress=None,
        seen=None if age_s is None else now.astimezone(UTC) - timedelta(seconds=age_s),
    )


def _ours(err: FleetRefused) -> BackendError:
    if err.status == 0:
        return Unreachable(err.what)
    if err.status in (401, 403):
        return NotAuthorized(err.what)
    if err.status == 429:
        return RateLimited(err.what)
    return Refused(err.what) if err.status < 500 else Unreachable(err.what)


def _no_fleet() -> BadAnswer:
    return BadAnswer("the address does not answer as our fleet does: check --fleet")


def _no_variables() -> NoReturn:
    raise NotOffered(
        "our own fleet has no variables: what the hall decides stands in policy.toml, the rest in device.toml"
    )
