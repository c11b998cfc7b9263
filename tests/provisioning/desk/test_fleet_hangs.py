"""A fleet that accepts and never answers holds up nobody but those who ask it, and them not for long."""

import socket
import threading
import time
from contextlib import closing

import anyio
import httpx
import pytest
from anyio import fail_after
from starlette.types import ASGIApp, Receive, Scope, Send

from edge.device.adapters.desk_tls import ANSWER_TIMEOUT_S
from provisioning.adapters.fleet_api import DESK_TIMEOUT_S, FleetGate
from provisioning.desk.batches import BatchFile
from provisioning.desk.web.app import claim_app, renewal_app
from provisioning.desk.web.device_routes import RENEWAL_HANDS, RENEWALS_WAITING_MAX
from provisioning.errors import FleetRefused
from tests.provisioning.desk.conftest import DeskUnderTest
from tests.provisioning.desk.fleet_under_test import FleetUnderTest, place
from tests.provisioning.desk.scripted_device import ScriptedDevice
from tests.servers.waiting import wait_until
from wire.enrol import HELLO_PATH, MEDIA_TYPE, RENEW_PATH, Hello, encode_enrol
from wire.ids import HallId

HEADERS = {"content-type": MEDIA_TYPE}


def test_a_fleet_that_accepts_and_says_nothing_is_given_up_while_the_device_still_listens() -> None:
    assert 2 * DESK_TIMEOUT_S < ANSWER_TIMEOUT_S
    with closing(socket.create_server(("127.0.0.1", 0))) as deaf:
        gate = FleetGate(f"http://127.0.0.1:{deaf.getsockname()[1]}", timeout_s=0.2)
        begun_s = time.monotonic()
        with pytest.raises(FleetRefused) as refused:
            gate.sign_in("desk", "x")
    assert refused.value.status == 0
    assert time.monotonic() - begun_s < 5


def test_devices_are_claimed_while_a_hall_full_of_renewals_waits_for_the_fleet(
    desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    fleet.plan(place("seat-1"))
    device = desk.device()
    desk.granted(device, "seat-1")
    grant = device.grant()
    renewals, claims = renewal_app(desk.opened), claim_app(desk.opened)
    fleet.hangs = threading.Event()
    many = RENEWAL_HANDS + RENEWALS_WAITING_MAX + 20

    async def knock() -> list[str]:
        codes: list[str] = []
        sent_away = anyio.Event()
        body = device.renewal(grant.device)

        async def renew(door: httpx.AsyncClient) -> None:
            answer = await door.post(RENEW_PATH, content=body)
            codes.append("" if answer.status_code == 200 else answer.json()["code"])
            if len(codes) == 20:
                sent_away.set()

        renewing, claiming = _client(_Presenting(renewals, grant.certificate)), _client(claims)
        async with renewing, claiming, anyio.create_task_group() as tasks:
            for _ in range(many):
                tasks.start_soon(renew, renewing)
            try:
                with fail_after(30):
                    await sent_away.wait()
                    hello = await claiming.post(HELLO_PATH, content=_hello(desk.device("serial-2")))
                assert hello.status_code == 200
                assert codes == ["many-renew"] * 20, "those whom nobody can serve are sent away at once"
            finally:
                assert fleet.hangs is not None
                fleet.hangs.set()
        return codes

    codes = anyio.run(knock)
    assert len(codes) == many
    assert codes.count("") == RENEWAL_HANDS + RENEWALS_WAITING_MAX


def test_devices_of_a_batch_do_not_queue_up_behind_one_who_asks_for_the_plan(
    desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    fleet.plan(place("seat-1", serial="serial-1"))
    _, token = BatchFile(desk.authority.path).new(
        HallId("hall-1"), 9, 1, now_ms=desk.now_ms(), random=desk.chance.randbytes
    )
    desk.open()
    fleet.hangs = threading.Event()
    first = desk.device(token=token)
    asking = threading.Thread(target=first.hello)
    asking.start()
    wait_until(lambda: fleet.held == 1, "the first one asks for the plan")
    try:
        for number in range(2, 8):
            assert desk.device(f"serial-{number}", token=token).hello().state == "waiting"
        assert asking.is_alive()
    finally:
        fleet.hangs.set()
        asking.join(60)
    assert first.status is not None
    assert first.status.state == "placed"


class _Presenting:
    """As the listener does it: the connection's certificate beside the request."""

    def __init__(self, app: ASGIApp, presented: bytes) -> None:
        self._app, self._presented = app, presented

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "hallward.peer_certificate": self._presented}, receive, send)


def _client(app: ASGIApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="https://desk.hall", headers=HEADERS, timeout=60)


def _hello(device: ScriptedDevice) -> bytes:
    return encode_enrol(Hello(device.role, device.serial, device.request, None, None, "hallward", None))
