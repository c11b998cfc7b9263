"""What the fleet answers, read strictly: a fleet of another release is no broken device. Pure."""

import hashlib
from collections.abc import Sequence
from typing import Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provisioning.acceptance.report import EmptyPlace, LogHead, Paper, Result, Row
from provisioning.errors import FleetRefused
from provisioning.plan import Place

T = TypeVar("T", int, str, bool)


def listed(answer: Any) -> list[dict[str, Any]]:
    """Raises FleetRefused, as everything here does."""
    if not isinstance(answer, list) or not all(isinstance(each, dict) for each in answer):
        raise _odd("a list is missing")
    return answer


def field(values: dict[str, Any], name: str, kind: type[T]) -> T:
    found = values.get(name)
    if type(found) is not kind:
        raise _odd(f"{name} is missing or no {kind.__name__}")
    return found


def maybe(values: dict[str, Any], name: str) -> str | None:
    """Text, or nothing."""
    found = values.get(name)
    if found is not None and type(found) is not str:
        raise _odd(f"{name} is no text")
    return found


def paper_of(detail: dict[str, Any]) -> Paper:
    """Of GET /api/devices/{device}."""
    try:
        certificate = x509.load_pem_x509_certificate(field(detail, "certificate", str).encode())
    except ValueError:
        raise _odd("a certificate is none") from None
    return Paper(
        device=field(detail, "device", str),
        role=field(detail, "role", str),
        place=field(detail, "place", str),
        place_id=maybe(detail, "place_id") or "",
        serial=maybe(detail, "serial") or "",
        software=field(detail, "software", str),
        fingerprint=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
        end_ms=int(certificate.not_valid_after_utc.timestamp() * 1000),
    )


def result_of(answer: dict[str, Any]) -> Result:
    """One line of GET /api/self-tests."""
    rows = tuple(
        Row(field(row, "part", str), field(row, "passed", bool), field(row, "detail", str))
        for row in listed(answer.get("results"))
    )
    passed = field(answer, "passed", bool)
    if passed != all(row.passed for row in rows) or not rows:
        raise _odd("a self-test passed and did not")
    return Result(
        maybe(answer, "command"),
        passed,
        field(answer, "leaf_index", int),
        field(answer, "wall_ms", int),
        rows,
    )


def empty_places(places: Sequence[Place], active: Sequence[str]) -> tuple[EmptyPlace, ...]:
    standing = set(active)
    return tuple(
        EmptyPlace(place.place, place.label, place.role) for place in places if place.device not in standing
    )


def head_of(answer: Any) -> LogHead:
    """Of GET /api/log/head."""
    if not isinstance(answer, dict):
        raise _odd("the log has no head")
    return LogHead(field(answer, "size", int), field(answer, "note", str))


def _odd(what: str) -> FleetRefused:
    return FleetRefused(
        f"the fleet answers in a way that this release does not know ({what}): bring both to one release"
    )
