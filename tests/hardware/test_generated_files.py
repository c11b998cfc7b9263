"""What lies in hardware/out is what the sources make; the sheets name nothing that no firmware says."""

import ast
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader

from edge.ballot_keypad import errors as keypad_errors
from hardware.__main__ import differences, main
from hardware.adapters.programs import PACKAGES, ProgramError, need
from hardware.adapters.sheet_files import STEPS_FILE
from hardware.adapters.source import OUT, classes
from hardware.circuits import PAGES, fire_and_exit, lock_relay
from hardware.configs import config_text
from hardware.harness import harness_text
from hardware.pins import PinsError
from hardware.sheets import installer_pdf
from hardware.sheets_bringup import bringup_pdf
from hardware.steps import parse_steps
from tests.servers.missing import skip_or_fail

ROOT = Path(__file__).resolve().parents[2]
MINE = ("configs", "harness", "circuits", "sheets")
KINDS = classes()
STEPS = parse_steps(STEPS_FILE.read_text(encoding="utf-8"), KINDS)
PNG_BYTES_MAX = 150_000
OUT_BYTES_MAX = 4_000_000


@pytest.mark.parametrize("name", KINDS)
def test_texts_are_as_the_sources_make_them(name: str) -> None:
    kind = KINDS[name]
    assert (OUT / "configs" / f"{name}.toml").read_text(encoding="utf-8") == config_text(kind)
    assert (OUT / "harness" / f"{name}.yml").read_text(encoding="utf-8") == harness_text(kind)


def test_a_pin_moved_in_memory_shows_in_every_text_and_picture() -> None:
    moved = KINDS["gate"].with_gpio("lock +", 25)
    assert config_text(moved) != config_text(KINDS["gate"])
    assert "GPIO25" in harness_text(moved)
    drawn = lock_relay(moved).drawing.get_imagedata("svg").decode()
    assert "GPIO25, pin 22" in drawn
    assert "GPIO17" not in drawn
    assert "GPIO25" in words_of(installer_pdf(moved))


def test_what_differs_is_named_and_nothing_else(tmp_path: Path) -> None:
    shutil.copytree(OUT / "configs", tmp_path / "fresh" / "configs")
    shutil.copytree(OUT / "configs", tmp_path / "kept" / "configs")
    assert differences(["configs"], tmp_path / "fresh", tmp_path / "kept") == []
    (tmp_path / "kept/configs/gate.toml").write_text("[gate]\nlock_pin_bcm = 18\n")
    (tmp_path / "kept/configs/old.toml").write_text("")
    (tmp_path / "kept/configs/row.toml").unlink()
    assert differences(["configs"], tmp_path / "fresh", tmp_path / "kept") == [
        "configs/row.toml is made and not in kept",
        "configs/old.toml is in kept and nothing makes it",
        "configs/gate.toml differs: run `make hardware`",
    ]


def test_check_ends_with_1_and_names_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["configs", "--out", str(tmp_path)]) == 0
    assert main(["configs", "--check", "--out", str(tmp_path)]) == 0
    (tmp_path / "configs/keypad.toml").write_text("")
    assert main(["configs", "--check", "--out", str(tmp_path)]) == 1
    assert "configs/keypad.toml differs" in capsys.readouterr().out


@pytest.mark.slow
def test_everything_can_be_made_again(tmp_path: Path) -> None:
    for program, package in PACKAGES.items():
        if shutil.which(program) is None:
            skip_or_fail(program, package)
    assert main([*MINE, "--out", str(tmp_path)]) == 0
    assert differences(MINE, tmp_path, OUT) == []


def test_a_missing_program_is_said_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ProgramError, match="apt install graphviz"):
        need("dot")


