"""The page of updates in a real browser: dry run, start, a bad release that stops by itself, the freeze and
its two people; on a small office screen, on a phone, without a pointer."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert

from fleet.db import database_url, open_engine, writing
from fleet.tables import sittings
from tests.fleet.hall_under_test import PASSWORD, HallUnderTest, hasty, made
from tests.fleet.rollout.floor import QUICK, Floor, target
from tests.fleet.rollout.served import served

NEW: Final = target()
BAD: Final = target("firmware/keypad-5", counter=5)
_OUTSIDE: Final = """[...document.querySelectorAll("main *, header *")]
  .filter((one) => one.offsetParent && !one.closest(".scroll, dialog, .skip")
    && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((one) => one.id || one.textContent)"""
Screen = Callable[..., Page]


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with made(hasty(open_engine(database_url(tmp_path, {})))) as hall:
        hall.targets += [NEW, BAD]
        floor = Floor(hall)
        floor.stand(60)
        floor.facts["keypad-59"] = {"hardware": "keypad-old"}
        for at in range(59):
            floor.facts[f"keypad-{at}"] = {"hardware": "keypad-zero2w", "runtime": f"py{311 + at % 2}"}
        floor.report(floor.held)
        hall.client("secretariat", account="thu")
        yield floor


@pytest.fixture
def screen(chromium: Browser, floor: Floor) -> Iterator[Screen]:
    """Signed in, at the page of updates."""
    faults: list[str] = []
    with served(floor.hall) as url:
        contexts = []

        def open_(account: str, width: int = 1366, height: int = 768) -> Page:
            context = chromium.new_context(viewport={"width": width, "height": height})
            contexts.append(context)
            page = context.new_page()
            page.set_default_timeout(20_000)
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda line: faults.append(line.text) if "Security" in line.text else None)
            page.goto(f"{url}/sign-in")
            page.locator("#account").fill(account)
            page.locator("#password").fill(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(f"{url}/")
            page.goto(f"{url}/rollouts")
            expect(page.locator("#link")).to_have_attribute("data-link", "live")
            return page

        yield open_
        for context in contexts:
            context.close()
    assert not faults, faults


def plan() -> str:
    waves: list[dict[str, Any]] = [{"name": "thử", "per_row": 5}, {"name": "còn lại"}]
    return json.dumps({"waves": waves, **QUICK})


def make(page: Page, floor: Floor, name: str, path: str) -> None:
    """By keyboard alone, from the list to the rollout that has begun."""
    if page.locator("#new").get_attribute("open") is None:
        page.locator("#new summary").focus()
        page.keyboard.press("Enter")
    expect(page.locator("#new-target option")).to_have_count(len(floor.hall.targets))
    page.locator("#new-name").fill(name)
    page.locator("#new-target").select_option(path)
    page.locator("#new-plan").fill(plan())
    page.locator("#new-dry").press("Enter")
    expect(page.locator("#preview")).to_be_visible()
    expect(page.locator("#preview-head")).to_have_text("Sẽ thay đổi 59 thiết bị")
    page.keyboard.press("Escape")
    page.locator("#new-make").press("Enter")
    expect(page.locator("#chosen-head")).to_have_text(name)
    page.locator("#steps .start").press("Enter")
    expect(page.locator("#sure-no")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_have_text("Đang chạy")


def test_a_good_release_goes_through_and_a_bad_one_stops_by_itself(
    floor: Floor, screen: Screen, shots: Path
) -> None:
    page = screen("staff")
    make(page, floor, "fw-4", NEW.path)
    page.screenshot(path=shots / "rollouts-1-begun.png")
    floor.run(NEW, "fw-4")
    expect(page.locator("#state")).to_have_text("Đã xong")
    expect(page.locator("#sum .big")).to_contain_text("59 / 59")
    page.screenshot(path=shots / "rollouts-2-done.png", full_page=True)
    make(page, floor, "fw-5", BAD.path)
    failing = {f"keypad-{at}": "self-test" for at in range(0, 59, 2)}
    floor.run(BAD, "fw-5", failing=failing)
    expect(page.locator("#state")).to_have_text("Đã dừng")
    expect(page.locator("#matrix")).to_contain_text("Tự kiểm tra hỏng")
    expect(page.locator("#matrix")).to_contain_text("Chưa được ra lệnh")
    expect(page.locator("#matrix")).not_to_contain_text("Chờ đến lượt")
    expect(page.locator(".common")).to_contain_text("runtime py311")
    expect(page.locator(".words")).to_contain_text("đã dừng: ở đợt 1 trên 2 (thử)")
    expect(page.locator("#not-eligible")).to_contain_text("keypad-59 là keypad-old")
    expect(page.locator("#not-eligible")).to_contain_text("1 × sai phần cứng")
    assert page.evaluate(_OUTSIDE) == []
    page.screenshot(path=shots / "rollouts-3-stopped.png", full_page=True)
    page.locator("[data-language-switch]").click()
    expect(page.locator("#state")).to_have_text("Stopped")
    expect(page.locator(".words")).to_contain_text("stopped: in wave 1 of 2")
    expect(page.locator("#not-eligible")).to_contain_text("keypad-59 is keypad-old")
    page.screenshot(path=shots / "rollouts-4-english.png", full_page=True)
    phone = screen("staff", 360, 640)
    expect(phone.locator("#chosen-head")).to_have_text("fw-5")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    assert phone.evaluate(_OUTSIDE) == []
    phone.set_viewport_size({"width": 390, "height": 844})
    phone.screenshot(path=shots / "rollouts-5-phone.png", full_page=True)


def test_a_refusal_is_told_in_the_language_of_the_page(floor: Floor, screen: Screen, shots: Path) -> None:
    page = screen("staff")
    page.locator("#new summary").click()
    expect(page.locator("#new-target option")).to_have_count(2)
    page.locator("#new-name").fill("fw-4")
    waves = [{"name": "một", "percent": 60}, {"name": "hai", "percent": 50}]
    page.locator("#new-plan").fill(json.dumps({"waves": waves}))
    page.locator("#new-dry").click()
    expect(page.locator("#say-new")).to_have_text("Các đợt cộng lại thành 110 %: nhiều nhất là 100 %.")
    page.screenshot(path=shots / "rollouts-7-refused.png", full_page=True)
    page.locator("[data-language-switch]").click()
    expect(page.locator("#say-new")).to_have_text("The waves sum to 110 %: make it 100 % at most.")
    page.locator("[data-language-switch]").click()
    page.locator("#new-plan").fill("{")
    page.locator("#new-dry").click()
    expect(page.locator("#say-new")).to_have_text("Kế hoạch không phải JSON.")
    page.locator("#new-plan").fill("[]")
    page.locator("#new-dry").click()
    expect(page.locator("#say-new")).to_have_text("plan: phải là một đối tượng JSON.")
    page.locator("#new-plan").fill(plan())
    page.locator("#new-make").click()
    expect(page.locator("#chosen-head")).to_have_text("fw-4")
    page.locator("#new-name").fill("fw-4")
    page.locator("#new-make").click()
    expect(page.locator("#say-new")).to_have_text("Đã có đợt cập nhật fw-4: hãy đặt tên khác.")


def test_a_draft_that_was_made_by_mistake_is_dropped(floor: Floor, screen: Screen) -> None:
    page = screen("staff")
    page.locator("#new summary").click()
    expect(page.locator("#new-target option")).to_have_count(2)
    page.locator("#new-name").fill("fw-4")
    page.locator("#new-make").click()
    expect(page.locator("#matrix")).to_contain_text("Chờ đến lượt")
    page.get_by_role("button", name="Bỏ đợt này").click()
    expect(page.locator("#sure-words")).to_contain_text("Bỏ đợt fw-4?")
    page.locator("#sure-yes").click()
    expect(page.locator("#state")).to_have_text("Đã dừng")
    expect(page.locator("#sum .words")).to_contain_text("staff đã bỏ trước khi bắt đầu")
    expect(page.locator("#steps button")).to_have_count(0)
    floor.executor.tick()
    assert floor.orders() == {}


def test_the_freeze_holds_until_a_second_person_agrees(floor: Floor, screen: Screen, shots: Path) -> None:
    hall: HallUnderTest = floor.hall
    first = screen("staff")
    make(first, floor, "fw-4", NEW.path)
    with writing(hall.engine) as connection:
        connection.execute(
            insert(sittings).values(
                sitting="s1", title="x", state="open", quorum_num=1, quorum_den=2, created_ms=1
            )
        )
    floor.executor.tick()
    hall.clock.step(500)
    expect(first.locator("#freeze")).to_contain_text("Phiên s1 đang mở")
    expect(first.locator("#sum .words")).to_contain_text("chờ phiên họp s1 kết thúc")
    first.locator("#lift-device").fill("keypad-77")
    first.locator("#lift-reason").fill("bàn phím hỏng")
    first.locator("#lift button").click()
    expect(first.locator("#say-lift")).to_have_text("Không có thiết bị nào tên keypad-77 đang được dùng.")
    first.locator("#lift-device").fill("keypad-3")
    first.locator("#lift-reason").fill("bàn phím hỏng")
    first.locator("#lift button").click()
    expect(first.locator("#overrides li")).to_contain_text("staff xin mở khóa keypad-3")
    expect(first.get_by_role("button", name="Đồng ý mở khóa")).to_have_count(0)
    second = screen("thu")
    expect(second.locator("#chosen-head")).to_have_text("fw-4")
    second.screenshot(path=shots / "rollouts-6-freeze.png", full_page=True)
    second.get_by_role("button", name="Đồng ý mở khóa").click()
    expect(first.locator("#overrides li")).to_contain_text("Đã mở khóa keypad-3 (staff và thu)")
    for _ in range(2):
        floor.executor.tick()
        hall.clock.step(500)
    assert set(floor.orders()) == {"keypad-3"}
