"""Whoever is refused something at a page of the hall reads why in the language of that page, and in the other
one as soon as they switch."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from fleet.db import database_url, open_engine
from tests.fleet.hall_under_test import PASSWORD, HallUnderTest, hasty, made
from tests.fleet.rollout.served import served
from tests.fleet.votes.assembly import QUESTION, Assembly

WRONG: Final = "một mật khẩu khác hẳn"
Signed = Callable[[str, str], Page]


@pytest.fixture
def assembly(tmp_path: Path) -> Iterator[Assembly]:
    with made(hasty(open_engine(database_url(tmp_path, {})))) as hall:
        assembly = Assembly(hall)
        hall.client("secretariat", account="thu")
        hall.client("usher", account="le-tan")
        yield assembly


@pytest.fixture
def screen(chromium: Browser, assembly: Assembly) -> Iterator[Page]:
    """At the door of the hall, nobody signed in."""
    faults: list[str] = []
    with served(assembly.hall) as url:
        context = chromium.new_context(viewport={"width": 1366, "height": 768}, base_url=url)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto("/sign-in")
        yield page
        context.close()
    assert not faults, faults


def sign_in(page: Page, account: str, password: str = PASSWORD) -> None:
    page.locator("#account").fill(account)
    page.locator("#password").fill(password)
    page.locator("#password").press("Enter")


def switch(page: Page) -> None:
    page.locator("[data-language-switch]").click()


def test_a_wrong_password_is_told_at_the_door(screen: Page) -> None:
    sign_in(screen, "thu", WRONG)
    said = screen.locator("#sign-in .say")
    expect(said).to_have_text("Sai tài khoản hoặc mật khẩu.")
    switch(screen)
    expect(said).to_have_text("Account or password is wrong.")


def test_the_secretariat_types_a_name_that_is_taken_and_reads_what_to_do(
    screen: Page, assembly: Assembly, shots: Path
) -> None:
    assembly.open_sitting()
    assembly.prepare()
    sign_in(screen, "thu")
    screen.wait_for_url("**/")
    screen.goto("/questions")
    expect(screen.locator("#sitting")).to_have_text("s1")
    screen.locator("#new summary").click()
    screen.locator("#new-name").fill(QUESTION)
    screen.locator("#new-text").fill("Thông qua báo cáo?")
    screen.locator("#prepare button[type=submit]").click()
    said = screen.locator("#say")
    expect(said).to_have_text(f"Đã có nội dung {QUESTION}; hãy chọn tên khác.")
    screen.screenshot(path=shots / "refused-1-name-taken.png")
    switch(screen)
    expect(said).to_have_text(f"The question {QUESTION} exists; choose another name.")
    switch(screen)
    screen.locator("#new-text").fill("ế" * 400)
    screen.locator("#new-name").fill("q2")
    screen.locator("#prepare button[type=submit]").click()
    expect(said).to_have_text("text: nhiều nhất 1000 byte; chữ có dấu chiếm hơn một byte. Hãy viết ngắn lại.")


def test_an_usher_at_a_silent_gate_reads_what_to_do(screen: Page, assembly: Assembly, shots: Path) -> None:
    hall: HallUnderTest = assembly.hall
    sign_in(screen, "le-tan")
    screen.wait_for_url("**/usher")
    screen.set_viewport_size({"width": 360, "height": 640})
    screen.locator("#gates button").first.click()
    expect(screen.locator("#hold")).to_be_visible()
    screen.route("**/api/gates", lambda _: None)  # no further look: what is refused stays on the screen
    technician = hall.client("technician")
    technician.post("/api/devices/gate-1/revoke", json={"reason": "hỏng"})
    screen.locator("#hold").click()
    said = screen.locator("#trouble")
    expect(said).to_have_text("Không có cổng gate-1 đang phục vụ.")
    screen.screenshot(path=shots / "refused-2-usher.png")
