"""The page: what it is made of, what it says, and how it keeps those who watch up to date."""

import asyncio
import json
import re
from collections.abc import Callable, Coroutine
from importlib.resources import files
from typing import Any

import pytest

from fleet.dashboard.live import Live
from fleet.dashboard.rollout_words import ROLLOUT_WORDS
from fleet.dashboard.routes import _events
from fleet.dashboard.secret_words import SECRET_WORDS
from fleet.dashboard.words import WORDS
from tests.fleet.hall_under_test import HallUnderTest, ok, refused

STATIC = files("fleet.dashboard") / "static"
TEMPLATES = files("fleet.dashboard") / "templates"


def texts(folder: Any, suffix: str) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir() if file.name.endswith(suffix)}


def test_pages_run_no_script_and_no_style_of_their_own_and_load_nothing_from_elsewhere(
    hall: HallUnderTest,
) -> None:
    browser = hall.client("secretariat")
    for path in ("/", "/sign-in", "/questions", "/secret", "/rollouts"):
        answer = browser.get(path)
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy
        html = answer.text
        assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", html)
        assert not re.search(r"\son[a-z]+=|<style|\sstyle=|javascript:", html)
        for address in re.findall(r'(?:src|href)="([^"]+)"', html):
            assert address.startswith(("/", "#")), address
            assert not address.startswith("//"), address
        for address in re.findall(r'"(/static/[^"]+)"', html):
            assert browser.get(address).status_code == 200


def test_assets_name_no_other_server() -> None:
    for name, text in (texts(STATIC, ".js") | texts(STATIC, ".css")).items():
        assert not re.search(r"https?://|//[a-z]+\.", text), name


def test_assets_are_kept_until_they_change(hall: HallUnderTest) -> None:
    browser = hall.client()
    first = browser.get("/static/live.js")
    assert first.headers["content-type"].startswith("text/javascript")
    assert browser.get("/static/live.js", headers={"if-none-match": first.headers["etag"]}).status_code == 304


def test_every_word_is_there_in_both_languages_and_none_is_missing() -> None:
    known = WORDS | SECRET_WORDS | ROLLOUT_WORDS
    assert all(vi and en for vi, en in known.values())
    used = set(re.findall(r't\("([\w-]+)"\)', " ".join(texts(TEMPLATES, ".html").values())))
    scripts = " ".join(texts(STATIC, ".js").values())
    used |= set(re.findall(r'word\("([\w-]+)"', scripts))
    assert used <= known.keys()


@pytest.mark.parametrize(
    "keys",
    [
        ("online", "attention", "stale", "never", "revoked"),
        ("prepared", "open", "held", "closing", "closed", "certified"),
        ("carried", "not-carried", "no-quorum", "yes", "no", "abstain"),
        ("face", "badge", "pin", "usher"),
        tuple(
            f"why-{why}"
            for why in ("not-open", "held", "late", "not-seated", "other-member", "revote", "superseded")
        ),
    ],
)
def test_every_state_the_server_can_send_has_a_word(keys: tuple[str, ...]) -> None:
    assert WORDS.keys() >= set(keys)


def test_every_condition_has_a_sign_beside_its_colour() -> None:
    signs = re.search(r"SIGNS = \{([^}]*)\}", texts(STATIC, ".js")["elements.js"])
    assert signs is not None
    for condition in ("online", "attention", "stale", "never", "revoked"):
        assert f"{condition}:" in signs[1]


def test_who_is_not_signed_in_is_led_to_the_sign_in_page(hall: HallUnderTest) -> None:
    browser = hall.client()
    answer = browser.get("/")
    assert str(answer.url).endswith("/sign-in")
    assert "Đăng nhập" in answer.text
    assert browser.get("/api/board/events").status_code == 401


