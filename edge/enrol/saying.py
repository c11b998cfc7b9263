"""The counter's state and its errors -> what the page shows. Both languages, always."""

from typing import Any

from markupsafe import Markup, escape

from edge.enrol.counter import Counter
from edge.enrol.desk import LOOKS_ADVISED, is_good, obstacle
from edge.enrol.look import Look
from edge.enrol.ports import FleetRefused
from edge.enrol.sending import Outcome, waiting
from edge.enrol.words import PAGE, SAY, Words, sentence
from wire.errors import HallError


def both(key: str) -> Markup:
    """A word of the page in both languages, as markup; the style sheet shows one."""
    vietnamese, english = PAGE[key]
    frame = Markup('<span lang="vi">{}</span><span lang="en">{}</span>')
    return frame.format(escape(vietnamese), escape(english))


def state_of(counter: Counter) -> dict[str, Any]:
    """Everything that the page shows but the pictures of the camera, which it fetches."""
    place, visit = counter.place, counter.visit
    return {
        "account": place.fleet.account,
        "camera": {"there": place.lens.is_there, "open": place.lens.is_open},
        "kept": len(place.shelf.all()),
        "waiting": len(waiting(place.shelf)) + len(place.shelf.withdrawals()),
        "visit": None
        if visit is None
        else {
            "member": visit.member.hex(),
            "name": visit.name,
            "consent": visit.consent.body() if visit.consent else None,
            "looks": [look_view(look) for look in visit.looks],
            "obstacle": obstacle(visit),
            "advised": max(0, LOOKS_ADVISED - len(visit.looks)),
        },
    }


def look_view(look: Look) -> dict[str, Any]:
    """good: nothing would help. quality: 0..100. said: in both languages."""
    parts = [sentence("look-good" if is_good(look) else "look-fair"), *map(sentence, look.advice)]
    said = tuple(" ".join(words[language] for words in parts) for language in (0, 1))
    return {"good": is_good(look), "quality": round(100 * look.quality), "said": said}


def done_words(outcome: Outcome) -> Words:
    """Somebody is enrolled; which gates get nothing yet; and who withdrew elsewhere."""
    said = [sentence("done", gates=outcome.gates)]
    if outcome.unread:
        said.append(sentence("unread", gates=", ".join(outcome.unread)))
    return _together(said + _withdrew(outcome))


def sign_in_words(outcome: Outcome) -> Words | None:
    """What the sign-in has changed; None: nothing."""
    sent = [sentence("sent", count=outcome.sent)] if outcome.sent else []
    said = sent + _withdrew(outcome)
    return _together(said) if said else None


def outcome_words(outcome: Outcome) -> Words:
    """How the sending went; the first refusal when there was one."""
    if outcome.refused:
        member, err = outcome.refused[0]
        vietnamese, english = said_of(err)
        said = (f"{member.hex()[:8]}: {vietnamese}", f"{member.hex()[:8]}: {english}")
    else:
        said = sentence("sent", count=outcome.sent)
    return _together([said, *_withdrew(outcome)])


def _withdrew(outcome: Outcome) -> list[Words]:
    members = set(outcome.withdrew)
    return [sentence("withdrew-elsewhere", count=len(members))] if members else []


def _together(said: list[Words]) -> Words:
    return " ".join(words[0] for words in said), " ".join(words[1] for words in said)


def said_of(err: HallError) -> Words:
    """The sentence for an error that is nobody's expectation."""
    if isinstance(err, FleetRefused):
        key = f"{err.code}-{err.reason}"
        known = key if key in SAY else err.code
        vietnamese, _ = sentence(known, sentence=err.vi or err.diagnostics())
        _, english = sentence(known, sentence=err.diagnostics())
        return vietnamese, english
    return sentence(err.code if err.code in SAY else "trouble", sentence=err.diagnostics())
