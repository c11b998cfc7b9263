"""The launcher, alone on a disk: what it starts when the firmware cannot help, and what it leaves behind."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edge.device import launch
from edge.device.launch import (
    GOLDEN,
    PAPER,
    STARTS_MAX,
    TRIES_MAX,
    Trial,
    choose,
    in_force,
    point,
    read_trial,
    write_trial,
)

ROOT = Path(__file__).resolve().parents[4]
ENTRY = Path("edge", "ballot_keypad", "__main__.py")


@pytest.fixture
def update(tmp_path: Path) -> Path:
    """Slots a and b hold a firmware each, and a is in force."""
    found = tmp_path / "state" / "update"
    for slot in ("a", "b"):
        entry = found / "slots" / "firmware" / slot / ENTRY
        entry.parent.mkdir(parents=True)
        entry.write_text(f"print('slot {slot}')\n")
    point(found / "slots" / "firmware", "a")
    return found


def try_b(update: Path) -> None:
    write_trial(update, Trial("firmware", "b", "a", TRIES_MAX))
    point(update / "slots" / "firmware", "b")


def test_nothing_there_is_golden(tmp_path: Path) -> None:
    assert choose(tmp_path / "state" / "update", "keypad") == GOLDEN
    assert not list(tmp_path.iterdir())


def test_a_candidate_has_its_tries_and_then_the_old_one_is_started_for_good(update: Path) -> None:
    try_b(update)
    starts = [choose(update, "keypad") for _ in range(TRIES_MAX + 2)]
    assert starts == ["b"] * TRIES_MAX + ["a", "a"]
    assert in_force(update / "slots" / "firmware") == "a"
    assert read_trial(update) is None


def test_networks_on_trial_are_put_back_by_the_launcher_too(update: Path) -> None:
    models = update / "slots" / "models"
    (models / "a").mkdir(parents=True)
    write_trial(update, Trial("models", "a", GOLDEN, TRIES_MAX))
    point(models, "a")
    for _ in range(TRIES_MAX):
        assert choose(update, "keypad") == "a"
        assert in_force(models) == "a"
    choose(update, "keypad")
    assert in_force(models) == GOLDEN


def test_a_start_that_cannot_be_counted_is_none_of_a_candidate(update: Path, monkeypatch) -> None:
    try_b(update)

    def full(*_):
        raise OSError(28, "no space left")

    monkeypatch.setattr(launch, "write_file", full)
    assert choose(update, "keypad") == "a"


def test_a_committed_firmware_that_always_ends_gives_way_to_golden(update: Path) -> None:
    starts = [choose(update, "keypad") for _ in range(STARTS_MAX + 2)]
    assert starts == ["a"] * STARTS_MAX + [GOLDEN] * 2
    assert in_force(update / "slots" / "firmware") == "a"
    (update / launch.STARTS).unlink()  # golden was well for a minute
    assert choose(update, "keypad") == "a"


@pytest.mark.parametrize("component", ["firmware", "models"])
def test_a_paper_of_something_else_brings_back_no_firmware_that_was_given_up(
    update: Path, component: str
) -> None:
    """Of networks on trial, or of a firmware whose link was undone already."""
    (update / "slots" / "models").mkdir()
    (update / launch.STARTS).write_text(str(STARTS_MAX))
    write_trial(update, Trial(component, "b", "a", TRIES_MAX))
    starts = [choose(update, "keypad") for _ in range(TRIES_MAX + 2)]
    assert starts == [GOLDEN] * (TRIES_MAX + 2)
    assert in_force(update / "slots" / "firmware") == "a"
    assert read_trial(update) is None


def test_a_slot_without_a_firmware_is_not_started(update: Path) -> None:
    (update / "slots" / "firmware" / "a" / ENTRY).unlink()
    assert choose(update, "keypad") == GOLDEN


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[1]",
        b"\xff",
        b'{"component": "../x", "slot": "b", "back": "a", "tries": 1}',
        b'{"component": "firmware", "slot": "b", "back": "../../etc", "tries": 1}',
        b'{"component": "firmware", "slot": "b", "back": "a", "tries": 1e9}',
        b'{"component": "firmware", "slot": "b", "back": "a", "tries": true}',
        b'{"component": [1], "slot": {}, "back": null, "tries": 1}',
        b"[" * 4096,
        b'{"component": "firmware", "slot": "b", "back": "a", "tries": 1, "x": "' + b"x" * 5_000 + b'"}',
    ],
)
def test_a_paper_that_nobody_can_read_is_none(update: Path, content: bytes) -> None:
    (update / PAPER).write_bytes(content)
    assert choose(update, "keypad") == "a"


@pytest.mark.parametrize("what", [PAPER, launch.STARTS, "slots/firmware/current", "slots/firmware/a"])
@pytest.mark.parametrize("kind", ["a folder", "a link into nowhere", "a link elsewhere", "a pipe"])
def test_whatever_stands_in_the_folder_something_is_started(
    update: Path, tmp_path: Path, what: str, kind: str
) -> None:
    path = update / what
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
    if kind == "a folder":
        path.mkdir()
    elif kind == "a pipe":
        os.mkfifo(path)
    else:
        (tmp_path / "elsewhere" / ENTRY).parent.mkdir(parents=True)
        (tmp_path / "elsewhere" / ENTRY).write_text("")
        path.symlink_to(tmp_path / ("nowhere" if kind == "a link into nowhere" else "elsewhere"))
    assert choose(update, "keypad") == ("a" if what in (PAPER, launch.STARTS) else GOLDEN)


@pytest.mark.parametrize("content", [b"", b"x", b"-1000000", b"9" * 5_000, b"\xff"])
def test_a_count_that_nobody_can_read_begins_anew(update: Path, content: bytes) -> None:
    (update / launch.STARTS).write_bytes(content)
    starts = [choose(update, "keypad") for _ in range(STARTS_MAX + 1)]
    assert starts == ["a"] * STARTS_MAX + [GOLDEN]


@pytest.mark.parametrize("target", ["c", "/etc", "../models", ""])
def test_a_link_that_leads_elsewhere_is_golden(update: Path, target: str) -> None:
    link = update / "slots" / "firmware" / launch.LINK
    link.unlink()
    if target:
        link.symlink_to(target)
    assert choose(update, "keypad") == GOLDEN


@pytest.mark.slow
def test_what_is_started_is_the_program_of_the_slot_and_of_nowhere_else(update: Path, tmp_path: Path) -> None:
    slot = update / "slots" / "firmware" / "a"
    for package in ("edge", "edge/ballot_keypad"):
        (slot / package / "__init__.py").write_text("")
    (slot / ENTRY).write_text(
        "import json, os, sys, edge\n"
        "print(json.dumps([edge.__file__, sys.argv[1:], os.environ['HALLWARD_SLOT'],"
        " os.environ['HALLWARD_GOLDEN']]))\n"
    )
    words = [sys.executable, "-m", "edge.device.launch", "keypad", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    found, arguments, name, golden = json.loads(done.stdout)
    assert Path(found) == slot / "edge" / "__init__.py"
    assert arguments == ["run", str(tmp_path)]
    assert (name, Path(golden)) == ("a", ROOT)


@pytest.mark.slow
def test_golden_is_started_as_it_always_was(tmp_path: Path) -> None:
    (tmp_path / "device.toml").write_text("")
    words = [sys.executable, "-m", "edge.device.launch", "keypad", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 78
    assert "device.toml: role is missing" in done.stderr


def test_the_launcher_needs_nothing_but_the_standard_library() -> None:
    imports = [
        line.split()[1]
        for line in Path(launch.__file__).read_text().splitlines()
        if line.startswith(("import ", "from "))
    ]
    assert all(name.partition(".")[0] in sys.stdlib_module_names for name in imports)
