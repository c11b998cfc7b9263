"""Sign-in and accounts over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from fleet.accounts import sign_in as signing
from fleet.accounts import store
from fleet.accounts.refusals import refused
from fleet.accounts.rules import ABSOLUTE_MS, Role
from fleet.api.errors import Conflict, NotFound
from fleet.api.guard import Hall, Who
from fleet.api.types import Body, Name, Password, View

router = APIRouter(tags=["accounts"])

Roles = Annotated[list[Annotated[Role, Field(strict=False)]], Field(min_length=1, max_length=len(Role))]


class Credentials(Body):
    account: Name
    password: Password


class FirstAdmin(Credentials):
    code: Annotated[str, Field(min_length=16, max_length=40)]


class NewAccount(Credentials):
    roles: Roles


class AccountChange(Body):
    """What is absent stays as it is."""

    roles: Roles | None = None
    state: Literal["active", "disabled"] | None = None
    password: Password | None = None


class PasswordChange(Body):
    old: Password
    new: Password


class Me(View):
    account: str
    roles: list[Role]


class AccountView(Me):
    state: str
    created_ms: int


@router.post("/api/first-admin", status_code=201)
def first_admin(hall: Hall, request: Request, body: FirstAdmin) -> Me:
    """The first admin, with the one-time code from the console."""
    signing.make_first_admin(
        hall.office, hall.passwords, hall.throttle, _address(request), body.code, body.account, body.password
    )
    return Me(account=body.account, roles=[Role.ADMIN])


@router.post("/api/sign-in")
def sign_in(hall: Hall, request: Request, response: Response, body: Credentials) -> Me:
    """Sets the sign-in cookie."""
    token = signing.sign_in(
        hall.office, hall.passwords, hall.throttle, _address(request), body.account, body.password
    )
    response.set_cookie(
        hall.cookie,
        token,
        max_age=ABSOLUTE_MS // 1000,
        httponly=True,
        samesite="strict",
        secure=hall.secure,
        path="/",
    )
    with hall.office.look() as connection:
        account = store.find(connection, body.account)
    return Me(account=body.account, roles=sorted(account.roles) if account else [])


@router.post("/api/sign-out")
def sign_out(hall: Hall, who: Who, response: Response) -> Me:
    signing.sign_out(hall.office, who.account, who.token_hash)
    response.delete_cookie(hall.cookie, path="/", httponly=True, samesite="strict", secure=hall.secure)
    return Me(account=who.account, roles=[])


@router.get("/api/me")
def me(who: Who) -> Me:
    return Me(account=who.account, roles=sorted(who.roles))


@router.put("/api/me/password")
def change_password(hall: Hall, who: Who, request: Request, body: PasswordChange) -> Me:
    """A new password for oneself; every other sign-in of the account ends."""
    signing.change_password(
        hall.office,
        hall.passwords,
        hall.throttle,
        _address(request),
        who.account,
        who.token_hash,
        body.old,
        body.new,
    )
    return me(who)


@router.get("/api/accounts")
def accounts(hall: Hall) -> list[AccountView]:
    with hall.office.look() as connection:
        everybody = store.everybody(connection)
    return [
        AccountView(account=a.account, roles=sorted(a.roles), state=a.state, created_ms=a.created_ms)
        for a in everybody
    ]


@router.post("/api/accounts", status_code=201)
def add_account(hall: Hall, who: Who, body: NewAccount) -> Me:
    signing.check_new(body.account, body.password)
    hashed, roles = hall.passwords.hashed(body.password), frozenset(body.roles)
    with hall.office.act(who.account, "account.added", body.account) as act:
        if store.find(act.connection, body.account) is not None:
            raise refused(Conflict, "account-exists", account=body.account)
        store.add(act.connection, body.account, hashed, roles, act.now_ms)
        act.note(roles=sorted(roles))
    return Me(account=body.account, roles=sorted(roles))


@router.patch("/api/accounts/{account}")
def change_account(hall: Hall, who: Who, account: Name, body: AccountChange) -> AccountView:
    """Roles, state or password of an account; all its sign-ins end. The last active admin stays one."""
    if body.password is not None:
        signing.check_new(account, body.password)
    hashed = hall.passwords.hashed(body.password) if body.password is not None else None
    with hall.office.act(who.account, "account.changed", account) as act:
        if store.find(act.connection, account) is None:
            raise refused(NotFound, "not-found", account=account)
        if body.roles is not None:
            store.set_roles(act.connection, account, frozenset(body.roles))
            act.note(roles=sorted(body.roles))
        if body.state is not None:
            store.set_state(act.connection, account, body.state)
            act.note(state=body.state)
        if hashed is not None:
            store.set_password(act.connection, account, hashed)
            act.note(password="changed")  # noqa: S106  # the word, not a password
        if not store.active_admins(act.connection):
            raise refused(Conflict, "last-admin")
        store.end_every_sign_in(act.connection, account)
        changed = store.find(act.connection, account)
    if changed is None:
        raise refused(NotFound, "not-found", account=account)
    return AccountView(
        account=account, roles=sorted(changed.roles), state=changed.state, created_ms=changed.created_ms
    )


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
