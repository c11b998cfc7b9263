"""Labels of what the fleet knows: the places of the hall that have a serial number, and the spares."""

from typing import Any, Protocol

from provisioning.errors import FleetRefused
from provisioning.labels.label import Label, distinct
from provisioning.plan import plan_of


class Fleet(Protocol):
    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any: ...


def labels_of_fleet(fleet: Fleet) -> tuple[Label, ...]:
    """In the order of the plan, then the devices that stand nowhere. Raises FleetRefused, ConfigError."""
    plan, devices = plan_of(fleet.call("GET", "/api/places")), fleet.call("GET", "/api/devices")
    rows = [
        (f"place {place.place}", _row(place.serial, place.role, place.label))
        for place in plan.places
        if place.serial
    ]
    try:
        planned = {row["serial"] for _, row in rows}
        rows += [
            (f"device {device['device']}", _row(device["serial"], device["role"], device["place"]))
            for device in devices
            if device["serial"] and device["serial"] not in planned and device["state"] == "active"
        ]
    except (KeyError, TypeError):
        raise FleetRefused(
            "the fleet does not answer as this program expects: is it of the same version?"
        ) from None
    return distinct(rows, "the fleet")


def _row(serial: object, role: object, place: object) -> dict[str, str]:
    return {"serial": str(serial), "role": str(role), "place": str(place or "")}
