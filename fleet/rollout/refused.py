"""Refusals of the rules of rollouts as the API says them, in both languages."""

from typing import Any, TypeVar

from fleet.api.errors import ApiError, Conflict
from fleet.rollout.rules.errors import RuleRefused
from fleet.rollout.rules.refusals import refusal
from fleet.rollout.rules.saying import Said
from fleet.updates.errors import ReleaseRefused

E = TypeVar("E", bound=ApiError)


def refused(kind: type[E], key: str, *, code: str | None = None, **facts: Any) -> E:
    """The sentence of that key of the table. code: the key, if it is not given."""
    return _told(kind, refusal(key, **facts), code or key)


def of_rules(kind: type[E], err: RuleRefused) -> E:
    return _told(kind, err.said, err.code)


def of_release(err: ReleaseRefused) -> Conflict:
    """Why nobody may trust what is published here."""
    return _told(Conflict, refusal("release-refused", why=err.diagnostics()), err.code)


def _told(kind: type[E], said: Said, code: str) -> E:
    return kind(_sentence(said.en), code=code, vi=_sentence(said.vi))


def _sentence(what: str) -> str:
    return what[:1].upper() + what[1:].rstrip(".") + "."
