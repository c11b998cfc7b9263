"""A gate with nothing but a seed: its panel shows the code, its button is pressed, and it is a gate."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.device.claim.pages import Situation, page_of
from edge.device.claim.seed import parse_seed
from edge.device.claim.table import State
from edge.device.errors import ConfigError
from edge.rollcall_gate import commands
from edge.rollcall_gate.adapters.claim_buttons import SimulatedClaimButton
from edge.rollcall_gate.adapters.panel_drawing import draw, layout
from edge.rollcall_gate.adapters.simulated_panel import (
    SimulatedDisplay,
    SimulatedIndicator,
    SimulatedSounder,
)
from edge.rollcall_gate.claiming import BUTTON, GatePresence, open_presence, panel_of
from edge.rollcall_gate.config import wiring_of
from edge.rollcall_gate.display.panel import Colour, Sound
from tests.edge.device.claim.desk_under_test import ClaimDesk, seeded
from tests.edge.device.claim.hands import Process
from tests.edge.device.hall_desk import make_hall
from tests.servers.waiting import wait_until

ADDRESS = "https://hall-server.local:8443/c/ABCD2345#0123456789abcdef"
FOUND = Situation("SN-0001", ("", ""), "why exactly", "ABCD2345", ADDRESS, "Cửa Bắc")
PANELS = [(1280, 720), (800, 480), (480, 800), (480, 320), (320, 240)]


@pytest.mark.parametrize(("width", "height"), PANELS)
def test_the_panel_shows_a_qr_code_that_a_telephone_reads(width: int, height: int) -> None:
    panel = panel_of(page_of(State.WAITING, FOUND, BUTTON), "vi+en")
    assert panel.lines[0] == "ABCD 2345"
    picture = np.array(draw(panel, width, height))
    larger = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    assert cv2.QRCodeDetector().detectAndDecode(larger)[0] == ADDRESS


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("language", ["vi", "en", "vi+en"])
def test_every_page_fits_the_panel_and_says_what_to_do(state: State, language: str) -> None:
    panel = panel_of(page_of(state, FOUND, BUTTON), language)
    assert 1 <= len(panel.lines) <= 4
    for width, height in PANELS:
        rows = layout(panel, width, height).rows
        assert " ".join(row.text for row in rows).split() == " ".join(panel.lines).split()


def test_the_place_and_the_button_are_said_at_the_gate_that_was_tapped() -> None:
    panel = panel_of(page_of(State.PLACED, FOUND, BUTTON), "vi+en")
    assert panel.colour is Colour.AMBER
    assert panel.lines[0] == "Vị trí: Cửa Bắc"
    assert any("Enter" in line for line in panel.lines)


def test_lamp_tone_and_button_are_its_own() -> None:
    display, lamp, buzzer, button = (
        SimulatedDisplay(),
        SimulatedIndicator(),
        SimulatedSounder(),
        SimulatedClaimButton(),
    )
    closed: list[bool] = []
    presence = GatePresence(display, lamp, buzzer, button, "en", lambda: closed.append(True))
    pressed: list[bool] = []
    presence.start(lambda: pressed.append(True))
    presence.attention()
    presence.show(page_of(State.PLACED, FOUND, BUTTON))
    assert (buzzer.played, lamp.colour, pressed) == ([Sound.ATTENTION], Colour.AMBER, [])
    button.push()
    presence.show(page_of(State.PLACED, FOUND, BUTTON))
    assert pressed == [True]
    presence.close()
    assert closed == [True]
    assert display.panel is None


def test_a_gate_that_nobody_could_press_says_so_before_it_is_claimed(tmp_path: Path) -> None:
    seed = parse_seed('role = "gate"', "seed.toml", "[gate]\nlock_pin_bcm = 5\n")
    presence = open_presence(tmp_path, seed, lambda: page_of(State.LOOKING, FOUND, BUTTON))
    with pytest.raises(ConfigError, match=r"claim_pin_bcm and gate\.pin_pad are missing"):
        presence.start(lambda: None)
    presence.show(page_of(State.UNFIT, FOUND, BUTTON))
    presence.close()


def test_a_gate_of_the_class_that_is_shipped_has_a_button() -> None:
    classes = Path(commands.__file__).parents[2] / "provisioning" / "media" / "classes"
    shipped = classes / "gate" / "hardware.toml"
    seed = parse_seed('role = "gate"', "seed.toml", shipped.read_text("utf-8"))
    wiring = wiring_of(seed.parts, Path(), str(shipped))
    assert wiring.claim is not None or wiring.pin_pad is not None


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Process]:
    running = Process(tmp_path / "g", "edge.rollcall_gate")
    yield running
    if running.process is not None and running.process.poll() is None:
        running.end(signal.SIGKILL)


@pytest.mark.system
@pytest.mark.slow
def test_three_things_are_done_by_people_and_then_it_is_a_gate(
    tmp_path: Path, gate: Process, gate_models, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = ClaimDesk(make_hall(tmp_path), policy={"gate": {"models": str(gate_models.embedder.parent)}})
    with desk.serve() as served:
        seeded(gate.folder, desk.hall, served.port, "gate")
        assert commands.check(gate.folder, frozenset()) == 1
        assert "makes it a gate" in capsys.readouterr().out
        gate.start()
        assert gate.reads("waiting")["code"] == desk.only.status.code
        desk.place("Cửa Bắc")
        gate.reads("placed")
        gate.wish(do="press")
        is_gate: Callable[[], bool] = lambda: "view" in gate.wish(do="look")  # noqa: E731
        wait_until(is_gate, "a gate", timeout_s=60)
    assert desk.only.installed
    assert gate.end(signal.SIGTERM) == 0
