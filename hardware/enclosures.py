"""What is printed: which part of which file, with which parameters, and how its picture is taken. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from hardware.coverage import CAMERA_M, FACES_M, STAND_M, WIDE, View, cradle_tilt_deg

PETG_G_CM3: Final = 1.27


@dataclass(frozen=True, slots=True)
class Printed:
    """One STL. defines: parameters of the file that differ from what stands in it. words: how to print it."""

    name: str
    scad: str
    part: str
    of_class: str
    words: str
    defines: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pictured:
    """One picture. looks: rotation of the camera in degrees, as OpenSCAD's --camera has it."""

    name: str
    scad: str
    part: str
    title: str
    words: str
    looks: tuple[int, int, int]
    defines: Mapping[str, float] = field(default_factory=dict)


_TILT: Final = {"tilt_deg": cradle_tilt_deg()}

PRINTED: Final = (
    Printed("keypad-shell", "keypad", "shell", "keypad", "face down, supports for the bosses' tops alone"),
    Printed("keypad-base", "keypad", "base", "keypad", "as it lies; its posts take a clamp of strain-relief"),
    Printed("keypad-caps", "keypad", "caps", "keypad", "as they lie; change the filament at 7.2 mm"),
    Printed("gate-head-front", "gate-head", "front", "gate", "face down", _TILT),
    Printed("gate-head-back", "gate-head", "back", "gate", "as it lies", _TILT),
    Printed("gate-head-cradle", "gate-head", "cradle", "gate", "as it lies; it alone knows the tilt", _TILT),
    Printed("strain-relief", "strain-relief", "saddle", "gate", "as it lies; one for each cable"),
)

_VIEW: Final = View(WIDE)
_FROM_TO: Final = f"{FACES_M[0]:.1f} to {FACES_M[1]:.1f} m"
PICTURED: Final = (
    Pictured(
        "keypad",
        "keypad",
        "assembled",
        "Keypad, 110 x 150 mm, face sloped 15 degrees",
        "Reliefs 0.7 mm high (drawn red): one dot, on 5 alone; bars on YES, NO, ABSTAIN; ring on OK, cross on"
        " CLEAR",
        (42, 0, 18),
    ),
    Pictured(
        "keypad-inside",
        "keypad",
        "shell",
        "Keypad, the shell from below",
        "Posts for key board and display; four bosses for M3; slot for the cable",
        (140, 0, 30),
    ),
    Pictured(
        "keypad-base",
        "keypad",
        "base",
        "Keypad, the base",
        "Raspberry Pi Zero 2 W on four posts; two posts for the cable's clamp; keyholes for a desk",
        (48, 0, 25),
    ),
    Pictured(
        "gate-head",
        "gate-head",
        "assembled",
        "Gate head, 124 x 168 x 65 mm",
        f"Lens at {CAMERA_M:.2f} m, tilted {cradle_tilt_deg():+.1f} degrees: faces at {_FROM_TO} are in view"
        f" from {_VIEW.near_m:.2f} m on; mark on the floor at {STAND_M:.1f} m",
        (78, 0, 24),
        _TILT,
    ),
    Pictured(
        "gate-head-inside",
        "gate-head",
        "front",
        "Gate head, the front from inside",
        "Two posts carry the camera's cradle; air in below, out above",
        (130, 0, 30),
        _TILT,
    ),
    Pictured(
        "gate-head-cradle",
        "gate-head",
        "cradle",
        "Camera cradle (here for a camera at 1.70 m)",
        "The wedge is the tilt: another mounting height is another cradle, and nothing else",
        (62, 0, 30),
        {"tilt_deg": cradle_tilt_deg(1.7)},
    ),
    Pictured(
        "strain-relief",
        "strain-relief",
        "saddle",
        "Strain relief, for cables of 5.5 mm",
        "Teeth press 0.8 mm into the jacket; two screws, 22 mm apart",
        (50, 0, 30),
    ),
)
