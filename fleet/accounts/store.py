"""Accounts, sign-ins and one-time codes in the database."""

from typing import Any

from sqlalchemy import delete, insert, select, update

from fleet.accounts.rules import Account, Role, SignIn, roles_of, roles_text
from fleet.db import Connection
from fleet.tables import accounts, one_time_codes, sign_ins


def find(connection: Connection, account: str) -> Account | None:
    row = connection.execute(select(accounts).where(accounts.c.account == account)).first()
    return _account(row) if row else None


def everybody(connection: Connection) -> list[Account]:
    return [_account(row) for row in connection.execute(select(accounts).order_by(accounts.c.account))]


def active_admins(connection: Connection) -> set[str]:
    return {who.account for who in everybody(connection) if who.state == "active" and Role.ADMIN in who.roles}


def add(
    connection: Connection, account: str, password_hash: str, roles: frozenset[Role], now_ms: int
) -> None:
    connection.execute(
        insert(accounts).values(
            account=account,
            password_hash=password_hash,
            roles=roles_text(roles),
            state="active",
            failures=0,
            locked_until_ms=0,
            created_ms=now_ms,
        )
    )


def set_roles(connection: Connection, account: str, roles: frozenset[Role]) -> None:
    connection.execute(update(accounts).where(accounts.c.account == account).values(roles=roles_text(roles)))


def set_state(connection: Connection, account: str, state: str) -> None:
    connection.execute(update(accounts).where(accounts.c.account == account).values(state=state))


def set_password(connection: Connection, account: str, password_hash: str) -> None:
    connection.execute(
        update(accounts)
        .where(accounts.c.account == account)
        .values(password_hash=password_hash, failures=0, locked_until_ms=0)
    )


def set_failures(connection: Connection, account: str, failures: int, locked_until_ms: int) -> None:
    connection.execute(
        update(accounts)
        .where(accounts.c.account == account)
        .values(failures=failures, locked_until_ms=locked_until_ms)
    )


def begin_sign_in(connection: Connection, token_hash: bytes, sign_in: SignIn) -> None:
    connection.execute(delete(sign_ins).where(sign_ins.c.expires_ms <= sign_in.created_ms))
    connection.execute(
        insert(sign_ins).values(
            token_hash=token_hash,
            account=sign_in.account,
            created_ms=sign_in.created_ms,
            expires_ms=sign_in.expires_ms,
            last_used_ms=sign_in.last_used_ms,
        )
    )


def find_sign_in(connection: Connection, token_hash: bytes) -> tuple[SignIn, Account] | None:
    row = connection.execute(select(sign_ins).where(sign_ins.c.token_hash == token_hash)).first()
    if row is None:
        return None
    account = find(connection, row.account)
    return (
        (SignIn(row.account, row.created_ms, row.expires_ms, row.last_used_ms), account) if account else None
    )


def touch_sign_in(connection: Connection, token_hash: bytes, now_ms: int) -> None:
    connection.execute(
        update(sign_ins).where(sign_ins.c.token_hash == token_hash).values(last_used_ms=now_ms)
    )


def end_sign_in(connection: Connection, token_hash: bytes) -> None:
    connection.execute(delete(sign_ins).where(sign_ins.c.token_hash == token_hash))


def end_every_sign_in(connection: Connection, account: str, but: bytes = b"") -> None:
    """End all sign-ins of an account, except the one of this token hash."""
    connection.execute(delete(sign_ins).where(sign_ins.c.account == account, sign_ins.c.token_hash != but))


def set_code(connection: Connection, purpose: str, code_hash: bytes, expires_ms: int) -> None:
    forget_code(connection, purpose)
    connection.execute(
        insert(one_time_codes).values(purpose=purpose, code_hash=code_hash, expires_ms=expires_ms)
    )


def find_code(connection: Connection, purpose: str) -> tuple[bytes, int] | None:
    """(hash, expires_ms) of the code in force."""
    row = connection.execute(select(one_time_codes).where(one_time_codes.c.purpose == purpose)).first()
    return (row.code_hash, row.expires_ms) if row else None


def forget_code(connection: Connection, purpose: str) -> None:
    connection.execute(delete(one_time_codes).where(one_time_codes.c.purpose == purpose))


def _account(row: Any) -> Account:
    return Account(
        account=row.account,
        password_hash=row.password_hash,
        roles=roles_of(row.roles),
        state=row.state,
        failures=row.failures,
        locked_until_ms=row.locked_until_ms,
        created_ms=row.created_ms,
    )
