"""Signing in and out, and the very first account."""

import base64

from fleet.accounts import store
from fleet.accounts.passwords import Passwords
from fleet.accounts.refusals import refused
from fleet.accounts.rules import (
    ABSOLUTE_MS,
    CODE_LIFE_MS,
    FIRST_ADMIN,
    PASSWORD_CHARACTERS,
    Account,
    PasswordFault,
    Role,
    SignIn,
    code_from,
    code_typed,
    lock_ms,
    password_fault,
    same,
    token_hash,
)
from fleet.accounts.throttle import Throttle
from fleet.api.errors import BadInput, Conflict, Forbidden, NotSignedIn, TooMany
from fleet.db import Connection
from fleet.desk.office import FLEET, Office


def sign_in(
    office: Office, passwords: Passwords, throttle: Throttle, address: str, account: str, password: str
) -> str:
    """A fresh token for the cookie. Raises NotSignedIn, TooMany. Says the same of a wrong account and a
    wrong password."""
    with throttle.turn:
        _check(office, passwords, throttle, address, account, password)
    token = base64.urlsafe_b64encode(office.random(32)).decode().rstrip("=")
    with office.act(account, "account.signed-in", account) as act:
        store.set_failures(act.connection, account, 0, 0)
        begun = SignIn(account, act.now_ms, act.now_ms + ABSOLUTE_MS, act.now_ms)
        store.begin_sign_in(act.connection, token_hash(token), begun)
    return token


def change_password(
    office: Office,
    passwords: Passwords,
    throttle: Throttle,
    address: str,
    account: str,
    token: bytes,
    old: str,
    new: str,
) -> None:
    """A new password for oneself; every sign-in of the account ends but that of this token hash.

    Raises: BadInput, Forbidden, TooMany. Whoever holds a stolen sign-in guesses the old password no faster
    than anybody.
    """
    check_new(account, new)
    with throttle.turn:
        try:
            _check(office, passwords, throttle, address, account, old)
        except NotSignedIn:
            raise refused(Forbidden, "wrong-password/old") from None
        hashed = passwords.hashed(new)
    with office.act(account, "account.password-changed", account) as act:
        store.set_password(act.connection, account, hashed)
        store.end_every_sign_in(act.connection, account, but=token)


def _check(
    office: Office, passwords: Passwords, throttle: Throttle, address: str, account: str, password: str
) -> None:
    """Whether this is the password of an active account. Raises NotSignedIn, TooMany."""
    _check_throttle(office, throttle, address)
    with office.look() as connection:
        known = store.find(connection, account)
    now_ms = office.clock.wall_ms()
    if known is not None and 0 < known.locked_until_ms - now_ms <= lock_ms(known.failures):
        wait_s = -(-(known.locked_until_ms - now_ms) // 1000)
        raise refused(TooMany, "locked", wait_s=wait_s)
    # Outside any transaction: a password takes tens of milliseconds to check, and nobody should wait for
    # that.
    right = passwords.matches(password, known.password_hash if known else None)
    if known is None or not right or known.state != "active":
        throttle.failed(address, office.clock.monotonic_ms())
        if known is not None and not right:
            _note_failure(office, known)
        raise refused(NotSignedIn, "wrong-password")


def _note_failure(office: Office, known: Account) -> None:
    failures = known.failures + 1
    locked_ms = lock_ms(failures)
    until_ms = office.clock.wall_ms() + locked_ms if locked_ms else 0
    if locked_ms:
        with office.act(FLEET, "account.locked", known.account) as act:
            act.note(failures=failures, locked_ms=locked_ms)
            store.set_failures(act.connection, known.account, failures, until_ms)
    else:
        with office.keep() as connection:
            store.set_failures(connection, known.account, failures, until_ms)


def sign_out(office: Office, account: str, digest: bytes) -> None:
    with office.act(account, "account.signed-out", account) as act:
        store.end_sign_in(act.connection, digest)


def issue_first_admin_code(office: Office, connection: Connection) -> str | None:
    """A code with which the first admin is made, once, within an hour; None when there is an active admin."""
    if store.active_admins(connection):
        return None
    code = code_from(office.random(10))
    store.set_code(connection, FIRST_ADMIN, token_hash(code), office.clock.wall_ms() + CODE_LIFE_MS)
    return code


def make_first_admin(
    office: Office,
    passwords: Passwords,
    throttle: Throttle,
    address: str,
    code: str,
    account: str,
    password: str,
) -> None:
    """Make the first admin, if the code from the console is right. Raises BadInput, Conflict, Forbidden,
    TooMany."""
    check_new(account, password)
    with throttle.turn:
        _check_throttle(office, throttle, address)
        with office.look() as connection:  # before any work is done for whoever has no code
            _check_code(office, throttle, address, connection, code)
        hashed = passwords.hashed(password)
    with office.act(FLEET, "account.first-admin", account) as act:
        _check_code(office, throttle, address, act.connection, code)
        if store.active_admins(act.connection):
            raise refused(Conflict, "admin-exists")
        if store.find(act.connection, account) is not None:
            raise refused(Conflict, "account-exists", account=account)
        store.forget_code(act.connection, FIRST_ADMIN)
        store.add(act.connection, account, hashed, frozenset({Role.ADMIN}), act.now_ms)


def _check_code(office: Office, throttle: Throttle, address: str, connection: Connection, code: str) -> None:
    found = store.find_code(connection, FIRST_ADMIN)
    given = token_hash(code_typed(code))
    if found is None or not same(found[0], given) or office.clock.wall_ms() >= found[1]:
        throttle.failed(address, office.clock.monotonic_ms())
        raise refused(Forbidden, "wrong-code")


def check_new(account: str, password: str) -> None:
    """Raises BadInput when the name is taken by the fleet itself, or the password is no good."""
    if account in {FLEET, "nobody"}:
        raise refused(BadInput, "bad-input/reserved", account=account)
    low, high = PASSWORD_CHARACTERS
    fault = password_fault(password, account)
    if fault is PasswordFault.LENGTH:
        raise refused(BadInput, "weak-password/length", low=low, high=high)
    if fault is PasswordFault.EASY:
        raise refused(BadInput, "weak-password/easy")


def _check_throttle(office: Office, throttle: Throttle, address: str) -> None:
    wait_ms = throttle.wait_ms(address, office.clock.monotonic_ms())
    if wait_ms:
        raise refused(TooMany, "too-many", wait_s=-(-wait_ms // 1000))
