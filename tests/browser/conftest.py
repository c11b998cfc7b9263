"""A real browser at the real desk of a hall of real processes."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.desk_hall import DeskHall
from tests.servers.brokers import require
from tests.servers.missing import skip_or_fail
from tests.system.hall import SystemHall


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            for mark in (pytest.mark.system, pytest.mark.broker, pytest.mark.slow):
                item.add_marker(mark)


@pytest.fixture(scope="session")
def desk() -> Iterator[DeskHall]:
    require("nats")
    hall = SystemHall("nats", 1)
    try:
        hall.start()
        with closing(DeskHall(hall)) as desk:
            desk.start()
            yield desk
    finally:
        hall.stop()


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the screenshots are kept: HALLWARD_SHOTS, else a temporary folder."""
    folder = Path(os.environ.get("HALLWARD_SHOTS") or tmp_path_factory.mktemp("shots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Of one module: as long as Playwright runs it holds an event loop in this thread, and whoever else needs
    one here (zeroconf, asyncio.run) finds a loop that does not turn."""
    found = shutil.which("chromium")
    if found is None:
        skip_or_fail("chromium", "chromium")
    with sync_playwright() as started:
        words = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = started.chromium.launch(executable_path=found, args=words)
        yield browser
        browser.close()


@pytest.fixture
def phone(chromium: Browser, desk: DeskHall) -> Iterator[Callable[..., Page]]:
    """Phones of 360 × 640, or of another size, with two dots to a pixel. Chromium takes authorities from the
    account's own store alone, so the root is not given to it here; that the chain ends there is what every
    device of these tests checks."""
    contexts = []
    faults: list[str] = []

    def make(width: int = 360, height: int = 640) -> Page:
        screen = {"width": width, "height": height}
        context = chromium.new_context(
            viewport=screen, device_scale_factor=2, ignore_https_errors=True, has_touch=True
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert not faults, faults
