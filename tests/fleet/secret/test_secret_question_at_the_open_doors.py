"""A secret question has a row among the questions, and is none of them: the routes of open ones say so."""

import pytest

from tests.fleet.hall_under_test import ok, refused
from tests.fleet.secret.congress import QUESTION, SITTING, Congress, SecretHall

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("step", ["open", "hold", "resume", "close", "certify"])
def test_no_step_of_an_open_question_moves_a_secret_one(hall: SecretHall, step: str) -> None:
    congress = Congress(hall).opened()
    refused(congress.browser.post(f"/api/questions/{QUESTION}/{step}", json={}), 409, "secret-question")

    assert congress.seen()["state"] == "open"


def test_no_number_of_an_open_question_is_said_of_a_secret_one(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    member = congress.members[0]
    for answer in (
        congress.browser.get(f"/api/questions/{QUESTION}"),
        congress.browser.get(f"/api/questions/{QUESTION}/result"),
        congress.browser.put(f"/api/questions/{QUESTION}/recusals/{member}", json={"reason": "liên quan"}),
        congress.browser.post(
            f"/api/questions/{QUESTION}/corrections",
            json={"member": member, "choice": "yes", "text": "tôi đã chọn"},
        ),
    ):
        assert "secret ballots" in refused(answer, 409, "secret-question")
    assert ok(congress.browser.get(f"/api/sittings/{SITTING}"))["questions"] == []
