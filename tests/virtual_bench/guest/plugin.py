"""pytest on the virtual bench: each test says in the report how many of the chip's pins it was given;
at the end the console says how many claims had to wait for their line."""

from collections.abc import Callable, Iterator

import pytest

from tests.virtual_bench.guest.header import ChipFactory


@pytest.fixture(autouse=True)
def _claims(record_property: Callable[[str, object], None]) -> Iterator[None]:
    before = ChipFactory.claims
    yield
    record_property("claims", ChipFactory.claims - before)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"pins claimed: {ChipFactory.claims}, waited for: {ChipFactory.busy}")
