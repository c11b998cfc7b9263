"""The technician's phone, 360 × 640, in a real browser: three actions to green, a swap, what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk_hall import PASSWORD, DeskHall, now_s, serial
from wire.claim_code import ALPHABET

Phone = Callable[[], Page]
_SMALL = """[...document.querySelectorAll("main button, main input")]
  .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44)
  .map((one) => one.id || one.textContent)"""


def _sign_in(page: Page) -> None:
    page.get_by_label("Tài khoản").fill("lan")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()


def _fits(page: Page) -> None:
    """Nothing is cut off at the side, and nothing to touch is too small for a thumb."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    small = page.evaluate(_SMALL)
    assert small == []


def test_three_actions_bring_a_device_to_green(desk: DeskHall, phone: Phone, shots: Path) -> None:
    device = desk.device("HW-0003")
    status = device.hello()
    page = phone()
    page.goto(status.page)  # 1: the phone's own camera opens the address of the QR code
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
    _fits(page)
    page.screenshot(path=shots / "1-sign-in.png")
    _sign_in(page)
    expect(page.get_by_role("heading", name="Chạm vào vị trí")).to_be_visible()
    expect(page.locator("#claim-serial")).to_have_text("HW-0003")
    spots = page.locator(".spot")
    expect(spots).to_have_count(5)  # keypads' places only: a keypad cannot stand at the gate
    expect(page.locator(".spot.expected")).to_have_attribute("data-place", "seat-3")
    _fits(page)
    page.screenshot(path=shots / "2-map.png", full_page=True)
    page.get_by_role("tab", name="Danh sách").click()
    page.get_by_label("Tìm vị trí").fill("hang a")
    expect(page.locator("#place-list button")).to_have_count(3)
    _fits(page)
    page.screenshot(path=shots / "3-list.png", full_page=True)
    page.get_by_role("tab", name="Sơ đồ").click()
    page.locator(".spot[data-place=seat-3]").click()  # 2: tap the place
    expect(page.locator("#live .said")).to_have_text("Bấm nút OK trên máy")
    expect(page.locator("#live .place")).to_have_text("Hàng A ghế 3")
    _fits(page)
    page.screenshot(path=shots / "4-press.png")
    assert device.poll().state == "placed"
    device.press()  # 3: the device's own button
    desk.hall.until(lambda: device.poll().state == "granted", "the device is granted")
    grant = desk.install(device)
    expect(page.locator("#live .said")).to_have_text("Xong: máy đã xanh", timeout=60_000)
    page.screenshot(path=shots / "5-green.png")
    assert desk.colour(grant.device) == "green"
    page.get_by_role("button", name="Máy tiếp theo").click()
    expect(page.locator("#hall-words")).to_contain_text("1/6 vị trí xanh")
    _fits(page)
    page.screenshot(path=shots / "6-hall.png", full_page=True)


def test_the_firmware_itself_goes_from_a_card_to_green(desk: DeskHall, phone: Phone) -> None:
    name = serial()
    hands = desk.boot(name)
    page = phone()
    page.goto(hands.do("look")["page"])
    _sign_in(page)
    page.get_by_role("button", name="Máy dự phòng").click()
    expect(page.locator("#live .said")).to_have_text("Bấm nút OK trên máy")
    desk.hall.until(lambda: hands.do("look").get("state") == "placed", "the keypad asks for its button")
    hands.do("press", button="ok")
    expect(page.locator("#live .said")).to_have_text("Xong: máy đã xanh", timeout=60_000)
    lines = [line for line in desk.technician().call("GET", "/api/devices") if line["serial"] == name]
    assert [line["word"] for line in lines] == ["online"]


def test_a_code_typed_wrongly_says_what_is_wrong_and_a_right_one_goes_on(
    desk: DeskHall, phone: Phone, shots: Path
) -> None:
    device = desk.device(serial())
    code = device.hello().code
    page = phone()
    page.goto(desk.url)
    _sign_in(page)
    wrong = code[:-1] + ALPHABET[(ALPHABET.index(code[-1]) + 1) % 32]
    page.get_by_label("Mã trên màn hình").fill(wrong)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Mã sai")
    with page.expect_response("**/api/hall"), page.expect_response("**/api/hall"):
        pass  # the page looks for the state of the hall by itself: the answer to what was typed stays
    expect(page.get_by_role("alert")).to_contain_text("Mã sai")
    page.screenshot(path=shots / "7-wrong-code.png")
    page.get_by_role("button", name="EN").click()
    expect(page.get_by_role("alert")).to_contain_text("one character is wrong")
    page.get_by_role("button", name="VI").click()
    page.get_by_label("Mã trên màn hình").fill(f"{code[:4].lower()} {code[4:].lower()}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Chạm vào vị trí")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_code_of_another_key_than_the_scanned_one_is_refused_in_words(
    desk: DeskHall, phone: Phone, shots: Path
) -> None:
    genuine, evil = desk.device(serial()), desk.device(serial())
    fingerprint = genuine.hello().page.partition("#")[2]
    page = phone()
    page.goto(f"{evil.hello().page.partition('#')[0]}#{fingerprint}")
    _sign_in(page)
    expect(page.get_by_role("alert")).to_contain_text("không khớp")
    expect(page.locator("#claim")).to_be_hidden()
    page.screenshot(path=shots / "8-other-key.png")


