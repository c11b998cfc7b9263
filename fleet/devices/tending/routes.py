"""Commands and self-tests over HTTP."""

from fastapi import APIRouter

from fleet.api.errors import NotFound
from fleet.api.guard import Hall, Who
from fleet.api.types import Body, Name, View
from fleet.devices import store as devices
from fleet.devices.refusals import refused
from fleet.devices.tending import commands, store
from fleet.devices.tending.store import Found

router = APIRouter(tags=["devices"])


class Order(Body):
    """each_key: a self-test of a keypad waits for somebody to press each key once."""

    command: commands.Command
    each_key: bool = False


class GivenView(View):
    """id: 16 bytes, hex; a self-test that answers it names it. expires_ms: Unix time from which on the device
    does not carry it out any more: ask again."""

    id: str
    expires_ms: int


class PartView(View):
    part: str
    passed: bool
    detail: str


class SelfTestView(View):
    """The newest one. leaf_index: where the device's own signed record stands in the hall log. wall_ms: by
    the device's clock; received_ms: by the server's."""

    device: str
    passed: bool
    leaf_index: int
    wall_ms: int
    received_ms: int
    command: str | None
    results: list[PartView]


@router.post("/api/devices/{device}/commands", status_code=202)
def command(hall: Hall, who: Who, device: Name, body: Order) -> GivenView:
    """Have a device show itself, or test itself. What it found: GET its self-test."""
    given = commands.command(hall.office, who.account, device, body.command, each_key=body.each_key)
    return GivenView(id=given.id.hex(), expires_ms=given.expires_ms)


@router.get("/api/devices/{device}/self-test")
def self_test(hall: Hall, device: Name) -> SelfTestView:
    with hall.office.look() as connection:
        if devices.find(connection, device) is None:
            raise refused(NotFound, "not-found", device=device)
        found = store.find(connection, device)
    if found is None:
        raise refused(NotFound, "no-self-test", device=device)
    return _view(found)


@router.get("/api/self-tests")
def self_tests(hall: Hall) -> list[SelfTestView]:
    """The newest of every device that has made one."""
    with hall.office.look() as connection:
        found = store.every(connection)
    return [_view(each) for each in found]


def _view(found: Found) -> SelfTestView:
    return SelfTestView(
        device=found.device,
        passed=found.passed,
        leaf_index=found.leaf_index,
        wall_ms=found.wall_ms,
        received_ms=found.received_ms,
        command=found.command,
        results=[PartView(part=part, passed=passed, detail=detail) for part, passed, detail in found.rows],
    )
