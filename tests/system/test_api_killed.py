"""kill -9 of the API while a question is open, and in the middle of an officer's act."""

import contextlib
import threading
from functools import partial

from hallward.demo.api import ApiError
from tests.system.hall import SITTING, SystemHall
from tests.system.one_broker import ON_ONE_BROKER

pytestmark = ON_ONE_BROKER


def test_votes_go_on_and_the_result_is_right(hall: SystemHall) -> None:
    question = hall.open_question()
    for name in hall.keypads:
        hall.until_shows(name, "open", says=question)
    since = len(hall.fleet_log())
    dead = hall.kill("api")
    for name in hall.keypads:
        hall.press(name, "no", "ok")
    for name in hall.keypads:
        hall.until_shows(name, "recorded")
    hall.until_back("api", dead)
    assert hall.close_question(question) == {"choices": dict.fromkeys(hall.keypads, "no"), "uncounted": []}
    hall.once("api ended (killed by SIGKILL)", since)


def test_an_act_that_it_died_in_is_done_wholly_or_not_at_all(hall: SystemHall) -> None:
    """The officer does not know which, looks, and goes on from there."""
    for number in range(4):
        question = {"question": f"api-killed-{hall.kind}-{number}", "text": "?", "revote": False}
        body = {**question, "majority_num": 1, "majority_den": 2}
        path = f"/api/sittings/{SITTING}/questions"

        def ask(path: str = path, body: dict[str, object] = body) -> None:
            with contextlib.suppress(ApiError):
                hall.api.post(path, body)

        asking = threading.Thread(target=ask)
        asking.start()
        dead = hall.kill("api")
        asking.join()
        hall.until_back("api", dead)
        name = str(question["question"])
        if not hall.rows("SELECT question FROM questions WHERE question = :name", name=name):
            hall.asked(path, body)
        subject = f"{SITTING}/{name}"
        found = "SELECT kind FROM records WHERE subject = :subject AND kind = 'terms/1'"
        hall.until(partial(hall.rows, found, subject=subject), f"the terms of {name} are a leaf")
        leaves = hall.rows("SELECT kind FROM records WHERE subject = :subject", subject=subject)
        lines = hall.rows("SELECT line FROM audit_log WHERE subject = :name", name=name)
        assert sorted(kind for (kind,) in leaves) == ["question/1", "terms/1"]
        assert len(lines) == 1
    hall.vote("abstain")
    hall.audited()