def test_a_place_that_was_taken_meanwhile_is_said_and_another_one_can_be_tapped(
    desk: DeskHall, phone: Phone, shots: Path
) -> None:
    device, faster = desk.device(serial()), desk.device(serial())
    page = phone()
    page.goto(device.hello().page)
    _sign_in(page)
    expect(page.locator(".spot[data-place=seat-4]")).to_be_visible()
    other = phone()
    other.goto(faster.hello().page)
    _sign_in(other)
    other.locator(".spot[data-place=seat-4]").click()
    expect(other.locator("#live .said")).to_have_text("Bấm nút OK trên máy")
    page.locator(".spot[data-place=seat-4]").click()
    expect(page.get_by_role("alert")).to_contain_text("vừa được giao")
    expect(page.locator(".spot.taken[data-place=seat-4]")).to_be_visible()
    page.screenshot(path=shots / "9-place-taken.png", full_page=True)
    page.locator(".spot[data-place=seat-5]").focus()
    page.keyboard.press("Enter")  # by keyboard, too
    expect(page.locator("#live .place")).to_have_text("Hàng B ghế 2")
    page.get_by_role("button", name="Đổi vị trí").click()
    expect(page.get_by_role("heading", name="Chạm vào vị trí")).to_be_visible()


def test_a_dead_keypad_is_replaced_from_its_label(
    desk: DeskHall, phone: Phone, shots: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, dead = desk.claimed("HW-DEAD", "seat-1")
    _, spare = desk.claimed("HW-SPARE", "")
    desk.until_green(dead.device)
    desk.until_green(spare.device)
    desk.hall.processes.kill(dead.device)
    page = phone()
    page.goto(f"{desk.url}/d/HW-DEAD")
    _sign_in(page)
    expect(page.locator("#device-place")).to_have_text("Hàng A ghế 1")
    _fits(page)
    page.screenshot(path=shots / "10-device.png")
    begun_s = now_s()
    page.get_by_role("button", name="Thay máy này").click()
    expect(page.locator("#spare-list")).to_contain_text("HW-SPARE")
    _fits(page)
    page.screenshot(path=shots / "11-spares.png")
    second = page.context.new_page()  # the camera opens the spare's label in a page of its own
    second.goto(f"{desk.url}/d/HW-SPARE")
    expect(second.locator("#swap-words")).to_contain_text("HW-DEAD")
    _fits(second)
    second.screenshot(path=shots / "12-confirm.png")
    second.get_by_role("button", name="Thay ngay").click()
    expect(second.locator("#swapped-words")).to_contain_text("Đã thay")
    took_s = now_s() - begun_s
    second.screenshot(path=shots / "13-swapped.png")
    with capsys.disabled():
        print(f"swap on the page, from Replace to done: {took_s:.1f} s")  # noqa: T201  # what is measured
    assert took_s < 10
    lines = {row["place"]: row for row in desk.technician().call("GET", "/api/places")}
    assert lines["seat-1"]["device"] == spare.device
    assert desk.hall.authority.is_revoked(dead.device)
    expect(second.get_by_role("button", name="Máy tiếp theo")).to_be_visible()


def test_identify_and_test_reach_the_device_and_its_answer_is_shown_part_by_part(
    desk: DeskHall, phone: Phone, shots: Path
) -> None:
    _, grant = desk.claimed(serial(), "seat-2")
    desk.until_green(grant.device)
    page = phone()
    page.goto(f"{desk.url}/d/{grant.device}")
    _sign_in(page)
    page.get_by_role("button", name="Cho máy nháy").click()
    expect(page.locator("#device-said")).to_have_text("Đã gửi.")
    page.screenshot(path=shots / "14-identify.png")
    page.get_by_role("button", name="Tự kiểm tra").click()
    expect(page.get_by_role("alert")).to_contain_text("Phiên họp đang mở")
    expect(page.locator("#device-said")).to_be_hidden()  # nothing was sent this time
    desk.hall.api.post(f"/api/sittings/{desk.hall.sitting}/close")
    page.get_by_role("button", name="Tự kiểm tra").click()
    parts = page.locator("#test-parts li")
    expect(parts.filter(has_text="outbox")).to_contain_text("✓ đạt", timeout=30_000)
    expect(parts.filter(has_text="broker")).to_contain_text("✓ đạt")
    _fits(page)
    page.screenshot(path=shots / "15-tested.png", full_page=True)
    desk.hall.sit("sitting-2")


def test_a_stranger_sees_the_sign_in_and_a_wrong_password_is_said(
    desk: DeskHall, phone: Phone, shots: Path
) -> None:
    page = phone()
    page.goto(desk.url)
    page.get_by_label("Tài khoản").fill("lan")
    page.get_by_label("Mật khẩu").fill("not it")
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("alert")).to_have_text("Sai tài khoản hoặc mật khẩu.")
    expect(page.locator("#hall")).to_be_hidden()


@pytest.mark.parametrize("path", ["/c/%3Cimg%20src=x%20onerror=alert(1)%3E", "/d/%3Cscript%3Ealert(1)"])
def test_an_address_of_somebody_elses_making_is_text_and_nothing_else(
    desk: DeskHall, phone: Phone, path: str
) -> None:
    page = phone()
    page.goto(desk.url + path)
    _sign_in(page)
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#hall")).to_be_visible()
    assert page.locator("main img, main script").count() == 0


def test_a_desk_that_was_away_is_said_and_no_longer_said_when_it_is_back(
    desk: DeskHall, phone: Phone
) -> None:
    page = phone()
    page.goto(desk.url)
    _sign_in(page)
    expect(page.locator("#hall-words")).not_to_be_empty()
    page.route("**/api/hall", lambda route: route.abort())
    expect(page.get_by_role("alert")).to_contain_text("Bàn cấp phát không trả lời", timeout=15_000)
    page.unroute("**/api/hall")
    expect(page.get_by_role("alert")).to_be_hidden(timeout=15_000)
