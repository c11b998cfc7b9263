"""Who the desk speaks as at the fleet: a technician who has signed in here, or the desk's own account."""

import threading
from typing import Any, Final

from provisioning.desk.ports import Calls, FleetDoor, World
from provisioning.errors import FleetRefused
from provisioning.plan import Plan, plan_of

PLAN_FRESH_S: Final = 2.0
"""A plan this old still decides where a device of a batch goes; the fleet refuses what has changed since."""
SIGN_IN_S: Final = 5.0
"""How long one waits for a sign-in that somebody else has begun."""
_SIGN_IN_AGAIN: Final = 401


class OwnAccount:
    """The desk's own account: signs in when it is needed, and again when a sign-in is over."""

    def __init__(self, door: FleetDoor, account: str, password: str) -> None:
        self._door, self._account, self._password = door, account, password
        self._turn = threading.Lock()
        self._calls: Calls | None = None

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Raises FleetRefused."""
        calls = self._signed_in(None)
        try:
            return calls.call(method, path, body)
        except FleetRefused as err:
            if err.status != _SIGN_IN_AGAIN:
                raise
        return self._signed_in(calls).call(method, path, body)

    def _signed_in(self, over: Calls | None) -> Calls:
        """over: the sign-in that is no longer good. One signs in at a time; whoever waits for it does not
        queue up behind a fleet that hangs."""
        if not self._turn.acquire(timeout=SIGN_IN_S):
            raise FleetRefused("the fleet does not answer: start it, then try again")
        try:
            if self._calls is None or self._calls is over:
                self._calls = None
                self._calls = self._door.sign_in(self._account, self._password)
            return self._calls
        finally:
            self._turn.release()


class PlanCopy:
    """The plan of the hall, asked for again once it is older than a moment: two thousand devices that come
    at once do not ask for two thousand plans. One asks at a time; whoever comes meanwhile gets the last plan
    or none, so that a fleet that hangs holds one of the desk's threads and not all of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._asking = threading.Lock()
        self._plan: Plan | None = None
        self._asked_s: float | None = None

    def recent(self, calls: Calls) -> Plan | None:
        """None while another thread asks for the first one. Raises FleetRefused."""
        plan, asked_s = self._plan, self._asked_s
        if plan is not None and asked_s is not None and self._world.monotonic_s() - asked_s <= PLAN_FRESH_S:
            return plan
        if not self._asking.acquire(blocking=False):
            return plan
        try:
            return self.now(calls)
        finally:
            self._asking.release()

    def now(self, calls: Calls) -> Plan:
        """The plan as it stands this moment. Raises FleetRefused."""
        plan = plan_of(calls.call("GET", "/api/places"))
        self._plan, self._asked_s = plan, self._world.monotonic_s()
        return plan

    def forget(self) -> None:
        """Something has changed: the next who asks gets a new one."""
        self._asked_s = None
