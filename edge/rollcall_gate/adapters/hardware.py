"""The parts of one gate, opened: as its wiring says, or simulated. Each library is loaded when it is
needed.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.device.closing import close_each
from edge.rollcall_gate.adapters.cameras import open_camera
from edge.rollcall_gate.adapters.not_wired import (
    NoBadgeReader,
    NoDisplay,
    NoIndicator,
    NoPinPad,
    NoSensor,
    NoSounder,
)
from edge.rollcall_gate.adapters.opencv_codes import OpencvCodes
from edge.rollcall_gate.adapters.simulated_camera import SimulatedCamera
from edge.rollcall_gate.adapters.simulated_door import SimulatedDoor
from edge.rollcall_gate.adapters.simulated_lane import (
    SimulatedFireContact,
    SimulatedPassSensor,
    SimulatedPinPad,
)
from edge.rollcall_gate.adapters.simulated_panel import (
    SimulatedBadgeReader,
    SimulatedDisplay,
    SimulatedIndicator,
    SimulatedSounder,
)
from edge.rollcall_gate.config import Wiring
from edge.rollcall_gate.ports import (
    BadgeReader,
    Camera,
    CodeReader,
    Display,
    Door,
    FireContact,
    Indicator,
    PassSensor,
    PinPad,
    Sounder,
)

FRAMEBUFFERS: Final = Path("/sys/class/graphics")
DEVICES: Final = Path("/dev")
Now = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Hardware:
    """Everything a gate is made of. fire: None where no contact is wired. counts: a sensor tells who
    passed.
    """

    camera: Camera
    codes: CodeReader
    badges: BadgeReader
    pins: PinPad
    door: Door
    sensor: PassSensor
    fire: FireContact | None
    display: Display
    indicator: Indicator
    sounder: Sounder
    counts: bool

    def close(self) -> None:
        """Give everything back, each part whatever the others do. The door first: it is left released."""
        told = (self.door, self.camera, self.pins, self.sensor, self.fire)
        parts = (*told, self.display, self.indicator, self.sounder)
        close_each(*(part.close for part in parts if part is not None))


@dataclass(frozen=True, slots=True)
class Simulated:
    """The same without hardware, by its second faces: the hands of whoever stands before it."""

    camera: SimulatedCamera
    badges: SimulatedBadgeReader
    pins: SimulatedPinPad
    door: SimulatedDoor
    sensor: SimulatedPassSensor
    fire: SimulatedFireContact
    display: SimulatedDisplay
    indicator: SimulatedIndicator
    sounder: SimulatedSounder

    @classmethod
    def of(cls, now_ms: Now) -> "Simulated":
        sensor = SimulatedPassSensor()
        return cls(
            SimulatedCamera(now_ms),
            SimulatedBadgeReader(),
            SimulatedPinPad(),
            SimulatedDoor(sensor),
            sensor,
            SimulatedFireContact(),
            SimulatedDisplay(),
            SimulatedIndicator(),
            SimulatedSounder(),
        )

    @property
    def hardware(self) -> Hardware:
        return Hardware(
            self.camera,
            OpencvCodes(),
            self.badges,
            self.pins,
            self.door,
            self.sensor,
            self.fire,
            self.display,
            self.indicator,
            self.sounder,
            counts=True,
        )


def open_display(wiring: Wiring) -> Display:
    """By itself, before all else: it says that the gate is starting while the networks are loaded."""
    if wiring.framebuffer is None:
        return NoDisplay()
    from edge.rollcall_gate.adapters.framebuffer_display import FramebufferDisplay

    return FramebufferDisplay(DEVICES / wiring.framebuffer, FRAMEBUFFERS / wiring.framebuffer)


def open_hardware(wiring: Wiring, display: Display, now_ms: Now) -> Hardware:
    """Raises DoorError when a pin cannot be used, CameraError for an unknown camera, ConfigError for a
    recording with mistakes. What was opened by then is given back, the door released.
    """
    with ExitStack() as opened:
        door = _door(wiring)
        opened.callback(door.close)
        sensor = _sensor(wiring, now_ms)
        opened.callback(sensor.close)
        fire = _fire(wiring)
        if fire is not None:
            opened.callback(fire.close)
        indicator = open_indicator(wiring)
        opened.callback(indicator.close)
        sounder = open_sounder(wiring)
        opened.callback(sounder.close)
        camera = open_camera(
            wiring.camera, device=wiring.camera_device, folder=Path(wiring.camera_device), now_ms=now_ms
        )
        opened.pop_all()
    return Hardware(
        camera=camera,
        codes=OpencvCodes(),
        badges=NoBadgeReader(),
        pins=open_pin_pad(wiring, now_ms),
        door=door,
        sensor=sensor,
        fire=fire,
        display=display,
        indicator=indicator,
        sounder=sounder,
        counts=wiring.beams is not None,
    )


def _door(wiring: Wiring) -> Door:
    from edge.rollcall_gate.adapters.gpiozero_door import GpiozeroDoor

    return GpiozeroDoor(lock_pin_bcm=wiring.lock, reed_pin_bcm=wiring.reed, jam_pin_bcm=wiring.jam)


def _sensor(wiring: Wiring, now_ms: Now) -> PassSensor:
    if wiring.beams is None:
        return NoSensor()
    from edge.rollcall_gate.adapters.gpiozero_pass_sensor import GpiozeroPassSensor

    a, b = wiring.beams
    return GpiozeroPassSensor(a_pin_bcm=a, b_pin_bcm=b, now_ms=now_ms)


def _fire(wiring: Wiring) -> FireContact | None:
    if wiring.fire is None:
        return None
    from edge.rollcall_gate.adapters.gpiozero_fire_contact import GpiozeroFireContact

    return GpiozeroFireContact(fire_pin_bcm=wiring.fire)


def open_indicator(wiring: Wiring) -> Indicator:
    if wiring.lamps is None:
        return NoIndicator()
    from edge.rollcall_gate.adapters.gpiozero_indicator import GpiozeroIndicator

    red, green, amber = wiring.lamps
    return GpiozeroIndicator(red_pin_bcm=red, green_pin_bcm=green, amber_pin_bcm=amber)


def open_sounder(wiring: Wiring) -> Sounder:
    if wiring.buzzer is None:
        return NoSounder()
    from edge.rollcall_gate.adapters.gpiozero_sounder import GpiozeroSounder

    return GpiozeroSounder(pin_bcm=wiring.buzzer)


def open_pin_pad(wiring: Wiring, now_ms: Now) -> PinPad:
    if wiring.pin_pad is None:
        return NoPinPad()
    from edge.rollcall_gate.adapters.evdev_pin_pad import EvdevPinPad

    return EvdevPinPad(wiring.pin_pad, now_ms)
