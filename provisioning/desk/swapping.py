"""A dead device and a spare that takes over: one act at the fleet, then the certificate is taken back.

The journal knows of a swap before the fleet does. A desk that was killed in between asks the fleet how it
ended, and takes back the certificate of whoever is revoked there.
"""

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from provisioning.desk.book import Book
from provisioning.desk.fleet_seats import OwnAccount, PlanCopy
from provisioning.desk.ports import Authority, Calls
from provisioning.errors import AuthorityError, FleetRefused
from wire.ids import DeviceId

BEGUN: Final = "swap-begun"
DONE: Final = "swap-done"
SETTLES_S: Final = 120.0
"""A swap whose answer was lost may still be on its way at the fleet: only after so long is a device that is
in service there taken for one that was not swapped."""
_UNKNOWN: Final = 404


class Swapping:
    """crl: copies of the revocation list, in the tls folder of the hall's server. lines: of the journal, as
    it was opened."""

    def __init__(
        self,
        book: Book,
        authority: Authority,
        turn: threading.Lock,
        plan: PlanCopy,
        crl: tuple[Path, ...],
        lines: Iterable[dict[str, Any]],
    ) -> None:
        self._book, self._authority, self._turn, self._plan, self._crl = book, authority, turn, plan, crl
        self._lock = threading.Lock()
        self._since_s = dict.fromkeys(_left(lines), book.world.monotonic_s())

    def swap(self, dead: str, spare: str, reason: str, account: str, calls: Calls) -> dict[str, Any]:
        """The fleet's answer: place, sittings, what has to be done by hand. Raises FleetRefused."""
        self._book.remember({"act": BEGUN, "dead": dead, "spare": spare, "by": account})
        with self._lock:
            self._since_s[dead] = self._book.world.monotonic_s()
        try:
            answer = calls.call("POST", "/api/swap", {"dead": dead, "spare": spare, "reason": reason})
        except FleetRefused as err:
            if err.status and err.status < 500:
                self._done(dead)  # it said no, and nothing has changed
            raise
        self._take_back(dead)
        self._plan.forget()
        return dict(answer)

    def tick(self, own: OwnAccount) -> None:
        """Finish what a power cut or a fleet that fell silent left open."""
        with self._lock:
            left = sorted(self._since_s.items())
        for dead, since_s in left:
            try:
                state = own.call("GET", f"/api/devices/{quote(dead)}").get("state")
            except FleetRefused as err:
                if err.status == _UNKNOWN:
                    self._done(dead)
                continue
            if state == "revoked":
                self._take_back(dead)
            elif self._book.world.monotonic_s() - since_s >= SETTLES_S:
                self._done(dead)

    def _take_back(self, dead: str) -> None:
        with self._turn:
            try:
                self._authority.revoke(DeviceId(dead))
                self._authority.write_revocations(*self._crl)
            except AuthorityError:
                pass  # issued by nobody here: the fleet's revocation is all there is to do
        self._done(dead)

    def _done(self, dead: str) -> None:
        self._book.remember({"act": DONE, "dead": dead})
        with self._lock:
            self._since_s.pop(dead, None)


def _left(lines: Iterable[dict[str, Any]]) -> set[str]:
    left: set[str] = set()
    for line in lines:
        if line.get("act") == BEGUN:
            left.add(str(line["dead"]))
        elif line.get("act") == DONE:
            left.discard(str(line["dead"]))
    return left
