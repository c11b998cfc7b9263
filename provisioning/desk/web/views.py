"""What the pages are told, as JSON."""

from typing import Any, Final

from provisioning.desk.book import Book
from provisioning.desk.claims import Claim, State
from provisioning.desk.naming import FINGERPRINT_DIGITS
from provisioning.desk.plan import GREEN
from provisioning.desk.progress import hall, next_step
from provisioning.plan import Place, Plan
from wire.claim_code import spaced

SHOWN_MAX: Final = 100


def claim_view(book: Book, claim: Claim, device: dict[str, Any] | None = None) -> dict[str, Any]:
    """device: the fleet's line of it, once it is registered. successor: the claim that its key has now, where
    this one is over."""
    waits = book.waits_for(claim)
    why, words = waits or (claim.why, (claim.vi, claim.en))
    follower = book.claims.by_key(claim.key)
    return {
        "claim": claim.claim,
        "code": spaced(claim.code),
        "state": claim.state.value,
        "role": claim.role,
        "serial": claim.serial,
        "device": claim.device,
        "fingerprint": claim.key[:FINGERPRINT_DIGITS],
        "place": claim.place,
        "label": claim.label,
        "by": claim.by,
        "why": why,
        "vi": words[0],
        "en": words[1],
        "next": next_step(claim),
        "same_serial": len(book.claims.of_serial(claim.serial)) > 1,
        "is_green": device is not None and device.get("colour") == GREEN,
        "successor": follower.claim if follower is not None and follower.claim != claim.claim else None,
    }


def place_view(place: Place, holder: Claim | None) -> dict[str, Any]:
    """is_taken: an active device stands there, or another one has been given it and is on its way."""
    return {
        "place": place.place,
        "role": place.role,
        "label": place.label,
        "row": place.row,
        "seat": place.seat,
        "x": place.x,
        "y": place.y,
        "serial": place.serial,
        "device": place.device,
        "state": place.state,
        "word": place.word,
        "colour": place.colour,
        "is_taken": (place.device is not None and place.state == "active") or holder is not None,
    }


def places_view(book: Book, plan: Plan, role: str) -> list[dict[str, Any]]:
    """The places where a device of this role can stand."""
    with book.lock:
        return [
            place_view(place, book.claims.holder(place.place)) for place in plan.places if place.role == role
        ]


def hall_view(book: Book, plan: Plan, name: str, account: str) -> dict[str, Any]:
    """What is done, what is left, and who waits: those first whose state changed last. A phone asks for it
    every other second, so both lists have an end."""
    with book.lock:
        claims = book.claims.in_force()
        waiting = [claim for claim in claims if claim.state is not State.INSTALLED]
        waiting.sort(key=lambda claim: claim.changed_ms, reverse=True)
        shown = [claim_view(book, claim) for claim in waiting[:SHOWN_MAX]]
    found = hall(plan, claims)
    return {
        "hall": name,
        "account": account,
        "words": found.words,
        "count": {"places": found.places, "placed": found.placed, "green": found.green},
        "left": found.left[:SHOWN_MAX],
        "left_count": len(found.left),
        "claims": shown,
    }
