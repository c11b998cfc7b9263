"""Who may call what: one table, the only one. The app refuses to start when it and the routes do not
agree."""

from collections.abc import Iterable
from typing import Final

from fleet.accounts.rules import Role

Rule = frozenset[Role] | None
"""Roles that may; None: everybody, signed in or not."""

EVERYBODY: Final = None
SIGNED_IN: Final = frozenset(Role)
WATCH: Final = frozenset(SIGNED_IN - {Role.TRUSTEE})
ADMIN: Final = frozenset({Role.ADMIN})
TECHNICIAN: Final = frozenset({Role.TECHNICIAN, Role.ADMIN})
OFFICE: Final = frozenset({Role.SECRETARIAT})
ENROL: Final = frozenset({Role.SECRETARIAT, Role.TECHNICIAN})
LEDGER: Final = frozenset({Role.SECRETARIAT, Role.TECHNICIAN, Role.AUDITOR})
SEATS: Final = frozenset({Role.SECRETARIAT, Role.TECHNICIAN})
NAMES: Final = frozenset({Role.SECRETARIAT, Role.STAFF, Role.USHER, Role.AUDITOR})
SEE_DEVICES: Final = frozenset(
    {Role.TECHNICIAN, Role.SECRETARIAT, Role.STAFF, Role.AUDITOR, Role.ADMIN, Role.USHER}
)
LANE: Final = frozenset({Role.USHER, Role.SECRETARIAT})
AUDIT: Final = frozenset({Role.AUDITOR, Role.ADMIN})
PAPERS: Final = frozenset({Role.SECRETARIAT, Role.BOARD, Role.TRUSTEE})
LIFTS: Final = frozenset({Role.STAFF, Role.SECRETARIAT, Role.ADMIN})
ROLLOUTS: Final = frozenset({Role.STAFF, Role.ADMIN})
ENDS: Final = frozenset({Role.SECRETARIAT, Role.BOARD, Role.AUDITOR})

