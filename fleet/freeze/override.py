"""Two people lift the freeze before the sitting ends: for one device or for the whole hall, for an hour at
most, on the record.

Each device is told by a message of its own that ends by itself, so no device stays free when this server is
lost; the lease to all goes on beside it.
"""

from dataclasses import dataclass
from typing import Final

from fleet.accounts import store as accounts
from fleet.accounts.rules import Role
from fleet.api.errors import BadInput, Conflict, Forbidden, NotFound
from fleet.db import Connection
from fleet.desk.desk import DOWN_LIFE_MS, Letter
from fleet.desk.office import FLEET, Act, Office
from fleet.devices import store as devices
from fleet.freeze import store
from fleet.freeze.lease import is_frozen
from fleet.freeze.refusals import refused
from fleet.freeze.store import Lifted
from wire.down import FreezeNotice
from wire.ids import DeviceId, SittingId
from wire.updates import Override

AGREE_WITHIN_MS: Final = 10 * 60_000
MINUTES_MAX: Final = 60
WAITING_MAX: Final = 20
MAY: Final = frozenset({Role.STAFF, Role.SECRETARIAT, Role.ADMIN})
"""Who may ask and agree; one of the two is of the secretariat."""
_ROLES: Final = ("gate", "keypad", "board")


@dataclass(frozen=True, slots=True)
class Wish:
    """What one person asks for. device: None: the whole hall. minutes: from the second person's word on."""

    sitting: str
    device: str | None
    reason: str
    minutes: int


def ask(office: Office, account: str, wish: Wish) -> Lifted:
    """The first of two. Raises NotFound, Conflict, BadInput."""
    with office.act(account, "freeze.override-asked", wish.device or "hall") as act:
        _check_open(act.connection, wish.sitting)
        if not 1 <= wish.minutes <= MINUTES_MAX:
            raise refused(BadInput, "minutes", code=BadInput.code, most=MINUTES_MAX, minutes=wish.minutes)
        if wish.device is not None:
            _check_active(act.connection, wish.device)
        waiting = [row for row in store.in_states(act.connection, ("asked",)) if _waits(row, act.now_ms)]
        if len(waiting) >= WAITING_MAX:
            raise refused(Conflict, "too-many-asked", code="too-many-asked", count=len(waiting))
        found = store.ask(
            act.connection,
            {
                "sitting": wish.sitting,
                "device": wish.device,
                "reason": wish.reason,
                "first": account,
                "minutes": wish.minutes,
                "asked_ms": act.now_ms,
            },
        )
        act.note(sitting=wish.sitting, reason=wish.reason, minutes=wish.minutes, override=found)
        return _found(act.connection, found)


def agree(office: Office, account: str, override: int) -> Lifted:
    """The second one, who is somebody else: now it is lifted, and on the record. Raises NotFound, Conflict,
    Forbidden."""
    with office.act(account, "freeze.lifted", str(override)) as act:
        asked = _found(act.connection, override)
        if asked.state != "asked":
            raise refused(Conflict, "was-over", code="not-asked", state=asked.state)
        if not _waits(asked, act.now_ms):
            raise refused(Conflict, "too-late", code="not-asked")
        _check_open(act.connection, asked.sitting)
        _check_two(act.connection, asked.first, account)
        if asked.device is not None:
            _check_active(act.connection, asked.device)
        until_ms = act.now_ms + asked.minutes * 60_000
        store.change(act.connection, override, second=account, state="lifted", until_ms=until_ms)
        sitting, device = SittingId(asked.sitting), DeviceId(asked.device) if asked.device else None
        act.record(Override(sitting, device, asked.first, account, asked.reason, until_ms))
        freed = _tell(act, sitting, asked.device)
        act.note(first=asked.first, device=asked.device, until_ms=until_ms, devices=freed)
        return _found(act.connection, override)


def end(office: Office, account: str, override: int) -> Lifted:
    """Freeze again now; or take back what nobody agreed to. Raises NotFound, Conflict."""
    with office.act(account, "freeze.restored", str(override)) as act:
        found = _found(act.connection, override)
        if found.state not in ("asked", "lifted"):
            raise refused(Conflict, "over-already", code="wrong-state", state=found.state)
        _end(act, found)
        return _found(act.connection, override)


def follow(office: Office) -> None:
    """What has run out, and what was lifted in a sitting that is closed by now: each ends, with its line."""
    now_ms = office.clock.wall_ms()
    with office.look() as connection:
        open_now = is_frozen(connection)
        lasting = store.in_states(connection, ("asked", "lifted"))
    over = [row for row in lasting if row.sitting != open_now or _is_over(row, now_ms)]
    for row in over:
        with office.act(FLEET, "freeze.restored", str(row.id)) as act:
            found = _found(act.connection, row.id)
            if found.state in ("asked", "lifted"):
                _end(act, found)


def _end(act: Act, found: Lifted) -> None:
    store.change(act.connection, found.id, state="expired" if found.state == "asked" else "ended")
    act.note(sitting=found.sitting, device=found.device)
    if found.state == "lifted" and is_frozen(act.connection) in (None, found.sitting):
        # a device hears one such word at a time: that of a sitting before must not end the lift of this one
        _tell(act, SittingId(found.sitting), found.device)


def _tell(act: Act, sitting: SittingId, device: str | None) -> int:
    """Say to these devices how they stand by everything that is lifted now; how many there are."""
    lifted = [row for row in store.in_states(act.connection, ("lifted",)) if row.sitting == sitting]
    everybody = [name for role in _ROLES for name in devices.active(act.connection, role)]
    told = [name for name in everybody if device in (None, name)]
    letters = []
    for name in told:
        ends = [row.until_ms or 0 for row in lifted if row.device in (None, name)]
        until_ms = max(ends, default=0)
        is_free = until_ms > act.now_ms
        until_ms = until_ms if is_free else act.now_ms + DOWN_LIFE_MS
        letters.append(Letter(name, FreezeNotice(sitting, frozen=not is_free), until_ms))
    act.tell(*letters)
    return len(told)


def _is_over(row: Lifted, now_ms: int) -> bool:
    if row.until_ms is not None:
        return now_ms >= row.until_ms
    return not _waits(row, now_ms)


def _waits(row: Lifted, now_ms: int) -> bool:
    return now_ms < row.asked_ms + AGREE_WITHIN_MS


def _found(connection: Connection, override: int) -> Lifted:
    found = store.find(connection, override)
    if found is None:
        raise refused(NotFound, "no-such-wish", code=NotFound.code, number=override)
    return found


def _check_open(connection: Connection, sitting: str) -> None:
    open_now = is_frozen(connection)
    if open_now is None:
        raise refused(Conflict, "not-frozen", code="not-frozen")
    if open_now != sitting:
        raise refused(Conflict, "wrong-sitting", code="wrong-sitting", open_now=open_now, sitting=sitting)


def _check_active(connection: Connection, device: str) -> None:
    found = devices.find(connection, device)
    if found is None or found.state != "active":
        raise refused(NotFound, "no-device", code=NotFound.code, device=device)


def _check_two(connection: Connection, first: str, second: str) -> None:
    if first == second:
        raise refused(Forbidden, "same-person", code="same-person")
    asker, other = accounts.find(connection, first), accounts.find(connection, second)
    if asker is None or asker.state != "active" or asker.roles.isdisjoint(MAY):
        raise refused(Conflict, "may-not-ask", code="not-asked", first=first)
    held = asker.roles | (other.roles if other is not None else frozenset())
    if Role.SECRETARIAT not in held:
        raise refused(Forbidden, "needs-secretariat", code="needs-secretariat")
