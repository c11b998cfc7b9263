"""One suite for every backend: what the port promises, our own fleet and balena both keep."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from provisioning.adapters.fleet_api import FleetApi
from provisioning.backends.errors import (
    BackendError,
    BadAnswer,
    DeviceOffline,
    NoSuchDevice,
    NotAuthorized,
    NotOffered,
    RateLimited,
    Unreachable,
)
from provisioning.backends.native import NativeBackend
from provisioning.backends.ports import FleetBackend, NewUnit
from provisioning.device_folder import DeviceCard
from tests.provisioning.backends.balena_fake import NOW, BalenaFake, Reply
from tests.provisioning.backends.connected import Connect
from tests.provisioning.backends.native_fake import FleetFake
from tests.servers.ports import free_port
from wire.ids import DeviceId

pytestmark = pytest.mark.slow

SEAT, DARK, NOBODY = DeviceId("keypad-1"), DeviceId("keypad-2"), DeviceId("keypad-9")


@dataclass
class Subject:
    """A backend and the hands of what can befall it. vanish: what it spoke to is gone."""

    backend: FleetBackend
    add: Callable[[str], object]
    darken: Callable[[str], object]
    refuse: Callable[[int], object]
    babble: Callable[[], object]
    vanish: Callable[[], FleetBackend]


def balena_subject(fake: BalenaFake, connect: Connect) -> Subject:
    def refuse(status: int) -> None:
        fake.say("", *[Reply(status, b'"no"', {"Retry-After": "900"})] * 10)

    gone = f"http://127.0.0.1:{free_port()}/"
    return Subject(
        backend=connect().backend,
        add=fake.add_device,
        darken=lambda name: fake.device(name).update(is_online=False, overall_status="disconnected"),
        refuse=refuse,
        babble=lambda: fake.say("", *[Reply(200, b"<html>Sign in to the hotel</html>")] * 10),
        vanish=lambda: connect(api=gone).backend,
    )


@pytest.fixture
def native() -> Iterator[Subject]:
    server = FleetFake()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()

    def backend(url: str) -> NativeBackend:
        return NativeBackend(FleetApi(url), lambda: NOW)

    yield Subject(
        backend=backend(server.url),
        add=server.add_device,
        darken=lambda name: server.add_device(name, "stale"),
        refuse=lambda status: setattr(server, "refusal", (status, "no", "The fleet says no.")),
        babble=lambda: setattr(server, "garbage", b"<html>Sign in to the hotel</html>"),
        vanish=lambda: backend(f"http://127.0.0.1:{free_port()}"),
    )
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["native", "balena"])
def subject(request: pytest.FixtureRequest) -> Subject:
    if request.param == "native":
        found: Subject = request.getfixturevalue("native")
        return found
    return balena_subject(request.getfixturevalue("fake"), request.getfixturevalue("connect"))


def unit(device: DeviceId) -> NewUnit:
    return NewUnit(device, card=DeviceCard(device, "keypad", device, None))


CALLS: dict[str, Callable[[FleetBackend, DeviceId], object]] = {
    "supervisor": lambda backend, device: backend.supervisor(device),
    "history": lambda backend, device: backend.history(device, NOW - timedelta(days=7)),
    "variables": lambda backend, _: backend.device_variables(),
    "set variables": lambda backend, device: backend.set_device_variables("LANG", {device: "vi"}),
    "fleet variables": lambda backend, _: backend.fleet_variables(),
    "set fleet variable": lambda backend, _: backend.set_fleet_variable("LANG", "vi"),
    "tags": lambda backend, _: backend.tags(),
    "set tags": lambda backend, device: backend.set_tags("row", {device: "1"}),
    "pin": lambda backend, device: backend.pin_to_release("1.1.0", [device]),
    "pin the fleet": lambda backend, _: backend.pin_to_release("1.1.0"),
    "states": lambda backend, _: backend.states(),
    "register": lambda backend, device: list(backend.register([unit(device)])),
}


def test_a_registered_device_is_there_once_and_again_is_harmless(subject: Subject) -> None:
    (first,) = subject.backend.register([unit(SEAT)])
    (second,) = subject.backend.register([unit(SEAT)])
    assert (first.new, second.new) == (True, False)
    assert first.handle == second.handle
    assert [state.device for state in subject.backend.states()] == [SEAT]


def test_states_come_by_name_and_say_who_is_connected(subject: Subject) -> None:
    subject.add(DARK)
    subject.add(SEAT)
    subject.darken(DARK)
    seat, dark = subject.backend.states()
    assert (seat.device, seat.online, dark.device, dark.online) == (SEAT, True, DARK, False)
    assert seat.release
    assert seat.seen is not None
    assert seat.seen <= NOW
    assert dark.word


@pytest.mark.parametrize("call", CALLS)
def test_every_call_is_done_or_said_not_to_be_offered(subject: Subject, call: str) -> None:
    subject.add(SEAT)
    for _ in range(2):
        try:
            CALLS[call](subject.backend, SEAT)
        except NotOffered as err:
            said = err.diagnostics()
        else:
            continue
        assert re.search(r"`hallward |see /|policy.toml|new image", said), "names what to use in its place"


@pytest.mark.parametrize("call", ["supervisor", "history", "set variables", "set tags", "pin"])
def test_a_name_that_nobody_has_is_the_operators_and_changes_nothing(subject: Subject, call: str) -> None:
    subject.add(SEAT)
    before = subject.backend.states()
    with pytest.raises((NoSuchDevice, NotOffered)):
        CALLS[call](subject.backend, NOBODY)
    assert subject.backend.states() == before


def test_who_is_not_connected_cannot_be_asked(subject: Subject) -> None:
    subject.add(DARK)
    subject.darken(DARK)
    with pytest.raises(DeviceOffline):
        subject.backend.supervisor(DARK)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("status", "culprit"),
    [(401, NotAuthorized), (403, NotAuthorized), (429, RateLimited), (500, Unreachable)],
)
def test_a_refusal_is_told_by_culprit(
    subject: Subject, call: str, status: int, culprit: type[BackendError]
) -> None:
    subject.add(SEAT)
    subject.refuse(status)
    with pytest.raises((culprit, NotOffered)):
        CALLS[call](subject.backend, SEAT)


@pytest.mark.parametrize("call", CALLS)
def test_a_portal_in_between_is_not_believed(subject: Subject, call: str) -> None:
    subject.add(SEAT)
    subject.babble()
    with pytest.raises((BadAnswer, Unreachable, NotOffered)):
        CALLS[call](subject.backend, SEAT)


@pytest.mark.parametrize("call", CALLS)
def test_nobody_there_is_the_networks_fault(subject: Subject, call: str) -> None:
    with pytest.raises((Unreachable, NotOffered)):
        CALLS[call](subject.vanish(), SEAT)
