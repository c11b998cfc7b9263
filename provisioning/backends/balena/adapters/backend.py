"""A fleet of balena or openBalena behind the port."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from provisioning.backends.balena.adapters.keys import batch_key, device_key, end_batch_key
from provisioning.backends.balena.adapters.sdk import models_over, pine_over, translated
from provisioning.backends.balena.adapters.transport import Transport
from provisioning.backends.balena.answers import (
    Fleet,
    Release,
    Unit,
    api_key,
    episode_of,
    fleet_of,
    linked,
    number,
    release_of,
    rows,
    state_of,
    supervisor_of,
    text,
    unit_of,
)
from provisioning.backends.balena.variables import Kind, checked_tag, checked_value, kind_of
from provisioning.backends.errors import (
    DeviceOffline,
    NoSuchDevice,
    NoSuchRelease,
    NotAuthorized,
    Refused,
    Unreachable,
)
from provisioning.backends.ports import Episode, NewUnit, Registration, SupervisorState, UnitState
from wire.ids import DeviceId

BATCH: Final = 200
"""Numbers of devices in one query; a longer one would not fit into an address."""
HISTORY_MAX: Final = 500
_COMMIT: Final = {"$select": ["commit"]}


class BalenaBackend:
    """fleet: `organisation/fleet`, or its uuid. now: aware, UTC. key_name: a fresh name for a batch's key.

    Numbers of fleet and devices are asked for once and kept, since the SDK looks a name up before every call.
    """

    def __init__(
        self, transport: Transport, fleet: str, *, now: Callable[[], datetime], key_name: Callable[[], str]
    ) -> None:
        self._transport = transport
        self._name = fleet
        self._now = now
        self._key_name = key_name
        with translated():
            self._models = models_over(transport)
            self._pine = pine_over(transport)
        self._found: Fleet | None = None
        self._known: dict[str, list[Unit]] | None = None

    # -- devices --------------------------------------------------------------------------------------------

    def register(self, units: Sequence[NewUnit]) -> Iterator[Registration]:
        """One provisioning key for the whole batch, which ends with it. The SDK's `register` makes one that
        never ends for every device."""
        fleet = self._fleet()
        self._known = None
        by_uuid = {unit.uuid: unit for unit in self._units()}
        by_name = {unit.name: unit for unit in by_uuid.values()}
        plan = [(unit, uuid_of(fleet, unit.device)) for unit in units]
        known = {unit.device: by_name.get(unit.device) or by_uuid.get(uuid) for unit, uuid in plan}
        if all(known.values()):
            yield from (self._again(unit, known[unit.device]) for unit, _ in plan)
            return
        user = self._user()
        name = self._key_name()
        key = batch_key(self._transport, fleet, name, self._now())
        try:
            for unit, uuid in plan:
                if found := known[unit.device]:
                    yield self._again(unit, found)
                else:
                    yield self._first(fleet, unit, uuid, user, key)
        finally:
            self._known = None
            with translated():
                end_batch_key(self._models, fleet, name)

    def states(self) -> list[UnitState]:
        select = ["device_name", "uuid", "is_online", "overall_status", "overall_progress"]
        found = self._devices(
            {
                "$select": [*select, "last_connectivity_event"],
                "$expand": {"is_running__release": _COMMIT, "is_pinned_on__release": _COMMIT},
            }
        )
        return sorted((state_of(row) for row in found), key=lambda state: (state.device, state.handle))

    def supervisor(self, device: DeviceId) -> SupervisorState:
        """The SDK would take any answer for a state, and a locked device for one that nobody signed in to."""
        unit = self._unit(device)
        try:
            value = self._transport.call(
                "POST", "supervisor/v1/device", {"deviceId": unit.id, "method": "GET"}
            )
        except (Refused, Unreachable) as err:
            # 404: connected nowhere. 5xx: it was, and does not answer through the tunnel.
            if err.status != 404 and err.status < 500:
                raise
            raise _offline(device) from err
        return supervisor_of(device, value)

    def history(self, device: DeviceId, since: datetime) -> list[Episode]:
        """`since` is always given to the SDK: its default is a week before the program started."""
        unit = self._unit(device)
        with translated():
            found = self._models.device.history.get_all_by_device(
                unit.id,
                # Whole seconds: pine's client writes 5 ms as `.5`, which is read as half a second.
                from_date=since.astimezone(UTC).replace(microsecond=0),
                options={
                    "$select": ["created_at", "end_timestamp", "is_active"],
                    "$expand": {"is_running__release": _COMMIT, "should_be_running__release": _COMMIT},
                    "$orderby": "created_at desc",
                    "$top": HISTORY_MAX,
                },
            )
        return [episode_of(row) for row in rows(found, "episodes")]

    # -- variables and tags ---------------------------------------------------------------------------------

    def fleet_variables(self) -> dict[str, str]:
        fleet = self._fleet()
        with translated():
            found = [
                row
                for of in (self._models.application.env_var, self._models.application.config_var)
                for row in rows(
                    of.get_all_by_application(fleet.id, {"$select": ["name", "value"]}), "variables"
                )
            ]
        return {text(row, "name"): text(row, "value") for row in found}

    def set_fleet_variable(self, name: str, value: str | None) -> None:
        kind = kind_of(name)
        now = self.fleet_variables().get(name)
        if now == (None if value is None else checked_value(value)):
            return
        fleet = self._fleet().id
        there = {} if now is None else {fleet: now}
        self._write(_resource("application", kind), "application", "name", name, {fleet: value}, there)

    def device_variables(self) -> dict[DeviceId, dict[str, str]]:
        return self._by_device(
            [
                ("name", row)
                for of in (self._models.device.env_var, self._models.device.config_var)
                for row in self._rows_of(of, "name")
            ]
        )

    def set_device_variables(self, name: str, values: Mapping[DeviceId, str | None]) -> int:
        kind = kind_of(name)
        of = self._models.device.config_var if kind is Kind.CONFIGURATION else self._models.device.env_var
        return self._set(of, _resource("device", kind), "name", name, values)

    def tags(self) -> dict[DeviceId, dict[str, str]]:
        return self._by_device(
            [("tag_key", row) for row in self._rows_of(self._models.device.tags, "tag_key")]
        )

    def set_tags(self, key: str, values: Mapping[DeviceId, str | None]) -> int:
        return self._set(self._models.device.tags, "device_tag", "tag_key", checked_tag(key), values)

    # -- releases -------------------------------------------------------------------------------------------

    def pin_to_release(self, release: str | None, devices: Sequence[DeviceId] | None = None) -> str | None:
        """By numbers, 200 devices at a time: two requests for each 200."""
        fleet = self._fleet()
        numbers = None if devices is None else [self._unit(device).id for device in dict.fromkeys(devices)]
        wanted = None if release is None else self._release(fleet, release)
        with translated():
            if numbers is None and wanted is None:
                self._models.application.track_latest_release(fleet.id)
            elif numbers is None and wanted is not None:
                self._models.application.pin_to_release(fleet.id, wanted.commit)
            elif numbers and wanted is None:
                self._models.device.track_application_release(numbers)
            elif numbers and wanted is not None:
                self._models.device.pin_to_release(numbers, wanted.id)
        return None if wanted is None else wanted.commit

    # -- inside ---------------------------------------------------------------------------------------------

    def _fleet(self) -> Fleet:
        if self._found is None:
            with translated():
                row = self._models.application.get(
                    self._name,
                    {"$select": ["id", "slug"], "$expand": {"is_for__device_type": {"$select": ["slug"]}}},
                )
                self._found = fleet_of(row)
        return self._found

    def _devices(self, options: dict[str, Any]) -> list[Any]:
        fleet = self._fleet()
        with translated():
            found = self._models.device.get_all({**options, "$filter": {"belongs_to__application": fleet.id}})
        return list(rows(found, "devices"))

    def _by_name(self) -> dict[str, list[Unit]]:
        if self._known is None:
            known: dict[str, list[Unit]] = {}
            for row in self._devices({"$select": ["id", "uuid", "device_name"]}):
                known.setdefault(unit_of(row).name, []).append(unit_of(row))
            self._known = known
        return self._known

    def _units(self) -> list[Unit]:
        return [unit for units in self._by_name().values() for unit in units]

    def _unit(self, device: DeviceId) -> Unit:
        found = self._by_name().get(device, [])
        if not found:
            raise NoSuchDevice(f"{self._name} has no device {device}: look at `state` for its name")
        if len(found) > 1:
            raise NoSuchDevice(f"{self._name} has {len(found)} devices called {device}: rename all but one")
        return found[0]

    def _release(self, fleet: Fleet, name: str) -> Release:
        with translated():
            found = self._models.release.get_all_by_application(
                fleet.id,
                {
                    "$select": ["id", "commit", "raw_version", "status", "is_invalidated"],
                    "$filter": {"$or": {"commit": name.lower(), "raw_version": name}},
                    "$top": 10,
                },
            )
        releases = [release_of(row) for row in rows(found, "releases")]
        usable = [one for one in releases if one.usable]
        if len(usable) != 1:
            why = (
                "is not finished or was taken back"
                if releases and not usable
                else "is not one of its releases"
            )
            raise NoSuchRelease(
                f"{name!r:.80} {why}: take a full commit, or a version as 1.4.0, of {fleet.slug}"
            )
        return usable[0]

    def _user(self) -> int:
        who = self._transport.call("GET", "actor/v1/whoami")
        if not isinstance(who, dict) or who.get("actorType") != "user":
            raise NotAuthorized("the token is not a person's: devices are registered by a user of the fleet")
        return number(who, "actorTypeId")

    def _first(self, fleet: Fleet, unit: NewUnit, uuid: str, user: int, key: str) -> Registration:
        made = self._transport.call(
            "POST",
            "device/register",
            {"user": user, "application": fleet.id, "uuid": uuid, "device_type": fleet.device_type},
            token=key,
        )
        row = made if isinstance(made, dict) else {}
        number_, secret = number(row, "id"), api_key(row.get("api_key"))
        self._rename(number_, unit.device)
        return Registration(unit.device, uuid, secret, new=True)

    def _again(self, unit: NewUnit, found: Unit | None) -> Registration:
        """A registration that was cut short is finished: the device has its uuid, and perhaps no name yet."""
        if found is None:
            raise NoSuchDevice(f"{unit.device} is gone from the fleet meanwhile: run it again")
        if found.name != unit.device:
            self._rename(found.id, unit.device)
        secret = device_key(self._transport, found.id) if unit.key_lost else None
        return Registration(unit.device, found.uuid, secret, new=False)

    def _rename(self, device: int, name: DeviceId) -> None:
        with translated():
            self._pine.patch({"resource": "device", "id": device, "body": {"device_name": name}})

    def _rows_of(self, of: Any, key: str, only: str | None = None) -> list[Any]:
        fleet = self._fleet()
        options: dict[str, Any] = {"$select": [key, "value", "device"]}
        if only is not None:
            options["$filter"] = {key: only}
        with translated():
            return list(rows(of.get_all_by_application(fleet.id, options), "values"))

    def _by_device(self, found: Sequence[tuple[str, Any]]) -> dict[DeviceId, dict[str, str]]:
        names = {unit.id: DeviceId(unit.name) for unit in self._units()}
        result: dict[DeviceId, dict[str, str]] = {name: {} for name in names.values()}
        for key, row in found:
            if (name := names.get(linked(row, "device"))) is not None:
                result[name][text(row, key)] = text(row, "value")
        return result

    def _set(
        self, of: Any, resource: str, field: str, key: str, values: Mapping[DeviceId, str | None]
    ) -> int:
        """Looks first, then changes what differs: equal values are not sent again."""
        wanted = {
            self._unit(device).id: None if value is None else checked_value(value)
            for device, value in values.items()
        }
        there = {linked(row, "device"): text(row, "value") for row in self._rows_of(of, field, key)}
        changes = {device: value for device, value in wanted.items() if there.get(device) != value}
        self._write(resource, "device", field, key, changes, there)
        return len(changes)

    def _write(
        self,
        resource: str,
        owner: str,
        field: str,
        key: str,
        changes: Mapping[int, str | None],
        there: Mapping[int, str],
    ) -> None:
        """What is there is changed or taken away 200 at a time by value; what is new is made one by one, for
        the API has no other way."""
        groups: dict[str | None, list[int]] = {}
        for number_, value in changes.items():
            if number_ in there:
                groups.setdefault(value, []).append(number_)
        with translated():
            for value, numbers in groups.items():
                for start in range(0, len(numbers), BATCH):
                    which = {"$filter": {owner: {"$in": numbers[start : start + BATCH]}, field: key}}
                    if value is None:
                        self._pine.delete({"resource": resource, "options": which})
                    else:
                        self._pine.patch({"resource": resource, "options": which, "body": {"value": value}})
            for number_, value in changes.items():
                if number_ not in there and value is not None:
                    self._pine.post(
                        {"resource": resource, "body": {owner: number_, field: key, "value": value}}
                    )


def uuid_of(fleet: Fleet, device: DeviceId) -> str:
    """The same at every try, so that a registration whose answer was lost is found again. It names, and
    opens nothing."""
    return hashlib.sha256(f"hallward balena device v1\0{fleet.id}\0{device}".encode()).hexdigest()[:32]


def _resource(owner: str, kind: Kind) -> str:
    return f"{owner}_{'config' if kind is Kind.CONFIGURATION else 'environment'}_variable"


def _offline(device: DeviceId) -> DeviceOffline:
    return DeviceOffline(f"{device} is not connected to balena: see that it has power and network")
