"""balena-sdk on our own transport, and its exceptions as ours.

We keep what the SDK is good for: the queries of pine, the resources, the batches of pins. Its functions that
go through `balena_auth.request` are never called (ADR-0021 says which), and so it never holds the token.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from provisioning.backends.balena.adapters.transport import Transport
from provisioning.backends.balena.answers import refusal, strange
from provisioning.backends.errors import (
    BackendError,
    DeviceOffline,
    Incompatible,
    NoSuchDevice,
    NoSuchFleet,
    NoSuchRelease,
    NotAuthorized,
    RateLimited,
    Refused,
    UpdateLocked,
)
from wire.errors import HallError

with warnings.catch_warnings():
    # It asks for the time by utcnow() while it is loaded, which Python 3.12 and later warn of.
    warnings.simplefilter("ignore", DeprecationWarning)
    from balena import __version__ as sdk_version
    from balena import exceptions as sdk
    from balena.models import Models
    from balena.pine import PineClient
    from balena.settings import Settings

API_VERSION: Final = "v7"

_MEANING: Final[tuple[tuple[tuple[type[Exception], ...], type[BackendError], str], ...]] = (
    (
        (sdk.ApplicationNotFound, sdk.AmbiguousApplication),
        NoSuchFleet,
        "this account sees no such fleet: write it as organisation/fleet, as its page shows it",
    ),
    (
        (sdk.DeviceNotFound, sdk.AmbiguousDevice),
        NoSuchDevice,
        "a device is gone from the fleet meanwhile: look at `state`, then run it again",
    ),
    (
        (sdk.ReleaseNotFound, sdk.AmbiguousRelease),
        NoSuchRelease,
        "the fleet has no such finished release: look at its page of releases",
    ),
    ((sdk.DeviceOffline,), DeviceOffline, "the device is not connected: see that it has power and network"),
    (
        (sdk.SupervisorLocked,),
        UpdateLocked,
        "the device holds its update lock, as in a sitting: try again when it is over",
    ),
    ((sdk.TooManyRequests,), RateLimited, "balena wants fewer questions: wait a minute, then run it again"),
    (
        (
            sdk.IncompatibleApplication,
            sdk.InvalidDeviceType,
            sdk.BalenaInvalidDeviceType,
            sdk.UnsupportedFunction,
        ),
        Incompatible,
        "device and fleet do not fit together: see that their device types have the same processor",
    ),
    (
        (sdk.NotLoggedIn, sdk.Unauthorized, sdk.LoginFailed, sdk.MalformedToken, sdk.UnsupportedFeature),
        NotAuthorized,
        "balena does not take the token for this: make one of your own account on its page",
    ),
)


def models_over(transport: Transport) -> Models:
    """The SDK's models, which ask through `transport` alone. `data_directory` False: nothing is written to a
    home folder."""
    settings = Settings({"data_directory": False, "api_version": API_VERSION})
    settings.set("api_endpoint", transport.api)
    settings.set("pine_endpoint", f"{transport.api}{API_VERSION}/")
    return Models(_Pine(settings, transport), settings)


def pine_over(transport: Transport) -> PineClient:
    settings = Settings({"data_directory": False, "api_version": API_VERSION})
    settings.set("api_endpoint", transport.api)
    return _Pine(settings, transport)


class _Pine(PineClient):
    def __init__(self, settings: Settings, transport: Transport) -> None:
        super().__init__(settings, sdk_version)
        self._transport = transport

    def _request(self, method: str, url: str, body: Any = None) -> Any:
        return self._transport.call(method, url, body)


@contextmanager
def translated() -> Iterator[None]:
    """What the SDK raises, by culprit. It indexes into answers without a look, and pine raises bare
    Exception, so whatever is no error of ours nor of its own is an answer that it did not understand."""
    try:
        yield
    except (HallError, AssertionError):
        raise
    except sdk.RequestError as err:
        raise refusal(err.status_code or 0, str(err.body), None) from err
    except sdk.BalenaException as err:
        raise ours(err) from err
    except Exception as err:
        raise strange(f"the SDK stumbled over it ({type(err).__name__})") from err


def ours(err: sdk.BalenaException) -> BackendError:
    for kinds, culprit, sentence in _MEANING:
        if isinstance(err, kinds):
            return culprit(sentence)
    return Refused(f"balena's SDK refused ({type(err).__name__}): check what you asked for")
