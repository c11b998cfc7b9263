"""The secretariat's page: a question from its preparation to its protocol."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from fleet.accounts.rules import Role
from fleet.api.guard import Hall, Who
from fleet.dashboard.routes import render

router = APIRouter(tags=["pages"])


@router.get("/questions", response_class=HTMLResponse, include_in_schema=False)
def questions_page(hall: Hall, who: Who) -> str:
    """Who is not of the secretariat reads the same page without its buttons."""
    return render(
        "questions.html",
        hall=hall.office.desk.hall,
        account=who.account,
        acts=Role.SECRETARIAT in who.roles,
    )
