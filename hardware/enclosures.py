"""What is printed: which part of which file, with which parameters, and how its picture is taken. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from hardware.coverage import CAMERA_M, FACES_M, STAND_M, WIDE, View, cradle_tilt_deg

PETG_G_CM3: Final = 1.27


@dataclass(frozen=True, slots=True)
class Printed:
    """One STL. classes: of which it is a part. words: how to print it. defines: parameters of the file that
    differ from what stands in it."""

    name: str
    scad: str
    part: str
    classes: tuple[str, ...]
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

_USB: Final = {"cable_d": 4.2}
_GATE, _WIDE, _KEYPADS = ("gate",), ("keypad-wide",), ("keypad", "keypad-wide")

PRINTED: Final = (
    Printed("keypad-shell", "keypad", "shell", _WIDE, "face down, with a brim; no supports"),
    Printed(
        "keypad-shell-small", "keypad", "shell", ("keypad",), "the same, for the small display", {"small": 1}
    ),
    Printed("keypad-base", "keypad", "base", _KEYPADS, "as it lies; its posts take a clamp of strain-relief"),
    Printed("keypad-caps", "keypad", "caps", _KEYPADS, "as they lie; change the filament at 7.2 mm"),
    Printed("keypad-straps", "keypad", "straps", _KEYPADS, "as they lie; they hold the display"),
    Printed(
        "strain-relief-usb", "strain-relief", "saddle", _KEYPADS, "as it lies; for the keypad's lead", _USB
    ),
    Printed(
        "gate-head-front", "gate-head", "front", _GATE, "face down; supports below the lens alone", _TILT
    ),
    Printed("gate-head-back", "gate-head", "back", _GATE, "as it lies", _TILT),
    Printed("gate-head-cradle", "gate-head", "cradle", _GATE, "as it lies; it alone knows the tilt", _TILT),
    Printed("strain-relief-gate", "strain-relief", "comb", _GATE, "as it lies; for all field cables"),
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
        "Posts for the keys' board and for two straps behind the display; bosses for M3; slot for the lead",
        (140, 0, 30),
    ),
    Pictured(
        "keypad-small",
        "keypad",
        "assembled",
        "Keypad with the small display",
        "The same case with another window: small = 1",
        (42, 0, 18),
        {"small": 1},
    ),
    Pictured(
        "keypad-base",
        "keypad",
        "base",
        "Keypad, the base",
        "Raspberry Pi Zero 2 W on four posts; two posts for the lead's clamp; keyholes for a desk",
        (48, 0, 25),
    ),
    Pictured(
        "gate-head",
        "gate-head",
        "assembled",
        "Gate head, 138 x 200 x 75 mm",
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
        "Two posts carry the camera's cradle; air in below, out above; cables leave below, at the back",
        (130, 0, 30),
        _TILT,
    ),
    Pictured(
        "gate-head-filled",
        "gate-head",
        "filled",
        "Gate head, what stands on its back",
        "Raspberry Pi 5 with its sockets down, PoE board, carrier on header and two posts; clamp's posts",
        (52, 0, -28),
        _TILT,
    ),
    Pictured(
        "gate-head-cradle",
        "gate-head",
        "cradle",
        "Camera cradle (here for a camera at 1.70 m)",
        "The wedge is the tilt: another mounting height is another cradle, nothing else; ribbon downwards",
        (62, 0, 30),
        {"tilt_deg": cradle_tilt_deg(1.7)},
    ),
    Pictured(
        "strain-relief-usb",
        "strain-relief",
        "saddle",
        "Strain relief, for a lead of 4.2 mm",
        "Printed upside down. Teeth press 0.8 mm into the jacket; two screws, 22 mm apart",
        (50, 0, 30),
        _USB,
    ),
    Pictured(
        "strain-relief-gate",
        "strain-relief",
        "comb",
        "Strain relief of a gate, for eleven cables",
        "Printed upside down. Supply, lock, chain, fire, reed, jam; two beams, lamps, buzzer, HDMI",
        (50, 0, 30),
    ),
)


def printing_page() -> str:
    """What to print for each class, and how."""
    rows = "\n".join(
        f"| `{each.name}.stl` | {', '.join(each.classes)} | {each.words} | `{_made_by(each)}` |"
        for each in PRINTED
    )
    return (
        "# What to print\n\nMade by `make hardware`; do not edit. PETG or ASA, 0.2 mm layers, nozzle 0.4,"
        " four lines of wall. Every file fits a bed of 220 x 220 mm.\n\n"
        f"| file | class | how | made by `openscad` with |\n|---|---|---|---|\n{rows}\n"
    )


def _made_by(printed: Printed) -> str:
    defines = [f'part="{printed.part}"', *(f"{name}={value:g}" for name, value in printed.defines.items())]
    return " ".join(f"-D '{each}'" for each in defines) + f" {printed.scad}.scad"
