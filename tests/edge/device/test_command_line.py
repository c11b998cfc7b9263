"""The words of a firmware's command line: what is not understood shows the usage, and nothing is done."""

from pathlib import Path

import pytest

from edge.device.command_line import EXIT_USAGE, Flagged, obey
from edge.device.errors import ConfigError


class Firmware:
    def __init__(self) -> None:
        self.done: list[tuple[str, Path, frozenset[str]]] = []

    def run(self, folder: Path) -> int:
        self.done.append(("run", folder, frozenset()))
        return 0

    def check(self, folder: Path, flags: frozenset[str]) -> int:
        self.done.append(("check", folder, flags))
        return 1

    def refuse(self, folder: Path) -> int:
        raise ConfigError(f"{folder} is no device's folder")

    def obey(self, *words: str) -> int:
        check = Flagged(self.check, ("--no-door", "--offline"))
        return obey("gate", {"run": self.run, "check": check, "refuse": self.refuse}, words)


@pytest.fixture
def firmware() -> Firmware:
    return Firmware()


def test_a_verb_takes_its_folder_and_the_flags_that_are_its_own(firmware: Firmware) -> None:
    assert firmware.obey("run", "f") == 0
    assert firmware.obey("check", "f") == 1
    assert firmware.obey("check", "f", "--offline", "--no-door") == 1
    folder = Path("f")
    assert firmware.done == [
        ("run", folder, frozenset()),
        ("check", folder, frozenset()),
        ("check", folder, frozenset({"--no-door", "--offline"})),
    ]


@pytest.mark.parametrize(
    "words",
    [(), ("run",), ("run", "f", "--offline"), ("check", "f", "--fast"), ("check", "f", "g"), ("walk", "f")],
)
def test_other_words_do_nothing_and_show_the_usage(
    firmware: Firmware, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert firmware.obey(*words) == EXIT_USAGE
    assert firmware.done == []
    assert capsys.readouterr().err == (
        "usage: gate run | check | refuse FOLDER\n       gate check FOLDER [--no-door] [--offline]\n"
    )


def test_help_is_no_mistake(firmware: Firmware, capsys: pytest.CaptureFixture[str]) -> None:
    assert firmware.obey("--help") == 0
    assert "[--offline]" in capsys.readouterr().out


def test_an_error_of_ours_is_one_sentence_and_its_exit_status(
    firmware: Firmware, capsys: pytest.CaptureFixture[str]
) -> None:
    assert firmware.obey("refuse", "f") == 78
    assert capsys.readouterr().err == "gate: f is no device's folder [config]\n"
