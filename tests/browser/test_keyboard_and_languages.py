"""The page without a finger on it: by keyboard alone, in both languages, on the small and on the large screen
of a phone."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk_hall import PASSWORD, DeskHall, serial

Phone = Callable[..., Page]
SCREENS: Final = ((360, 640), (720, 1280))
SAYS: Final = {
    "vi": ("Chạm vào vị trí của máy này", "Bấm nút OK trên máy"),
    "en": ("Tap the place of this device", "Press OK on the device"),
}
_TABS_MAX: Final = 60
_OUTSIDE: Final = """[...document.querySelectorAll("main *, header *")]
  .filter((one) => one.offsetParent && !one.closest("#map-box")
    && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((one) => one.id || one.textContent)"""
_OTHER_LANGUAGE: Final = """(hidden) =>
  [...document.querySelectorAll(`span[lang="${hidden}"]`)]
  .filter((one) => one.offsetParent && !one.closest("[data-language-switch]"))
  .map((one) => one.textContent)"""


def _tab_to(page: Page, selector: str) -> None:
    """As somebody without a pointer gets there; what has the focus can be seen."""
    for _ in range(_TABS_MAX):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with the Tab key")


def _looks_right(page: Page, language: str, shot: Path) -> None:
    assert page.evaluate(_OUTSIDE) == []
    assert page.evaluate(_OTHER_LANGUAGE, "en" if language == "vi" else "vi") == []
    assert page.evaluate("document.documentElement.lang") == language
    page.screenshot(path=shot, full_page=True)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "x".join(map(str, screen)))
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_device_gets_its_place_by_keyboard_alone(
    desk: DeskHall, phone: Phone, shots: Path, screen: tuple[int, int], language: str
) -> None:
    choose, press = SAYS[language]
    name = f"k-{language}-{screen[0]}"
    device = desk.device(serial())
    page = phone(*screen)
    page.goto(device.hello().page)
    expect(page.locator("#account")).to_be_focused()
    if language == "en":
        _tab_to(page, "[data-language-switch]")
        page.keyboard.press("Enter")
        _tab_to(page, "#account")
    _looks_right(page, language, shots / f"{name}-1-sign-in.png")
    page.keyboard.type("lan")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=choose)).to_be_visible()
    expect(page.locator(".spot[data-place=seat-4]")).to_be_visible()
    _looks_right(page, language, shots / f"{name}-2-map.png")
    _tab_to(page, ".spot[data-place=seat-4]")
    page.keyboard.press("Enter")
    expect(page.locator("#live .said")).to_have_text(press)
    _looks_right(page, language, shots / f"{name}-3-press.png")
    _tab_to(page, "#change")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=choose)).to_be_visible()
    page.locator("body").press("/")
    expect(page.locator("#search-place")).to_be_focused()
    page.keyboard.type("hang b ghe 1")
    expect(page.locator("#place-list button")).to_have_count(1)
    _looks_right(page, language, shots / f"{name}-4-list.png")
    _tab_to(page, "#place-list button")
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_be_visible()
    expect(page.locator("#live .place")).to_have_text("Hàng B ghế 1")
    assert device.poll().state == "placed"
    _tab_to(page, "#change")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=choose)).to_be_visible()
    _tab_to(page, "#home")
    page.keyboard.press("Enter")
    expect(page.locator("#code")).to_be_focused()
    _looks_right(page, language, shots / f"{name}-5-hall.png")
