"""What balena-sdk does that we go around (ADR-0021). Each test fails on the day the SDK no longer does it:
then the detour may go. The SDK is used here as its own page says, against the same server."""

import inspect
import subprocess
import sys
from collections.abc import Iterator

import balena.balena_auth
import balena.models.device
import balena.pine
import pytest
from balena import exceptions
from balena.auth import Auth
from balena.models import Models
from balena.models.history import DeviceHistory
from balena.pine import PineClient
from balena.request_batching import NUMERIC_ID_CHUNK_SIZE, STRING_ID_CHUNK_SIZE
from balena.settings import Settings
from pine_client.utils import iso_format

from provisioning.backends.balena.adapters.backend import BATCH
from provisioning.backends.balena.adapters.sdk import API_VERSION, ours
from provisioning.backends.errors import (
    BackendError,
    DeviceOffline,
    Incompatible,
    NoSuchDevice,
    NoSuchFleet,
    NoSuchRelease,
    NotAuthorized,
    RateLimited,
    UpdateLocked,
)
from tests.provisioning.backends.balena_fake import NOW, TOKEN, BalenaFake, Reply


@pytest.fixture
def plain(fake: BalenaFake) -> Iterator[Models]:
    """The SDK as it comes, with its own HTTP."""
    settings = Settings({"data_directory": False, "api_version": API_VERSION})
    settings.set("api_endpoint", f"{fake.host}/")
    settings.set("token", TOKEN)
    yield Models(PineClient(settings, "17"), settings)
    fake.strangers.clear()


def test_it_has_a_setting_for_a_timeout_and_never_uses_it() -> None:
    for module in (balena.pine, balena.balena_auth):
        assert "timeout" not in inspect.getsource(module)


def test_it_mints_a_key_for_every_device_and_leaves_it(fake: BalenaFake, plain: Models) -> None:
    fake.say("/v7/application", *[Reply(200, _application()) for _ in range(4)])
    for letter in "ab":
        plain.device.register(7, letter * 32)
    assert len(fake.tables["api_key"]) == 2
    assert {key["expiryDate"] for key in fake.tables["api_key"]} == {None}


def test_it_takes_an_error_for_a_key(fake: BalenaFake, plain: Models) -> None:
    fake.say("/api-key/v1/", Reply(403, b"Forbidden"))
    assert plain.application.generate_provisioning_key(7) == "Forbidden"


def test_it_never_sees_that_a_device_is_locked(fake: BalenaFake, plain: Models) -> None:
    number = fake.add_device("keypad-1")
    fake.say("/supervisor/v1/reboot", Reply(423, b"Updates are locked"))
    assert plain.device.reboot(number) is None, "no SupervisorLocked"


def test_it_takes_an_error_for_a_state(fake: BalenaFake, plain: Models) -> None:
    number = fake.add_device("keypad-1")
    fake.say("/supervisor", Reply(500, b'{"error": "Bad API response from supervisor"}'))
    assert "error" in plain.device.get_supervisor_state(number)


def test_it_calls_a_dead_network_a_missing_sign_in(fake: BalenaFake, plain: Models) -> None:
    settings = Settings({"data_directory": False})
    settings.set("api_endpoint", "http://127.0.0.1:9/")
    settings.set("token", TOKEN)
    with pytest.raises(exceptions.NotLoggedIn):
        Auth(PineClient(settings, "17"), settings).whoami()


def test_it_prints_server_errors(fake: BalenaFake, plain: Models, capsys: pytest.CaptureFixture[str]) -> None:
    fake.say("/v7/", Reply(500, b"stack trace"))
    with pytest.raises(exceptions.RequestError):
        plain.device.get_all()
    assert "stack trace" in capsys.readouterr().out


def test_its_history_begins_a_week_before_the_program_did() -> None:
    default = inspect.signature(DeviceHistory.get_all_by_device).parameters["from_date"].default
    assert default is not None
    assert default is not inspect.Parameter.empty


def test_its_times_are_wrong_below_a_tenth_of_a_second() -> None:
    assert iso_format(NOW.replace(microsecond=5_000)).endswith(":00.5Z")


def test_its_batches_are_as_wide_as_ours() -> None:
    assert (STRING_ID_CHUNK_SIZE, NUMERIC_ID_CHUNK_SIZE) == (50, BATCH)


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for _, kind in inspect.getmembers(exceptions, inspect.isclass)
        if kind.__module__ == exceptions.__name__
    ],
)
def test_every_exception_of_its_own_has_a_culprit(kind: type[exceptions.BalenaException]) -> None:
    if kind is exceptions.RequestError:
        return
    words = len(inspect.signature(kind.__init__).parameters) - 1
    found = ours(kind(*(["secret-word"] * words)))
    assert isinstance(found, BackendError)
    assert "secret-word" not in found.diagnostics()


@pytest.mark.parametrize(
    ("kind", "culprit"),
    [
        (exceptions.TooManyRequests, RateLimited),
        (exceptions.DeviceOffline, DeviceOffline),
        (exceptions.SupervisorLocked, UpdateLocked),
        (exceptions.UnsupportedFeature, NotAuthorized),
        (exceptions.Unauthorized, NotAuthorized),
        (exceptions.IncompatibleApplication, Incompatible),
        (exceptions.DeviceNotFound, NoSuchDevice),
        (exceptions.AmbiguousApplication, NoSuchFleet),
        (exceptions.ReleaseNotFound, NoSuchRelease),
    ],
)
def test_its_exceptions_by_culprit(
    kind: type[exceptions.BalenaException], culprit: type[BackendError]
) -> None:
    words = len(inspect.signature(kind.__init__).parameters) - 1
    assert type(ours(kind(*(["word"] * words)))) is culprit


def test_naming_our_verb_does_not_load_it() -> None:
    code = (
        "import sys, provisioning.__main__ as main; main._parser();"
        "print(sorted({'balena', 'twisted', 'requests'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert found.stdout == "[]\n"


def _application() -> bytes:
    return b"""{"d": [{"id": 7, "is_for__device_type":
        [{"slug": "raspberrypi4-64", "is_of__cpu_architecture": [{"slug": "aarch64"}]}]}]}"""
