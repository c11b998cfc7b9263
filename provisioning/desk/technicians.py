"""Who has signed in at the desk: technicians and admins of the fleet, checked there and nowhere else.

The fleet's cookie stays here; the phone gets one of the desk's own. In memory: a restart signs everybody out.
"""

import hashlib
import threading
from dataclasses import dataclass
from typing import Any, Final

from provisioning.desk.errors import Refused
from provisioning.desk.ports import Calls, FleetDoor, World
from provisioning.desk.registering import is_for_later
from provisioning.desk.throttle import Throttle
from provisioning.errors import FleetRefused

COOKIE: Final = "__Host-hallward-desk"
ROLES: Final = frozenset({"technician", "admin"})
FAILURES: Final = (5, 60.0)
"""Per address. Fewer than the fleet allows, which sees one address for everybody who signs in here."""
IDLE_S: Final = 30 * 60.0
LONGEST_S: Final = 12 * 3600.0
SIGNED_IN_MAX: Final = 100
TOKEN_BYTES: Final = 32
_OVER: Final = 401
_EVERYBODY: Final = "everybody"


@dataclass(slots=True)
class SignedIn:
    """calls: the fleet, signed in as this account. Times of the monotonic clock."""

    account: str
    calls: Calls
    since_s: float
    used_s: float


class Technicians:
    def __init__(self, door: FleetDoor, world: World) -> None:
        self._door, self._world = door, world
        self._lock = threading.Lock()
        self._signed_in: dict[str, SignedIn] = {}
        self._failures = Throttle(*FAILURES)
        self._all_failures = Throttle(FAILURES[0] + 3, FAILURES[1])

    def sign_in(self, account: str, password: str, address: str) -> tuple[SignedIn, str]:
        """The sign-in and the token of its cookie. Raises Refused, FleetRefused."""
        with self._lock:
            now_s = self._world.monotonic_s()
            wait_s = max(self._failures.wait_s(address, now_s), self._all_failures.wait_s(_EVERYBODY, now_s))
        if wait_s:
            raise Refused("too-many-tries", 429, wait_s=int(wait_s) + 1)
        try:
            calls = self._door.sign_in(account, password)
            _check_role(calls)
        except FleetRefused as err:
            if is_for_later(err):
                raise
            self._failed(address)
            raise Refused("wrong-password", 401) from err
        token = self._world.random(TOKEN_BYTES).hex()
        now_s = self._world.monotonic_s()
        begun = SignedIn(account, calls, now_s, now_s)
        with self._lock:
            self._drop_old(now_s)
            if len(self._signed_in) >= SIGNED_IN_MAX:
                del self._signed_in[min(self._signed_in, key=lambda one: self._signed_in[one].used_s)]
            self._signed_in[_hash(token)] = begun
        return begun, token

    def find(self, token: str | None) -> SignedIn:
        """Whose cookie this is. Raises Refused."""
        with self._lock:
            now_s = self._world.monotonic_s()
            self._drop_old(now_s)
            found = self._signed_in.get(_hash(token)) if token else None
            if found is None:
                raise Refused("not-signed-in", 401)
            found.used_s = now_s
            return found

    def check(self, signed_in: SignedIn) -> None:
        """That the fleet still says technician: asked before anything that changes the hall. Raises Refused,
        FleetRefused."""
        try:
            _check_role(signed_in.calls)
        except FleetRefused as err:
            if err.status == _OVER:
                self.forget(signed_in)
                raise Refused("not-signed-in", 401) from err
            raise

    def forget(self, signed_in: SignedIn) -> None:
        with self._lock:
            self._signed_in = {key: one for key, one in self._signed_in.items() if one is not signed_in}

    def seat_of(self, account: str) -> Calls | None:
        """A sign-in of this account that holds; None when there is none."""
        with self._lock:
            self._drop_old(self._world.monotonic_s())
            found = [one for one in self._signed_in.values() if one.account == account]
        return max(found, key=lambda one: one.used_s).calls if found else None

    def _failed(self, address: str) -> None:
        with self._lock:
            now_s = self._world.monotonic_s()
            self._failures.note(address, now_s)
            self._all_failures.note(_EVERYBODY, now_s)

    def _drop_old(self, now_s: float) -> None:
        self._signed_in = {
            key: one
            for key, one in self._signed_in.items()
            if now_s - one.used_s < IDLE_S and now_s - one.since_s < LONGEST_S
        }


def _check_role(calls: Calls) -> None:
    me: Any = calls.call("GET", "/api/me")
    roles = me.get("roles") if isinstance(me, dict) else None
    if not isinstance(roles, list) or ROLES.isdisjoint(roles):
        raise Refused("not-a-technician", 403)


def _hash(token: str) -> str:
    """A token is looked up by its hash: how long that takes tells nothing of the token."""
    return hashlib.sha256(token.encode()).hexdigest()