def test_the_state_shows_gates_keypads_and_log_with_their_ages(hall: HallUnderTest) -> None:
    technician = hall.client("technician")
    hall.register(technician, "gate-1", "gate")
    for number in (1, 2):
        hall.register(technician, f"keypad-{number}")
    hall.alive("gate-1", "keypad-2")
    hall.append()
    state = ok(technician.get("/api/board"))
    assert [(gate["device"], gate["word"], gate["seen_ms"]) for gate in state["devices"]["gates"]] == [
        ("gate-1", "online", hall.clock.now_ms)
    ]
    assert state["devices"]["keypads"] == [
        ["keypad-1", "", "never", None], ["keypad-2", "", "online", hall.clock.now_ms],
    ]  # fmt: skip
    assert (state["log"]["size"], state["trouble"], state["sitting"], state["question"]) == (
        3,
        None,
        None,
        None,
    )
    head = ok(technician.get("/api/log/head"))
    assert (head["size"], head["note"]) == (3, "note of 3")


def test_metrics_count_devices_by_condition(hall: HallUnderTest) -> None:
    hall.register(hall.client("technician"), "keypad-1")
    text = hall.client().get("/metrics").text
    assert 'hallward_devices{role="keypad",condition="never"} 1\n' in text
    assert "hallward_desk_waiting 1\n" in text


# -- the stream
# -------------------------------------------------------------------------------------------------


def played(act: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(act(), timeout=20))


def refreshed(live: Live) -> None:
    live.refresh()
    live.announce()


def test_watchers_hear_at_once_of_a_change_and_not_of_nothing(hall: HallUnderTest) -> None:
    technician = hall.client("technician")
    live = hall.app.state.services.live

    async def watch() -> None:
        stream = live.changes()
        first = json.loads(await anext(stream))
        assert first["devices"]["keypads"] == []
        later = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        hall.clock.step(600)
        refreshed(live)
        await asyncio.sleep(0)
        assert not later.done()
        await asyncio.to_thread(hall.register, technician, "keypad-1")
        hall.clock.step(600)
        refreshed(live)
        assert [row[0] for row in json.loads(await later)["devices"]["keypads"]] == ["keypad-1"]
        assert live.watchers == 1
        await stream.aclose()

    played(watch)
    assert live.watchers == 0


def test_watchers_hear_every_five_seconds_that_the_hall_is_still_there(hall: HallUnderTest) -> None:
    live = hall.app.state.services.live

    async def watch() -> None:
        stream = live.changes()
        first = json.loads(await anext(stream))
        later = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        hall.clock.step(5000)
        refreshed(live)
        assert json.loads(await later)["at_ms"] == first["at_ms"] + 5000
        await stream.aclose()

    played(watch)


def test_a_server_that_stops_ends_the_streams(hall: HallUnderTest) -> None:
    live = hall.app.state.services.live

    async def watch() -> None:
        stream = live.changes()
        await anext(stream)
        later = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        live.close()
        with pytest.raises(StopAsyncIteration):
            await later

    played(watch)
    assert live.watchers == 0


def test_the_state_is_computed_once_for_all_who_watch(hall: HallUnderTest) -> None:
    live = hall.app.state.services.live
    first = live.refresh()
    assert live.refresh() is first
    hall.clock.step(500)
    assert live.refresh() is not first


def test_a_stream_ends_when_its_sign_in_does(hall: HallUnderTest) -> None:
    browser = hall.client("staff")
    services = hall.app.state.services
    token = browser.cookies["hallward"]

    async def watch() -> None:
        stream = _events(services, token)
        assert (await anext(stream)).startswith("event: board\ndata: {")
        later = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        await asyncio.to_thread(browser.post, "/api/sign-out", json={})
        hall.clock.step(5000)
        refreshed(services.live)
        assert (await later).startswith("event: board")
        assert (await anext(stream)).startswith("event: signed-out")
        with pytest.raises(StopAsyncIteration):
            await anext(stream)

    played(watch)


def test_a_page_that_is_watched_does_not_idle_out(hall: HallUnderTest) -> None:
    browser = hall.client("staff")
    services = hall.app.state.services
    token = browser.cookies["hallward"]

    async def watch() -> None:
        stream = _events(services, token)
        await anext(stream)
        for _ in range(8):
            later = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            hall.clock.step(10 * 60_000)
            refreshed(services.live)
            assert (await later).startswith("event: board")
        await stream.aclose()

    played(watch)
    ok(browser.get("/api/me"))


def test_pages_beyond_the_limit_are_refused_in_words(
    hall: HallUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fleet.dashboard.routes.WATCHERS_MAX", 0)
    refused(hall.client("staff").get("/api/board/events"), 429, "too-many")
