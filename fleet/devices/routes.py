"""Devices over HTTP."""

from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from fleet.api.errors import NotFound
from fleet.api.guard import Hall, Who
from fleet.api.types import Body, KeyHex, Name, Pem, Place, Reason, Serial, View
from fleet.devices import registry, store
from fleet.devices.refusals import refused
from fleet.devices.rules import COLOURS, condition

router = APIRouter(tags=["devices"])


class NewDevice(Body):
    """certificate: PEM, issued by this hall's provisioning; its common name is the device. sealing_key:
    X25519; gates, and keypads that can ask for a PIN. place: in words; place_id: on the plan of the hall, and
    then place may be left out. What is left out of a device that is known stays as it is."""

    role: Literal["gate", "keypad", "board"]
    place: Place | None = None
    certificate: Pem
    sealing_key: KeyHex | None = None
    serial: Serial | None = None
    place_id: Name | None = None


class Revocation(Body):
    reason: Reason


class DeviceView(View):
    """age_s: since the last sign of life, None when there was none. word and colour: how that is to be
    read. place_id: on the plan of the hall; None of an active device: a spare."""

    device: str
    role: str
    place: str
    serial: str | None
    place_id: str | None
    state: str
    word: str
    colour: str
    age_s: int | None
    clock_skew_ms: int
    software: str


class DeviceDetail(DeviceView):
    """desired, reported: the twin; bytes as hex."""

    registered_ms: int
    revoked_ms: int | None
    certificate: str
    sealing_key: str | None
    readings: dict[str, int]
    desired: dict[str, int | str | bool | None]
    reported: dict[str, str]


@router.get("/api/devices", response_model=list[DeviceView])
def devices(hall: Hall) -> JSONResponse:
    """All devices with their condition. Written straight as JSON: thousands of them should take no time."""
    with hall.office.look() as connection:
        lights = store.lights(connection)
    now_ms = hall.office.clock.wall_ms()
    return JSONResponse([_view(light, now_ms) for light in lights])


@router.get("/api/devices/{device}")
def device_detail(hall: Hall, device: Name) -> DeviceDetail:
    with hall.office.look() as connection:
        known = store.find(connection, device)
        desired, reported = store.twin(connection, device), store.reported(connection, device)
    if known is None:
        raise refused(NotFound, "not-found", device=device)
    return DeviceDetail(
        **_view(known, hall.office.clock.wall_ms()),
        registered_ms=known.registered_ms,
        revoked_ms=known.revoked_ms,
        certificate=known.certificate,
        sealing_key=known.sealing_key.hex() if known.sealing_key else None,
        readings=known.readings,
        desired={key: value.hex() if isinstance(value, bytes) else value for key, value in desired.items()},
        reported=reported,
    )


@router.post("/api/devices", status_code=201)
def register(hall: Hall, who: Who, body: NewDevice) -> DeviceDetail:
    """Register a device, or renew the certificate of one that keeps its key."""
    entry = registry.Entry(
        role=body.role,
        sealing_key=bytes.fromhex(body.sealing_key) if body.sealing_key else None,
        serial=body.serial,
        place=body.place,
        place_id=body.place_id,
    )
    device = registry.register(hall.office, who.account, hall.authority, body.certificate, entry)
    return device_detail(hall, device)


@router.post("/api/devices/{device}/revoke")
def revoke(hall: Hall, who: Who, device: Name, body: Revocation) -> DeviceDetail:
    """From the next leaf on nothing of this device is believed, and the broker throws it out."""
    registry.revoke(hall.office, who.account, device, body.reason)
    return device_detail(hall, device)


def _view(device: store.Device | store.Light, now_ms: int) -> dict[str, Any]:
    found = condition(device.state, device.sign, now_ms)
    seen_ms = device.sign.last_seen_ms
    return {
        "device": device.device,
        "role": device.role,
        "place": device.place,
        "serial": device.serial,
        "place_id": device.place_id,
        "state": device.state,
        "word": found,
        "colour": COLOURS[found],
        "age_s": None if seen_ms is None else max(0, now_ms - seen_ms) // 1000,
        "clock_skew_ms": device.sign.clock_skew_ms,
        "software": device.software,
    }
