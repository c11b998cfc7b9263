"""A hall with a plan: rows of seats, two gates, and devices that stand there or lie in the spares."""

from typing import Any

from fleet.places.plan import COLUMNS
from tests.fleet.hall_under_test import HallUnderTest, ok

HEADING = ",".join(COLUMNS)


def seat_line(number: int, serial: str = "", row: str = "A") -> str:
    x, y = number * 100 % 10000, number // 99
    return f"s-{number},keypad,Hàng {row} ghế {number},{row},{number},{x},{y},{serial}"


def gate_line(number: int, serial: str = "") -> str:
    return f"g-{number},gate,Cửa {number},,,{number * 100},9000,{serial}"


def table(*lines: str) -> str:
    return "\n".join((HEADING, *lines))


class Floor:
    """A technician who works through the API."""

    def __init__(self, hall: HallUnderTest) -> None:
        self.hall = hall
        self.technician = hall.client("technician")

    def plan(self, *lines: str) -> dict[str, Any]:
        body = {"csv": table(*lines), "dry_run": False}
        found: dict[str, Any] = ok(self.technician.put("/api/places", json=body))
        return found

    def body(self, name: str, role: str = "keypad", **changes: Any) -> dict[str, Any]:
        device = self.hall.devices.setdefault(name, self.hall.provisioned(name, role))
        body = {"role": role, "certificate": device.certificate, **changes}
        return body | ({"sealing_key": "ab" * 32} if role == "gate" else {})

    def register(self, name: str, role: str = "keypad", **changes: Any) -> dict[str, Any]:
        """A device; without a place a spare."""
        if "place_id" not in changes:
            changes.setdefault("place", "kho")
        found: dict[str, Any] = ok(
            self.technician.post("/api/devices", json=self.body(name, role, **changes)), 201
        )
        return found

    def places(self) -> dict[str, dict[str, Any]]:
        return {row["place"]: row for row in ok(self.technician.get("/api/places"))}

    def device(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = ok(self.technician.get(f"/api/devices/{name}"))
        return found

    def put(self, place: str, device: str | None) -> Any:
        return self.technician.put(f"/api/places/{place}/device", json={"device": device})

    def lines_of(self, action: str) -> list[dict[str, Any]]:
        return [
            line for line in ok(self.hall.client("auditor").get("/api/audit")) if line["action"] == action
        ]
