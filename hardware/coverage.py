"""Where the camera of a gate looks: its tilt, and from where to where people may stand. Pure; metres and
degrees.

    person at distance d            camera at height h, tilted by t (below 0: down), half field v/2
    face_top = 1.90 m + half a face        h + d * tan(t + v/2)  must reach it
    face_bottom = 1.00 m - half a face     h + d * tan(t - v/2)  must reach it

Nearer than that somebody's face leaves the picture; farther than `far_m` a face is smaller than the lane
wants (`lane_face_permille`, 120 of the picture's height), and the gate waits until the person comes closer.
"""

import math
from dataclasses import dataclass
from typing import Final

FACES_M: Final = (1.0, 1.9)
"""Height of a face's middle: somebody in a wheelchair, and somebody tall (DESIGN, notes on accessibility)."""
FACE_M: Final = 0.18
"""Chin to hairline, what a detector's box has for its side; the length of a face is 0.18 to 0.20."""
LANE_FACE: Final = 0.12
"""Default of lane_face_permille."""
MARGIN_DEG: Final = 1.5
"""Of print and mounting, at both edges."""
CAMERA_M: Final = 1.50
FULL_MODE: Final = (2304, 1296)
"""Which the gate asks an IMX708 for: half the lines and columns of the whole sensor, 4608 x 2592."""
CROPPED_MODE: Final = (1536, 864)
"""Which a library that is asked for 1280 x 720 alone may choose: half of the middle 3072 x 1728."""
STAND_M: Final = 1.0
"""Where the mark on the floor is."""


@dataclass(frozen=True, slots=True)
class Lens:
    """vertical_deg of the picture that the firmware takes (16:9, 1280 x 720)."""

    name: str
    vertical_deg: float
    source: str


def cropped(vertical_deg: float, share: float) -> float:
    """Of a mode that takes so much of the sensor's height."""
    return math.degrees(2 * math.atan(share * math.tan(math.radians(vertical_deg) / 2)))


WIDE: Final = Lens("Camera Module 3 Wide, whole sensor", 67.0, "Raspberry Pi camera documentation (recalled)")
WIDE_CROPPED: Final = Lens(
    f"Camera Module 3 Wide, mode {CROPPED_MODE[0]}x{CROPPED_MODE[1]}",
    cropped(67.0, CROPPED_MODE[1] / FULL_MODE[1]),
    "that mode takes 3072x1728 of 4608x2592: raspberrypi/picamera2 issue 1184",
)
NORMAL: Final = Lens("Camera Module 3, whole sensor", 41.0, "Raspberry Pi camera documentation (recalled)")
LENSES: Final = (WIDE, WIDE_CROPPED, NORMAL)


@dataclass(frozen=True, slots=True)
class View:
    """What is seen from one height with one lens."""

    lens: Lens
    camera_m: float = CAMERA_M

    def needed_deg(self, distance_m: float) -> tuple[float, float]:
        """Angles to the lowest and to the highest edge of a face at that distance, above the horizontal."""
        low, high = FACES_M[0] - FACE_M / 2, FACES_M[1] + FACE_M / 2
        return (
            math.degrees(math.atan2(low - self.camera_m, distance_m)),
            math.degrees(math.atan2(high - self.camera_m, distance_m)),
        )

    def tilt_deg(self, distance_m: float) -> float:
        """The middle of both, which is the best tilt for that distance."""
        return sum(self.needed_deg(distance_m)) / 2

    def covers(self, distance_m: float, tilt_deg: float) -> bool:
        low, high = self.needed_deg(distance_m)
        half = self.lens.vertical_deg / 2 - MARGIN_DEG
        return tilt_deg - half <= low and high <= tilt_deg + half

    @property
    def near_m(self) -> float:
        """The nearest place where all faces are in view, with the best tilt for it; to the centimetre,
        rounded up."""
        for centimetres in range(20, 500):
            if self.covers(centimetres / 100, self.tilt_deg(centimetres / 100)):
                return centimetres / 100
        return math.inf

    @property
    def far_m(self) -> float:
        """The farthest place where a face is as large as the lane wants; rounded down."""
        height_at_one = 2 * math.tan(math.radians(self.lens.vertical_deg) / 2)
        return math.floor(100 * FACE_M / (LANE_FACE * height_at_one)) / 100

    @property
    def face_px(self) -> float:
        """Side of a face in the picture of 720 lines, at the nearest place."""
        return 720 * FACE_M / (2 * self.near_m * math.tan(math.radians(self.lens.vertical_deg) / 2))


def cradle_tilt_deg(camera_m: float = CAMERA_M) -> float:
    """What gate-head.scad's cradle is printed with: the best at the nearest place, to half a degree."""
    view = View(WIDE, camera_m)
    return round(2 * view.tilt_deg(view.near_m)) / 2
