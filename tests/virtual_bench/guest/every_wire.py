"""The generated config of each class, the firmware that opens it, and the kernel's pins and buses: every wire
of pins.toml is tried from its other end, and what stands at a gate's sockets, too."""

from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from edge.rollcall_gate.adapters.hardware import Hardware
from edge.rollcall_gate.adapters.panel_drawing import draw
from edge.rollcall_gate.display.screen import View, panel
from hardware.adapters.source import classes
from hardware.configs import fields_of
from tests.servers.waiting import wait_until
from tests.virtual_bench.guest import vivid
from tests.virtual_bench.guest.glass import glass_of, plug_in
from tests.virtual_bench.guest.header import ChipHeader
from tests.virtual_bench.guest.pad import KEY_1, KEY_ENTER, KEY_KP7, Pad
from tests.virtual_bench.loom import Loom
from tests.virtual_bench.medium import generated, insert, instead, swapped
from tests.virtual_bench.walk import faults, on, open_gate
from tests.virtual_bench.walk_gate import at_rest

Picture = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
KINDS: Final = classes()
GATE: Final = KINDS["gate"]
WIDTH_PX, HEIGHT_PX = 1024, 768
"""Of the machine's display (machine.py)."""


def walked(folder: Path, name: str, text: str) -> tuple[Loom, Generator[str]]:
    kind, header = KINDS[name], ChipHeader.open()
    loom = Loom(kind, header)
    plug_in(kind)
    return loom, faults(folder, loom, header, text, glass_of(kind, loom))


@pytest.mark.parametrize("name", [kind.name for kind in KINDS.values() if kind.driven])
def test_every_wire_does_what_it_is_wired_for(tmp_path: Path, name: str) -> None:
    loom, found = walked(tmp_path, name, generated(KINDS[name]))
    said = list(found)
    assert not said, "\n".join(said)
    assert loom.tried == {wire.signal for _, wire in KINDS[name].wires() if wire.field}


@pytest.mark.parametrize(
    ("name", "one", "other", "says"),
    [
        ("gate", "beam A", "beam B", "the firmware tells of backward; by the wiring it is forward"),
        ("keypad", "row 1", "row 2", "YES is pressed (row 1, column 1): the firmware tells of 1"),
        ("keypad-wide", "D/C", "RESET", "RESET (J4 pin 6, GPIO25) went"),
    ],
)
def test_two_pins_that_change_places_are_found(
    tmp_path: Path, name: str, one: str, other: str, says: str
) -> None:
    kind = KINDS[name]
    _, walk = walked(tmp_path, name, swapped(generated(kind), kind.gpio(one), kind.gpio(other)))
    with closing(walk) as found:
        assert says in next(found)


def test_a_display_at_another_address_is_found(tmp_path: Path) -> None:
    _, walk = walked(tmp_path, "keypad", instead(generated(KINDS["keypad"]), "i2c_address", "61"))
    with closing(walk) as found:
        assert "the display ssd1306 does not answer" in next(found)


@pytest.fixture
def loom() -> Loom:
    return Loom(GATE, ChipHeader.open())


@pytest.fixture
def gate(loom: Loom, tmp_path: Path) -> Iterator[Hardware]:
    """By the generated config; but this kernel's camera is no Raspberry Pi's."""
    text = instead(generated(GATE), "camera", f'"v4l2"\ncamera_device = "{vivid.DEVICE}"')
    with on(loom.header):
        made = open_gate(tmp_path, insert(tmp_path, GATE, text))
        at_rest(loom)
        yield made
        made.close()


def test_frames_come_to_the_gate_while_its_pins_work(gate: Hardware, loom: Loom) -> None:
    """Out of the process that holds the camera, under the gate's watch."""
    vivid.show_bars()
    gate.door.secure()
    wait_until(lambda: gate.camera.read() is not None, "a frame", timeout_s=120)
    loom.part("reed")
    assert gate.door.is_open
    gate.door.release()
    assert loom.driven() == frozenset()


def shown() -> Picture:
    """What the kernel's framebuffer holds, as red, green and blue."""
    pixels = np.fromfile("/dev/fb0", np.uint8, WIDTH_PX * HEIGHT_PX * 4).reshape(HEIGHT_PX, WIDTH_PX, 4)
    return pixels[:, :, 2::-1]


def test_what_a_gate_says_stands_on_its_display_until_it_is_closed(gate: Hardware) -> None:
    ready = panel(View.READY, "vi+en")
    gate.display.show(ready)
    assert np.array_equal(shown(), np.asarray(draw(ready, WIDTH_PX, HEIGHT_PX)))
    gate.close()
    assert not shown().any()


def test_what_is_typed_at_the_pad_comes_to_the_gate(gate: Hardware) -> None:
    pad = Pad(Path(str(fields_of(GATE)["pin_pad"])))
    assert gate.pins.read() == ""
    pad.type(KEY_1, KEY_KP7, KEY_ENTER)
    typed = [gate.pins.read()]
    pad.unplug()
    assert typed == ["17E"]
