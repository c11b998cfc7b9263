"""Who may stand where: by a technician's tap, or by the token of a batch and the plan of the hall."""

import hmac
import threading
from collections.abc import Callable
from typing import Final

from provisioning.desk.batches import Batch, fault, matching
from provisioning.desk.book import Book
from provisioning.desk.claims import BEFORE_THE_PRESS, Act, Claim, State
from provisioning.desk.errors import Refused
from provisioning.desk.fleet_seats import OwnAccount, PlanCopy
from provisioning.desk.naming import FINGERPRINT_DIGITS
from provisioning.desk.plan import SPARE, Fault
from provisioning.desk.plan import fault as place_fault
from provisioning.desk.ports import Calls
from provisioning.errors import FleetRefused
from provisioning.plan import Plan
from wire.claim_code import spaced, typed_code
from wire.errors import BadSchema
from wire.ids import HallId

AGAIN_S: Final = 2.0
"""How long a device of a batch that the plan did not expect waits before the plan is looked at again."""
BY_BATCH: Final = "batch "


class Placing:
    """batches: as they stand now."""

    def __init__(
        self, book: Book, plan: PlanCopy, own: OwnAccount, hall: HallId, batches: Callable[[], list[Batch]]
    ) -> None:
        self._book, self._plan, self._own = book, plan, own
        self._hall, self._batches = hall, batches
        self._turn = threading.Lock()
        self._tried_s: dict[str, float] = {}

    # -- a technician ----------------------------------------------------------------------------------------

    def find(self, text: str, fingerprint: str | None = None) -> Claim:
        """The claim of a code as it was typed, or scanned together with the fingerprint beside it.

        Raises Refused: no code, nobody's code, or a QR code of another key.
        """
        try:
            code = typed_code(text)
        except BadSchema as err:
            raise Refused("wrong-code", 422, sentence=err.what) from None
        with self._book.lock:
            claim = self._book.claims.by_code(code)
        if claim is None:
            raise Refused("no-such-code", 404, code=spaced(code))
        if fingerprint and not hmac.compare_digest(
            claim.key[:FINGERPRINT_DIGITS].encode(), fingerprint.encode()
        ):
            raise Refused("other-key")
        return claim

    def place(self, claim: Claim, place: str, account: str, calls: Calls) -> Claim:
        """Give this place to the device; "" makes it a spare. Raises Refused, FleetRefused."""
        self._book.check_clock()
        plan = self._plan.now(calls) if place else Plan()
        with self._book.lock:
            claim = self._book.claims.by_id(claim.claim) or claim
            if claim.state not in BEFORE_THE_PRESS:
                raise Refused("too-late")
            reason, values = self._reason(plan, claim, place)
            if reason:
                raise Refused(reason, 409, **values)
            return self._give(claim, place, plan, account)

    def release(self, claim: Claim) -> Claim:
        """Take the place back before the button was pressed. Raises Refused."""
        with self._book.lock:
            claim = self._book.claims.by_id(claim.claim) or claim
            if claim.state is State.WAITING:
                return claim
            if claim.state is not State.PLACED:
                raise Refused("too-late")
            return self._book.write(Act.RELEASED, claim)

    # -- a batch ---------------------------------------------------------------------------------------------

    def batch_of(self, token: str | None, key: str) -> str:
        """The name of the batch whose token this is, if it takes a device with this key; else empty."""
        if not token:
            return ""
        batch = matching(self._batches(), token)
        return batch.batch if batch is not None and not self._fault(batch, key) else ""

    def try_batch(self, claim: Claim) -> Claim:
        """A place by the plan for a waiting device of a batch, or a note why a technician has to come.

        Tried again while the device waits: a plan that is imported later is enough.
        """
        now_s = self._book.world.monotonic_s()
        with self._turn:
            tried_s = self._tried_s.get(claim.claim)
            if tried_s is not None and now_s - tried_s < AGAIN_S:
                return claim
            self._tried_s[claim.claim] = now_s
        try:
            plan = self._plan.recent(self._own)
        except FleetRefused as err:
            reason = "fleet-silent" if err.status == 0 or err.status >= 500 else "desk-account"
            self._book.note(claim, reason)
            return claim
        if plan is None:
            return claim
        with self._book.lock:
            after = self._by_plan(self._book.claims.by_id(claim.claim) or claim, plan)
        if after.state is not State.WAITING:
            with self._turn:
                self._tried_s.pop(claim.claim, None)
        return after

    def _by_plan(self, claim: Claim, plan: Plan) -> Claim:
        if claim.state is not State.WAITING:
            return claim
        batch = next((batch for batch in self._batches() if batch.batch == claim.batch), None)
        if batch is None or self._fault(batch, claim.key):
            self._book.note(claim, "token-unknown")
            return claim
        expected = plan.by_serial.get(claim.serial)
        if expected is None:
            self._book.note(claim, "token-serial", serial=claim.serial)
            return claim
        if len(self._book.claims.of_serial(claim.serial)) > 1:
            self._book.note(claim, "same-serial", serial=claim.serial)
            return claim
        reason, values = self._reason(plan, claim, expected.place)
        if reason:
            self._book.note(claim, reason, **values)
            return claim
        return self._give(claim, expected.place, plan, BY_BATCH + claim.batch)

    # -- both ------------------------------------------------------------------------------------------------

    def _fault(self, batch: Batch, key: str) -> str:
        with self._book.lock:
            used = self._book.claims.others_of_batch(batch.batch, key)
        return fault(batch, self._hall, self._book.world.now_ms(), used)

    def _reason(self, plan: Plan, claim: Claim, place: str) -> Fault:
        if not place:
            return "", {}
        found = place_fault(plan, place, role=claim.role, serial=claim.serial, device=claim.device)
        holder = self._book.claims.holder(place)
        if not found[0] and holder is not None and holder.claim != claim.claim:
            return "claimed-meanwhile", {"place": plan.by_place[place].label or place}
        return found

    def _give(self, claim: Claim, place: str, plan: Plan, by: str) -> Claim:
        label = (plan.by_place[place].label or place) if place else " / ".join(SPARE)
        if claim.state is State.PLACED and (claim.place, claim.by) == (place, by):
            return claim
        return self._book.write(Act.PLACED, claim, place=place, label=label, by=by)