def test_pictures_are_there_and_small() -> None:
    pictures = sorted(OUT.rglob("*.png"))
    assert {path.stem for path in (OUT / "circuits").glob("*.png")} == set(PAGES)
    assert {path.stem for path in (OUT / "harness").glob("*.png")} == set(KINDS)
    assert not [path.name for path in pictures if path.stat().st_size > PNG_BYTES_MAX]
    assert sum(path.stat().st_size for path in OUT.rglob("*") if path.is_file()) < OUT_BYTES_MAX


@pytest.mark.parametrize("folder", MINE)
def test_no_path_of_a_machine_and_no_address_got_into_a_file(folder: str) -> None:
    for path in (OUT / folder).iterdir():
        content = path.read_bytes()
        assert b"/tmp/" not in content, path.name
        assert str(ROOT).encode() not in content, path.name


def test_circuit_pages_say_what_fails_safe() -> None:
    drawn = fire_and_exit(KINDS["gate"]).drawing.get_imagedata("svg").decode()
    for words in ("S1", "S2", "S3", "SAFE24", "a cut wire", "lets go"):
        assert words in drawn


@pytest.mark.parametrize("name", KINDS)
def test_an_installer_finds_every_wire_on_the_sheet(name: str) -> None:
    device = KINDS[name]
    content = installer_pdf(device)
    assert content == installer_pdf(device)
    words = words_of(content)
    for connector, wire in device.wires():
        assert connector.name in words
        assert wire.signal in words
        assert wire.colour in words
    assert ("PLAN" in words) == (not device.driven)


def words_of(pdf: bytes) -> str:
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return re.sub(r"\s+", " ", text)


# -- bring-up ------------------------------------------------------------------------------------------------


def named_findings() -> Iterator[str]:
    """First argument of every Finding that the firmware can make, spelt out or by the name given above it."""
    for path in (
        "edge/device/findings.py",
        "edge/rollcall_gate/trial/self_test.py",
        "edge/rollcall_gate/trial/sight.py",
        "edge/rollcall_gate/trial/checks.py",
        "edge/ballot_keypad/self_test.py",
    ):
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            value: ast.expr | None = None
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding" and node.args:
                value = node.args[0]
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "name":
                value = node.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


def test_every_finding_of_the_sheets_exists_in_the_firmware() -> None:
    known = set(named_findings())
    assert {"door", "fire contact", "each key"} <= known
    told = {finding for steps in STEPS.values() for step in steps for finding in step.findings}
    assert told
    assert told <= known, told - known


def test_every_code_of_the_sheets_exists_in_the_firmware() -> None:
    known = {
        found.code
        for found in vars(keypad_errors).values()
        if isinstance(found, type) and isinstance(getattr(found, "code", None), str)
    }
    told = {code for steps in STEPS.values() for step in steps for code in step.codes}
    assert told == {"keys", "screen", "tones"}
    assert told <= known


@pytest.mark.parametrize("name", KINDS)
def test_a_bring_up_sheet_shows_every_step(name: str) -> None:
    content = bringup_pdf(KINDS[name], STEPS[name])
    assert content == bringup_pdf(KINDS[name], STEPS[name])
    words = words_of(content)
    for step in STEPS[name]:
        for finding in step.findings:
            assert finding in words
        for place in step.probe:
            assert place in words


def test_the_lock_is_tried_against_everything_that_must_release_it() -> None:
    told = " ".join(step.do[1] + step.command for step in STEPS["gate"])
    for words in ("exit button", "fire panel", "kill -s KILL", "network cable", "24 V off"):
        assert words in told


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('probe = ["J4-1", "J4-2"]', 'probe = ["J4-1", "J4-9"]', "J4-9"),
        ('reading = "< 5 ohm"', 'reading = "< 5 ohm"\ncommand = "x"', "either a probe or a command"),
        ("[[board.steps]]", "[[wall.steps]]", "wall"),
    ],
)
def test_a_step_that_points_nowhere_is_refused(old: str, new: str, says: str) -> None:
    text = STEPS_FILE.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(PinsError, match=says):
        parse_steps(text.replace(old, new), KINDS)
