"""One suite for every adapter of Display: what was said last stands there, and a broken one stops nobody.

The framebuffers are files: a device, and the folder in which the kernel states its form.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import pytest
from PIL import Image

from edge.rollcall_gate.adapters.framebuffer_display import (
    DisplayError,
    FramebufferDisplay,
    Geometry,
    geometry,
    packed,
)
from edge.rollcall_gate.adapters.panel_drawing import draw
from edge.rollcall_gate.adapters.simulated_panel import SimulatedDisplay
from edge.rollcall_gate.display.panel import Panel
from edge.rollcall_gate.display.screen import View, panel
from edge.rollcall_gate.ports import Display
from wire.lane import Greeting

WIDTH, HEIGHT = 320, 240
PADDING: Final = 32  # bytes after each row of a framebuffer
READY, STORED = panel(View.READY, "vi+en"), panel(View.STORED, "vi+en")
WELCOME = panel(View.WALK_IN, "vi+en", greeting=Greeting("Nguyễn Văn An", "A12"))


class Rig(Protocol):
    display: Display

    def shows(self, panel: Panel | None) -> bool:
        """None: nothing."""
        ...


class SimulatedRig:
    def __init__(self, _: Path) -> None:
        self.display = SimulatedDisplay()

    def shows(self, panel: Panel | None) -> bool:
        return self.display.panel == panel


class FramebufferRig:
    bits = 32

    def __init__(self, folder: Path) -> None:
        self.file, self.folder = folder / "fb0", folder / "graphics-fb0"
        self.stride = WIDTH * self.bits // 8 + PADDING
        self.file.write_bytes(b"\xff" * self.stride * HEIGHT)
        self.folder.mkdir()
        self.state(
            virtual_size=f"{WIDTH},{HEIGHT}\n", bits_per_pixel=f"{self.bits}\n", stride=f"{self.stride}\n"
        )
        self.display = FramebufferDisplay(self.file, self.folder)

    def state(self, **form: str) -> None:
        for name, text in form.items():
            (self.folder / name).write_text(text)

    def shows(self, panel: Panel | None) -> bool:
        """Read pixel by pixel as the kernel documents the form, not as the adapter packs it."""
        rows = np.frombuffer(self.file.read_bytes(), np.uint8).reshape(HEIGHT, self.stride)
        picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        if panel is not None:
            picture = np.asarray(draw(panel, WIDTH, HEIGHT))
        same = self.matches(rows[:, : -PADDING or None], picture.astype(int))
        return same and not rows[:, -PADDING:].any()

    def matches(self, rows: np.ndarray, picture: np.ndarray) -> bool:
        blue, green, red, _ = (rows[:, channel::4] for channel in range(4))
        return bool((np.stack([red, green, blue], axis=2) == picture).all())

    def unplug(self) -> None:
        self.file.rename(self.file.with_name("away"))

    def plug_in(self) -> None:
        self.file.with_name("away").rename(self.file)


class Framebuffer16Rig(FramebufferRig):
    bits = 16

    def matches(self, rows: np.ndarray, picture: np.ndarray) -> bool:
        words = rows[:, 0::2].astype(int) + 256 * rows[:, 1::2].astype(int)
        found = np.stack([words // 2048, words // 32 % 64, words % 32], axis=2)
        return bool((found == picture // [8, 4, 8]).all())


RIGS: Final = {
    "simulated": SimulatedRig,
    "framebuffer 32": FramebufferRig,
    "framebuffer 16": Framebuffer16Rig,
}
FRAMEBUFFERS: Final = [FramebufferRig, Framebuffer16Rig]


@pytest.fixture(params=RIGS.values(), ids=RIGS.keys())
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    return request.param(tmp_path)


@pytest.fixture(params=FRAMEBUFFERS, ids=["32 bits", "16 bits"])
def framebuffer(request: pytest.FixtureRequest, tmp_path: Path) -> FramebufferRig:
    return request.param(tmp_path)


def test_what_was_said_last_stands_there(rig: Rig) -> None:
    for shown in (READY, WELCOME, WELCOME, STORED, READY):
        rig.display.show(shown)
        assert rig.shows(shown)
    assert not rig.shows(STORED)


def test_a_name_does_not_stay_when_the_gate_is_stopped(rig: Rig) -> None:
    rig.display.show(WELCOME)
    rig.display.close()
    assert rig.shows(None)
    rig.display.close()
    rig.display.show(WELCOME)
    assert rig.shows(WELCOME)


def test_a_display_that_never_showed_anything_can_be_closed(rig: Rig) -> None:
    rig.display.close()
    assert rig.shows(None)


def test_the_same_panel_is_not_drawn_again(framebuffer: FramebufferRig) -> None:
    framebuffer.display.show(READY)
    framebuffer.file.write_bytes(b"somebody else")
    framebuffer.display.show(panel(View.READY, "vi+en"))
    assert framebuffer.file.read_bytes() == b"somebody else"


def test_an_unplugged_display_is_said_once_and_taken_up_again(
    framebuffer: FramebufferRig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    framebuffer.display.show(READY)
    framebuffer.unplug()
    for shown in (STORED, READY, WELCOME):
        framebuffer.display.show(shown)
    assert len(caplog.records) == 1
    framebuffer.plug_in()
    framebuffer.display.show(WELCOME)
    assert framebuffer.shows(WELCOME)
    framebuffer.unplug()
    framebuffer.display.show(READY)
    assert len(caplog.records) == 2


def test_a_display_plugged_in_again_is_blank_and_is_drawn_upon_though_the_panel_is_the_last_one_it_had(
    framebuffer: FramebufferRig,
) -> None:
    framebuffer.display.show(READY)
    framebuffer.unplug()
    framebuffer.display.show(STORED)
    framebuffer.plug_in()
    framebuffer.file.write_bytes(b"")
    framebuffer.display.show(READY)
    assert framebuffer.shows(READY)


def test_closing_an_unplugged_display_raises_nothing(framebuffer: FramebufferRig) -> None:
    framebuffer.display.show(READY)
    framebuffer.unplug()
    framebuffer.display.close()


def test_a_device_that_is_absent_is_not_made_into_a_file(tmp_path: Path) -> None:
    rig = FramebufferRig(tmp_path)
    rig.unplug()
    rig.display.show(READY)
    assert not rig.file.exists()


def test_another_display_plugged_in_while_running_gets_pictures_of_its_own_size(tmp_path: Path) -> None:
    rig = FramebufferRig(tmp_path)
    rig.display.show(READY)
    rig.state(virtual_size="800,480\n", stride="3200\n")
    rig.display.show(STORED)
    assert rig.file.stat().st_size == 3200 * 480


def test_one_pixel_of_each_colour_is_packed_as_the_kernel_documents() -> None:
    picture = Image.new("RGB", (4, 1))
    picture.putdata([(255, 0, 0), (0, 255, 0), (0, 0, 255), (8, 4, 8)])
    assert packed(picture, Geometry(4, 1, 32, 16)).hex(" ", 4) == "0000ff00 00ff0000 ff000000 08040800"
    assert packed(picture, Geometry(4, 1, 16, 10)).hex(" ", 2) == "00f8 e007 1f00 2108 0000"


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda rig: rig.state(bits_per_pixel="24\n"), "set 16 or 32"),
        (lambda rig: rig.state(stride="100\n"), "is no display"),
        (lambda rig: rig.state(virtual_size="0,0\n"), "is no display"),
        (lambda rig: rig.state(virtual_size="a lot\n"), "plugged in"),
        (lambda rig: (rig.folder / "stride").unlink(), "plugged in"),
    ],
    ids=["24 bits", "short rows", "no pixels", "no numbers", "no stride"],
)
def test_a_framebuffer_of_a_form_not_known_is_refused_in_a_sentence(
    spoil: Callable[[FramebufferRig], None],
    sentence: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    rig = FramebufferRig(tmp_path)
    spoil(rig)
    with pytest.raises(DisplayError, match=sentence):
        geometry(rig.folder)
    rig.display.show(READY)
    rig.display.show(STORED)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert sentence in caplog.text
