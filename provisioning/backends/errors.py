"""Errors of a backend by culprit (EXAMPLES §5). Each sentence says what to do; none carries a token."""

from typing import ClassVar

from wire.errors import HallError


class BackendError(HallError):
    """Base: the backend did not do it. What was done before stays; every call may be made again.

    status: of HTTP, 0 when there was none.
    """

    code = "backend-error"
    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, status: int = 0) -> None:
        super().__init__(what)
        self.status = status


class NotOffered(BackendError):
    """The product's: this backend has no such thing. The sentence names what to use in its place."""

    code = "not-offered"


class NotAuthorized(BackendError):
    """The operator's: the token or account is wrong, has ended, or may not do this."""

    code = "not-authorized"
    exit_code: ClassVar[int] = 78


class NoSuchFleet(BackendError):
    """The operator's: no fleet of that name that this account may see, or more than one."""

    code = "no-such-fleet"
    exit_code: ClassVar[int] = 78


class NoSuchDevice(BackendError):
    """The operator's: the fleet has no device of that name, or more than one."""

    code = "no-such-device"


class NoSuchRelease(BackendError):
    """The operator's: the fleet has no finished release of that name."""

    code = "no-such-release"


class Incompatible(BackendError):
    """The operator's: device and fleet, or release, are for different processors."""

    code = "incompatible"


class Refused(BackendError):
    """The backend understood and said no, in its own words."""

    code = "refused"


class DeviceOffline(BackendError):
    """The device's: it is not connected, so that nobody can ask it now."""

    code = "device-offline"


class UpdateLocked(BackendError):
    """The device's: it holds its update lock, as it does in a sitting."""

    code = "update-locked"


class RateLimited(BackendError):
    """The backend's: we asked too often, and it wants a longer pause than we wait by ourselves.

    retry_after_s: how long it wants us to wait, None when it did not say.
    """

    code = "rate-limited"

    def __init__(self, what: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(what, status=429)
        self.retry_after_s = retry_after_s


class Unreachable(BackendError):
    """The network's: no answer, not in time, or from somebody whose certificate we do not trust."""

    code = "unreachable"


class BadAnswer(BackendError):
    """The peer's: an answer that is not one of this API: a captive portal, a proxy, another version."""

    code = "bad-answer"