ACCESS: Final[dict[tuple[str, str], Rule]] = {
    ("GET", "/healthz"): EVERYBODY,
    ("GET", "/metrics"): EVERYBODY,
    ("GET", "/sign-in"): EVERYBODY,
    ("GET", "/static/{name}"): EVERYBODY,
    ("GET", "/api/openapi.json"): EVERYBODY,
    ("POST", "/api/first-admin"): EVERYBODY,
    ("POST", "/api/sign-in"): EVERYBODY,
    ("POST", "/api/sign-out"): SIGNED_IN,
    ("GET", "/api/me"): SIGNED_IN,
    ("PUT", "/api/me/password"): SIGNED_IN,
    ("GET", "/api/accounts"): ADMIN,
    ("POST", "/api/accounts"): ADMIN,
    ("PATCH", "/api/accounts/{account}"): ADMIN,
    ("GET", "/api/devices"): SEE_DEVICES,
    ("POST", "/api/devices"): TECHNICIAN,
    ("GET", "/api/devices/{device}"): SEE_DEVICES,
    ("POST", "/api/devices/{device}/revoke"): TECHNICIAN,
    ("POST", "/api/devices/{device}/commands"): TECHNICIAN,
    ("GET", "/api/devices/{device}/self-test"): SEE_DEVICES,
    ("GET", "/api/self-tests"): SEE_DEVICES,
    ("GET", "/api/places"): SEE_DEVICES,
    ("PUT", "/api/places"): TECHNICIAN,
    ("PUT", "/api/places/{place}/device"): TECHNICIAN,
    ("POST", "/api/swap"): TECHNICIAN,
    ("GET", "/api/members"): NAMES,
    ("POST", "/api/members"): OFFICE,
    ("DELETE", "/api/members/{member}"): OFFICE,
    ("POST", "/api/members/{member}/consent"): ENROL,
    ("GET", "/api/members/{member}/consent"): LEDGER,
    ("DELETE", "/api/members/{member}/consent"): ENROL,
    ("GET", "/api/members/{member}/withdrawal"): LEDGER,
    ("GET", "/api/references"): SEE_DEVICES,
    ("POST", "/api/references"): ENROL,
    ("PUT", "/api/references/keys"): ENROL,
    ("POST", "/api/references/publish"): ENROL,
    ("POST", "/api/references/destroy"): OFFICE,
    ("POST", "/api/references/begin"): OFFICE,
    ("GET", "/api/references/destruction"): SEE_DEVICES,
    ("POST", "/api/badges"): ENROL,
    ("POST", "/api/members/search"): LANE,
    ("GET", "/api/gates"): LANE,
    ("PUT", "/api/gates/{gate}/hold"): LANE,
    ("POST", "/api/gates/{gate}/admit"): LANE,
    ("GET", "/api/gates/{gate}/admit/{id}"): LANE,
    ("GET", "/api/sittings"): WATCH,
    ("POST", "/api/sittings"): OFFICE,
    ("GET", "/api/sittings/{sitting}"): WATCH,
    ("POST", "/api/sittings/{sitting}/open"): OFFICE,
    ("POST", "/api/sittings/{sitting}/close"): OFFICE,
    ("POST", "/api/sittings/{sitting}/certify"): OFFICE,
    ("PUT", "/api/sittings/{sitting}/seats/{device}"): SEATS,
    ("GET", "/api/sittings/{sitting}/attendance"): WATCH,
    ("GET", "/api/sittings/{sitting}/roll"): NAMES,
    ("POST", "/api/sittings/{sitting}/questions"): OFFICE,
    ("GET", "/api/questions/{question}"): WATCH,
    ("POST", "/api/questions/{question}/open"): OFFICE,
    ("POST", "/api/questions/{question}/hold"): OFFICE,
    ("POST", "/api/questions/{question}/resume"): OFFICE,
    ("POST", "/api/questions/{question}/close"): OFFICE,
    ("POST", "/api/questions/{question}/certify"): OFFICE,
    ("GET", "/api/questions/{question}/result"): WATCH,
    ("GET", "/api/rules"): WATCH,
    ("GET", "/api/questions/{question}/recusals"): NAMES,
    ("PUT", "/api/questions/{question}/recusals/{member}"): OFFICE,
    ("DELETE", "/api/questions/{question}/recusals/{member}"): OFFICE,
    ("POST", "/api/questions/{question}/corrections"): OFFICE,
    ("GET", "/api/questions/{question}/boxes"): WATCH,
    ("PUT", "/api/questions/{question}/boxes/{box}"): OFFICE,
    ("PUT", "/api/sittings/{sitting}/plan"): SEATS,
    ("GET", "/api/sittings/{sitting}/settings"): WATCH,
    ("PUT", "/api/sittings/{sitting}/settings"): OFFICE,
    ("GET", "/api/sittings/{sitting}/unlock"): NAMES,
    ("PUT", "/api/sittings/{sitting}/unlock"): OFFICE,
    ("PUT", "/api/sittings/{sitting}/seats/{device}/pin-waiver"): OFFICE,
    ("DELETE", "/api/sittings/{sitting}/seats/{device}/pin-waiver"): OFFICE,
    ("GET", "/api/log/head"): WATCH,
    ("GET", "/api/audit"): AUDIT,
    ("GET", "/api/audit/verify"): AUDIT,
    ("GET", "/api/board"): WATCH,
    ("GET", "/api/board/events"): WATCH,
    ("GET", "/"): WATCH,
    ("GET", "/questions"): NAMES,
    ("POST", "/api/sittings/{sitting}/secret-questions"): OFFICE,
    ("GET", "/api/contests"): WATCH,
    ("GET", "/api/contests/{contest}"): WATCH,
    ("POST", "/api/contests/{contest}/announce"): OFFICE,
    ("POST", "/api/contests/{contest}/open"): OFFICE,
    ("POST", "/api/contests/{contest}/hold"): OFFICE,
    ("POST", "/api/contests/{contest}/resume"): OFFICE,
    ("GET", "/api/contests/{contest}/session-keys"): OFFICE,
    ("GET", "/api/contests/{contest}/close-draft"): OFFICE,
    ("GET", "/api/contests/{contest}/ends"): ENDS,
    ("GET", "/api/contests/{contest}/result"): WATCH,
    ("POST", "/api/documents"): PAPERS,
    ("GET", "/api/documents/{hash}"): SIGNED_IN,
    ("DELETE", "/api/documents/{hash}"): OFFICE,
    ("GET", "/api/log/checkpoint"): EVERYBODY,
    ("POST", "/api/log/cosignatures"): EVERYBODY,
    ("GET", "/api/contests/{contest}/tally"): EVERYBODY,
    ("POST", "/api/contests/{contest}/tally/signatures"): EVERYBODY,
    ("GET", "/secret"): WATCH,
    ("GET", "/usher"): LANE,
    ("GET", "/api/freeze"): SEE_DEVICES,
    ("POST", "/api/freeze/overrides"): LIFTS,
    ("POST", "/api/freeze/overrides/{id}/agree"): LIFTS,
    ("POST", "/api/freeze/overrides/{id}/end"): LIFTS,
    ("GET", "/api/sittings/{sitting}/attestation"): WATCH,
    ("GET", "/api/targets"): SEE_DEVICES,
    ("GET", "/api/rollouts"): SEE_DEVICES,
    ("POST", "/api/rollouts"): ROLLOUTS,
    ("GET", "/api/rollouts/{rollout}"): SEE_DEVICES,
    ("POST", "/api/rollouts/{rollout}/start"): ROLLOUTS,
    ("POST", "/api/rollouts/{rollout}/pause"): ROLLOUTS,
    ("POST", "/api/rollouts/{rollout}/resume"): ROLLOUTS,
    ("POST", "/api/rollouts/{rollout}/abort"): ROLLOUTS,
    ("POST", "/api/rollouts/{rollout}/roll-back"): ROLLOUTS,
    ("POST", "/api/rollouts/{rollout}/retry"): ROLLOUTS,
    ("GET", "/api/rollouts/{rollout}/devices"): SEE_DEVICES,
    ("POST", "/api/rollouts/{rollout}/devices/{device}"): TECHNICIAN,
    ("GET", "/api/devices/{device}/why-not"): SEE_DEVICES,
    ("GET", "/api/devices/{device}/backend"): SEE_DEVICES,
    ("PUT", "/api/devices/{device}/backend"): TECHNICIAN,
    ("GET", "/rollouts"): SEE_DEVICES,
}


def allows(rule: Rule, roles: Iterable[Role]) -> bool:
    """Whether somebody signed in with these roles may call a route of this rule."""
    return rule is None or not rule.isdisjoint(roles)


def mismatches(routes: Iterable[tuple[str, str]]) -> list[str]:
    """What the table and the app's routes, as (method, path), do not agree on; one sentence each."""
    present = set(routes)
    missing = [f"{method} {path} has no line in ACCESS" for method, path in sorted(present - ACCESS.keys())]
    extra = [
        f"ACCESS names {method} {path}, which does not exist"
        for method, path in sorted(ACCESS.keys() - present)
    ]
    return missing + extra
