"""What every route is given: the hall's services, and who calls. The guard stands before all routes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from fleet.accounts import store as accounts
from fleet.accounts.passwords import Passwords
from fleet.accounts.role_words import roles_word
from fleet.accounts.rules import TOUCH_MS, Role, in_force, token_hash
from fleet.accounts.throttle import Throttle
from fleet.api.access import ACCESS, allows
from fleet.api.errors import Forbidden, NotSignedIn
from fleet.api.refusals import refused
from fleet.dashboard.live import Live
from fleet.desk.office import Office
from fleet.rollout.rules.shape import Target
from wire.keys import Signer

Wait = Callable[[float], None]
Targets = Callable[[], Sequence[Target]]


@dataclass(frozen=True, slots=True)
class Services:
    """Made by app.create_app, the composition root. authority: the hall CA's certificate (PEM), None: not
    checked.

    wait: sleeps that many seconds; close_wait_s: how long closing a question waits for its leaf before it
    answers. targets: what exists to be installed, verified, by path.
    """

    office: Office
    passwords: Passwords
    throttle: Throttle
    live: Live
    registrar: Signer
    authority: bytes | None
    secure: bool
    wait: Wait
    close_wait_s: float
    targets: Targets

    @property
    def cookie(self) -> str:
        """Name of the sign-in cookie. `__Host-`: over TLS, no other host and no plain page can set it."""
        return "__Host-hallward" if self.secure else "hallward"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody signed in."""

    account: str
    roles: frozenset[Role]
    token_hash: bytes


NOBODY: Final = Caller("nobody", frozenset(), b"")


def services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


def caller(request: Request) -> Caller:
    found: Caller = request.state.caller
    return found


Hall = Annotated[Services, Depends(services)]
Who = Annotated[Caller, Depends(caller)]


def signed_in(hall: Services, token: str | None) -> Caller | None:
    """Whose token this is, if the sign-in is in force and the account active; notes the use."""
    if not token or len(token) > 128:
        return None
    digest, now_ms = token_hash(token), hall.office.clock.wall_ms()
    with hall.office.look() as connection:
        found = accounts.find_sign_in(connection, digest)
    if found is None:
        return None
    sign_in, account = found
    if account.state != "active" or not in_force(sign_in, now_ms):
        return None
    if now_ms - sign_in.last_used_ms >= TOUCH_MS:
        with hall.office.keep() as connection:
            accounts.touch_sign_in(connection, digest, now_ms)
    return Caller(account.account, account.roles, digest)


def guard(request: Request) -> None:
    """Runs before every route: looks the route up in ACCESS and the caller up by their cookie.

    Raises: NotSignedIn, Forbidden. A route that is not in the table raises KeyError: create_app has refused
    it before.
    """
    hall = services(request)
    rule = ACCESS[(request.method, request.scope["route"].path)]
    if rule is None:
        request.state.caller = NOBODY
        return
    who = signed_in(hall, request.cookies.get(hall.cookie))
    if who is None:
        raise refused(NotSignedIn, "not-signed-in")
    if not allows(rule, who.roles):
        raise refused(Forbidden, "forbidden", roles=roles_word(rule), account=who.account)
    request.state.caller = who
