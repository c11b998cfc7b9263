"""The page of updates: what is being rolled out, how far it is, why it stopped, and the freeze."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from fleet.api.access import ACCESS, allows
from fleet.api.guard import Hall, Who
from fleet.dashboard.rollout_words import ROLLOUT_WORDS
from fleet.dashboard.routes import render
from fleet.dashboard.words import WORDS

router = APIRouter(tags=["pages"])

_WORDS = {**WORDS, **ROLLOUT_WORDS}


@router.get("/rollouts", response_class=HTMLResponse, include_in_schema=False)
def rollouts_page(hall: Hall, who: Who) -> str:
    """Who makes no rollouts, or lifts no freeze, reads the same page without those buttons."""
    return render(
        "rollouts.html",
        words=_WORDS,
        t=_both,
        hall=hall.office.desk.hall,
        account=who.account,
        acts=allows(ACCESS["POST", "/api/rollouts"], who.roles),
        lifts=allows(ACCESS["POST", "/api/freeze/overrides"], who.roles),
    )


def _both(key: str) -> Markup:
    vi, en = _WORDS[key]
    return Markup('<span lang="vi">{}</span><span lang="en">{}</span>').format(escape(vi), escape(en))
