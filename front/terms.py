"""What a server asks of a request before its body is read: who sends it, how long it is, of what type."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Scope

SAFE: Final = frozenset({"GET", "HEAD"})
"""What changes nothing. Whoever sends a body with it gets it read, within the limits, and no more."""
_ONCE: Final = ("host", "origin", "content-length", "content-type", "transfer-encoding")
_LENGTH_DIGITS_MAX: Final = 18
"""More of them are too much for every limit, and at last for `int`."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a request is turned away: status, stable code, the sentence in Vietnamese and English."""

    status: int
    code: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What a request may bring. kinds: media types, none: nobody asks; wrong_kind: for another.

    is_from_a_page: the change must say that it comes from a page of this server. A device has no cookie that
    another's page could borrow, and need not say.
    """

    bytes_max: int
    kinds: Collection[str] = ()
    wrong_kind: Fault | None = None
    is_from_a_page: bool = True


def welcome(_scope: Scope, _headers: Headers) -> Fault | None:
    """Nobody is a stranger."""
    return None


@dataclass(frozen=True, slots=True)
class Terms:
    """One server's part: its limits and its words.

    body_s: seconds that a body may take. intake: what this request may bring. stranger: what is wrong with
    whoever sends it, before all else but headers that stand there twice. no_origin: for a change that does
    not say where it comes from, `{own}` is where it should; None: foreign. bad_code: of headers that
    contradict each other or themselves. answer: a refusal as this server says it, one message of headers and
    one of the whole body. page_loads: what pages need beside scripts and styles of their own, as a content
    security policy says it. keeps_body: the body goes into `scope["body"]`, a bytearray that can be wiped,
    instead of what the app receives.
    """

    body_s: float
    intake: Callable[[Scope], Intake]
    too_long: Fault
    too_slow: Fault
    foreign: Fault
    answer: Callable[[Fault], ASGIApp]
    no_origin: Fault | None = None
    stranger: Callable[[Scope, Headers], Fault | None] = welcome
    bad_code: str = "bad-input"
    page_loads: str = "img-src 'self'; font-src 'self'"
    keeps_body: bool = False


def has_body(headers: Headers) -> bool:
    """Whether something follows these headers."""
    return headers.get("content-length", "0").strip("0") != "" or "transfer-encoding" in headers


def fault_of(terms: Terms, scope: Scope, headers: Headers) -> Fault | None:
    """What is wrong with a request before its body is read; None when nothing is.

    A browser sends Origin with every request that changes something, and no page can forge it: whoever wants
    a change comes from a page of this very server, or is a program that says so.
    """
    for name in _ONCE:
        if len(headers.getlist(name)) > 1:
            return _bad(terms, f"The header {name} stands there twice.")
    if (stranger := terms.stranger(scope, headers)) is not None:
        return stranger
    intake = terms.intake(scope)
    if scope["method"] in SAFE:
        return _length_fault(terms, intake, headers)
    origin, own = headers.get("origin"), f"{scope['scheme']}://{headers.get('host', '')}"
    if origin is None and intake.is_from_a_page:
        return _naming(own, terms.no_origin or terms.foreign)
    if origin is not None and origin != own:
        return terms.foreign
    if (too_much := _length_fault(terms, intake, headers)) is not None:
        return too_much
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return intake.wrong_kind if intake.kinds and kind not in intake.kinds else None


def _length_fault(terms: Terms, intake: Intake, headers: Headers) -> Fault | None:
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        return _bad(terms, "Content-Length is not a number.")
    if "content-length" in headers and "transfer-encoding" in headers:
        return _bad(terms, "Content-Length and Transfer-Encoding contradict each other.")
    digits = length.lstrip("0")
    is_long = len(digits) > _LENGTH_DIGITS_MAX or int(digits or "0") > intake.bytes_max
    return terms.too_long if is_long else None


def _naming(own: str, fault: Fault) -> Fault:
    return replace(fault, vi=fault.vi.replace("{own}", own), en=fault.en.replace("{own}", own))


def _bad(terms: Terms, en: str) -> Fault:
    return Fault(400, terms.bad_code, "Yêu cầu sai.", en)
