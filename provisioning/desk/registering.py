"""What follows the press of the button: certificate, line in the fleet's registry, grant.

In this order, each step on the disk before the next: a desk that is killed in between does the rest when it
starts again, with the certificate that it has issued already. A certificate leaves the desk when the fleet
has taken its device and not before, so that a fleet that says no leaves nobody half a device: no broker knows
the name, and nobody holds the certificate.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from provisioning.desk.book import Book
from provisioning.desk.claims import Act, Claim, State
from provisioning.desk.errors import Refused
from provisioning.desk.fleet_seats import OwnAccount, PlanCopy
from provisioning.desk.fleet_words import fleet_says
from provisioning.desk.plan import SPARE
from provisioning.desk.ports import Authority, Calls
from provisioning.desk.requests import read_request
from provisioning.desk.words import said
from provisioning.errors import AuthorityError, ClockTrouble, FleetRefused
from wire.errors import HallError

_log: Final = logging.getLogger("hallward.provisioning.desk")
HANDS: Final = 4
"""Devices that are registered at the same time."""
BACK_OFF_S: Final = (0.5, 30.0)
_OVER: Final = 401
_BUSY: Final = 429
_KNOWN: Final = {
    "place-taken": "place-taken",
    "serial-exists": "serial-exists",
    "wrong-role": "wrong-role",
    "not-found": "no-such-place",
}
"""The fleet's codes that the desk has fuller words for: it knows place and serial."""


def is_for_later(err: FleetRefused) -> bool:
    """Whether the same may go well in a while: nobody answers, or the fleet has trouble of its own."""
    return err.status == 0 or err.status >= 500 or err.status == _BUSY


@dataclass(slots=True)
class _Turn:
    tries: int = 0
    due_s: float = 0.0
    working: bool = False


class Registering:
    """authority: used under `turn`, which everybody shares who uses it. seat_of: the sign-in of a technician,
    None when it is over."""

    def __init__(
        self,
        book: Book,
        authority: Authority,
        turn: threading.Lock,
        own: OwnAccount,
        plan: PlanCopy,
        seat_of: Callable[[str], Calls | None],
    ) -> None:
        self._book, self._authority, self._turn = book, authority, turn
        self._own, self._plan, self._seat_of = own, plan, seat_of
        self._lock = threading.Lock()
        self._turns: dict[str, _Turn] = {}
        self._pool = ThreadPoolExecutor(HANDS, thread_name_prefix="registering")

    def close(self) -> None:
        """Whatever is under way is finished; what waits is done at the next start."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def start(self, claim: Claim) -> None:
        """Have a pressed claim completed; does nothing while that is under way, or not yet due again."""
        with self._lock:
            turn = self._turns.setdefault(claim.claim, _Turn())
            if turn.working or self._book.world.monotonic_s() < turn.due_s:
                return
            turn.working = True
        self._pool.submit(self._work, claim.claim)

    def tick(self) -> None:
        """Take up again what is left, after a restart and after the fleet was away."""
        with self._book.lock:
            left = [claim for claim in self._book.claims.in_force() if claim.state is State.PRESSED]
        for claim in left:
            self.start(claim)

    def complete(self, name: str) -> bool:
        """One try at a pressed claim; False when it has to be tried again. Raises ConfigError."""
        with self._book.lock:
            claim = self._book.claims.by_id(name)
        if claim is None or claim.state is not State.PRESSED:
            return True
        try:
            claim = self._certified(claim)
            self._register(claim)
            self._book.write(Act.GRANTED, claim)
        except ClockTrouble as err:  # the button was pressed, and need not be again when that is mended
            _log.warning("claim %s waits: %s", name, err.what)
            self._book.note(claim, "authority-refused", sentence=err.what)
            return False
        except AuthorityError as err:
            self._book.refuse(claim, "authority-refused", said("authority-refused", sentence=err.what))
        except FleetRefused as err:
            return self._refused(claim, err)
        except Refused:
            pass  # the device has begun anew meanwhile
        return True

    def _work(self, name: str) -> None:
        is_done = False
        try:
            is_done = self.complete(name)
        except HallError as err:
            _log.error("claim %s: %s; it is tried again", name, err.diagnostics())
        except Exception:  # noqa: BLE001  # whatever it was: the claim is still pressed, the log says why
            _log.exception("claim %s cannot be completed; it is tried again", name)
        finally:
            with self._lock:
                turn = self._turns[name]
                turn.working = False
                turn.tries += 1
                wait_s = min(BACK_OFF_S[1], BACK_OFF_S[0] * 2 ** min(turn.tries, 10))
                turn.due_s = self._book.world.monotonic_s() + wait_s
                if is_done:
                    del self._turns[name]

    def _certified(self, claim: Claim) -> Claim:
        """The certificates of this claim, issued once. Raises AuthorityError, Refused."""
        if claim.certificate is not None:
            return claim
        self._book.check_clock()
        with self._turn:
            certificate = self._issued(claim, claim.request)
            tls = None if claim.tls_request is None else self._issued(claim, claim.tls_request)
        return self._book.write(Act.CERTIFIED, claim, certificate=certificate, tls_certificate=tls)

    def _issued(self, claim: Claim, request: bytes) -> bytes:
        certificate = self._authority.issue_from_key(claim.device, read_request(request).key)
        return certificate.public_bytes(serialization.Encoding.DER)

    def _register(self, claim: Claim) -> None:
        """Under the technician's own sign-in; under the desk's for a batch, and where theirs is over.
        Raises FleetRefused."""
        body = registration(claim)
        seat = self._seat_of(claim.by)
        if seat is not None:
            try:
                seat.call("POST", "/api/devices", body)
                return
            except FleetRefused as err:
                if err.status != _OVER:
                    raise
        self._own.call("POST", "/api/devices", body)

    def _refused(self, claim: Claim, err: FleetRefused) -> bool:
        if is_for_later(err):
            self._book.note(claim, "fleet-silent" if err.status != _BUSY else "fleet-asks-for-time")
            return False
        if err.status == _OVER:  # the desk's own account
            _log.warning("the desk's own account cannot sign in: %s", err.what)
            self._book.note(claim, "desk-account")
            return False
        self._plan.forget()
        known = _KNOWN.get(err.reason)
        if known is not None:
            self._book.refuse(claim, known, said(known, place=claim.label, serial=claim.serial))
        else:
            self._book.refuse(claim, err.reason or "fleet-refused", fleet_says(err))
        return True


def registration(claim: Claim) -> dict[str, Any]:
    """The body of POST /api/devices. The claim has its certificate."""
    certificate = x509.load_der_x509_certificate(claim.certificate or b"")
    body: dict[str, Any] = {
        "role": claim.role,
        "serial": claim.serial,
        "certificate": certificate.public_bytes(serialization.Encoding.PEM).decode(),
    }
    if claim.place:
        body["place_id"] = claim.place
    else:
        body["place"] = " / ".join(SPARE)
    if claim.sealing_key is not None and claim.role != "board":
        body["sealing_key"] = claim.sealing_key.hex()
    return body
