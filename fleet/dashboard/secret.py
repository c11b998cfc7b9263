"""The secretariat's page of secret questions: what each waits for, from its preparation to its protocol."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from fleet.accounts.rules import Role
from fleet.api.guard import Hall, Who
from fleet.dashboard.routes import render
from fleet.dashboard.secret_words import SECRET_WORDS
from fleet.dashboard.words import WORDS

router = APIRouter(tags=["pages"])

_WORDS = {**WORDS, **SECRET_WORDS}


@router.get("/secret", response_class=HTMLResponse, include_in_schema=False)
def secret_page(hall: Hall, who: Who) -> str:
    """Who is not of the secretariat reads the same page without its buttons."""
    return render(
        "secret.html",
        words=_WORDS,
        t=_both,
        hall=hall.office.desk.hall,
        account=who.account,
        acts=Role.SECRETARIAT in who.roles,
        hands_in=not who.roles.isdisjoint({Role.SECRETARIAT, Role.BOARD}),
    )


def _both(key: str) -> Markup:
    vi, en = _WORDS[key]
    return Markup('<span lang="vi">{}</span><span lang="en">{}</span>').format(escape(vi), escape(en))
