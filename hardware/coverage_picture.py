"""The drawing of what a gate's camera sees, from the side: SVG text, made from coverage.py. Pure."""

import math
from typing import Final

from hardware.coverage import CAMERA_M, FACE_M, FACES_M, STAND_M, WIDE, View, cradle_tilt_deg

_SCALE: Final = 320.0
"""Pixels a metre."""
_LEFT, _FLOOR = 250.0, 800.0
_WIDTH, _HEIGHT = 900, 900
_REACH_M: Final = 1.75
_FAMILY: Final = "DejaVu Sans, sans-serif"
_INK, _GREY = "#20262d", "#4b5a68"


def coverage_svg() -> str:
    """People of three heights at the mark, the picture's edges, and between which distances one may stand."""
    view, tilt = View(WIDE), cradle_tilt_deg()
    half = WIDE.vertical_deg / 2
    parts = [*_floor(view), *_rays(tilt, half), *_people(), *_camera(tilt)]
    parts += _title(view, tilt)
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        f' width="{_WIDTH}" height="{_HEIGHT}">\n'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _x(metres: float) -> float:
    return round(_LEFT + metres * _SCALE, 1)


def _y(metres: float) -> float:
    return round(_FLOOR - metres * _SCALE, 1)


def _words(x: float, y: float, text: str, size: int = 19, anchor: str = "start", fill: str = _INK) -> str:
    style = f'font-family="{_FAMILY}" font-size="{size}" text-anchor="{anchor}" fill="{fill}"'
    return f'<text x="{x}" y="{y}" {style}>{text}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str, width: float = 2, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{stroke}" stroke-width="{width}"{dashed}/>'


def _title(view: View, tilt: float) -> list[str]:
    lens = f"{WIDE.name}: {WIDE.vertical_deg:.0f} degrees high, tilted {tilt:+.1f}, lens at {CAMERA_M:.2f} m"
    where = (
        f"A face at {FACES_M[0]:.1f} to {FACES_M[1]:.1f} m is in view from {view.near_m:.2f} m on,"
        f" and large enough up to {view.far_m:.2f} m"
    )
    return [
        _words(40, 44, "What the camera of a gate sees", 28),
        _words(40, 76, lens, fill=_GREY),
        _words(40, 102, where, fill=_GREY),
    ]


def _rays(tilt: float, half: float) -> list[str]:
    ends = []
    for angle in (tilt + half, tilt - half):
        slope = math.tan(math.radians(angle))
        reach = min(_REACH_M, (2.1 - CAMERA_M) / slope) if slope > 0 else min(_REACH_M, -CAMERA_M / slope)
        ends.append((_x(reach), _y(CAMERA_M + reach * slope)))
    (top_x, top_y), (low_x, low_y) = ends
    corner = f"{_x(_REACH_M)},{top_y} {_x(_REACH_M)},{low_y}"
    points = f"{_x(0)},{_y(CAMERA_M)} {top_x},{top_y} {corner} {low_x},{low_y}"
    return [
        f'<polygon points="{points}" fill="#0072b2" fill-opacity="0.10"/>',
        *(_line(_x(0), _y(CAMERA_M), x, y, "#0072b2", 2.5) for x, y in ends),
    ]


def _camera(tilt: float) -> list[str]:
    x, y = _x(0), _y(CAMERA_M)
    return [
        _line(x - 34, _FLOOR, x - 34, y - 40, _GREY, 9),
        f'<rect x="{x - 26}" y="{y - 12}" width="21" height="54" rx="4" fill="#3b4754"/>',
        (
            f'<rect x="{x - 12}" y="{y - 7}" width="14" height="14" fill="#0b1016"'
            f' transform="rotate({-tilt:g} {x} {y})"/>'
        ),
        _words(x - 56, y + 6, f"{CAMERA_M:.2f} m", 19, "end"),
        _words(x - 56, y - 18, "lens", 17, "end", _GREY),
    ]


def _people() -> list[str]:
    drawn = []
    middle = (FACES_M[0] + FACES_M[1]) / 2
    for face, colour in ((FACES_M[0], "#009e73"), (middle, "#e69f00"), (FACES_M[1], "#d55e00")):
        x, y = _x(STAND_M), _y(face)
        high = FACE_M * _SCALE / 2
        drawn += [
            (
                f'<ellipse cx="{x}" cy="{y}" rx="{high * 0.8:.1f}" ry="{high:.1f}" fill="#ffffff"'
                f' stroke="{colour}" stroke-width="4"/>'
            ),
            _line(x, y, _x(_REACH_M) - 90, y, colour, 1.5, "5 5"),
            _words(_x(_REACH_M) - 82, y + 6, f"{face:.2f} m"),
        ]
    return drawn


def _floor(view: View) -> list[str]:
    near, far = _x(view.near_m), _x(view.far_m)
    return [
        (
            f'<rect x="{near}" y="{_y(2.1)}" width="{far - near:.1f}" height="{2.1 * _SCALE:.1f}"'
            f' fill="#009e73" fill-opacity="0.10"/>'
        ),
        _line(60, _FLOOR, _WIDTH - 40, _FLOOR, _INK, 3),
        _line(near, _FLOOR - 10, near, _FLOOR + 10, _INK),
        _line(far, _FLOOR - 10, far, _FLOOR + 10, _INK),
        _words(near - 4, _FLOOR + 34, f"{view.near_m:.2f} m", 18, "end"),
        _words(far + 4, _FLOOR + 34, f"{view.far_m:.2f} m", 18),
        f'<circle cx="{_x(STAND_M)}" cy="{_FLOOR}" r="8" fill="#20262d"/>',
        _words(_x(STAND_M), _FLOOR + 66, f"mark on the floor: {STAND_M:.1f} m from the lens", 19, "middle"),
    ]
