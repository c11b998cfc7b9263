"""Whether what is bought fits into what is printed: boxes of the parts against the meshes, and screws."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hardware.coverage import WIDE, cradle_tilt_deg
from hardware.enclosures import PRINTED, Printed
from hardware.mesh import Floats, corners_of, depth_along

HARDWARE = Path(__file__).resolve().parents[2] / "hardware"
SCAD = {path.stem: path.read_text(encoding="utf-8") for path in (HARDWARE / "enclosures").glob("*.scad")}
PINS: dict[str, Any] = tomllib.loads((HARDWARE / "pins.toml").read_text(encoding="utf-8"))
FACTS = {
    name: told["facts"]
    for name, told in tomllib.loads((HARDWARE / "parts.toml").read_text(encoding="utf-8"))["parts"].items()
}
SLOPE = np.radians(15.0)


@lru_cache
def corners(name: str) -> Floats:
    return corners_of((HARDWARE / "out" / "enclosures" / f"{name}.stl").read_bytes())


def numbers(scad: str, name: str) -> list[float]:
    found = re.search(rf"^{name} = ([^;]+);", SCAD[scad], re.MULTILINE)
    assert found, name
    return [float(each) for each in re.findall(r"-?\d+\.?\d*", found[1])]


@lru_cache
def surface(name: str) -> Floats:
    """Corners, and points spread over the surface by a fixed seed: about one to the square millimetre."""
    triangles = corners(name)
    across = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    area = np.linalg.norm(across, axis=1)
    dice = np.random.default_rng(8)
    chosen = triangles[dice.choice(len(triangles), 60_000, p=area / area.sum())]
    u, v = dice.random((2, len(chosen), 1))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    spread = chosen[:, 0] + u * (chosen[:, 1] - chosen[:, 0]) + v * (chosen[:, 2] - chosen[:, 0])
    return np.concatenate([spread, triangles.reshape(-1, 3)])


def inside(points: Floats, low: tuple[float, ...], high: tuple[float, ...]) -> int:
    return int(((points > np.array(low)) & (points < np.array(high))).all(axis=1).sum())


def on_face(points: Floats) -> Floats:
    """u to the right, v up the slope, w out of it, as keypad.scad has them."""
    turn = np.array([[1, 0, 0], [0, np.cos(SLOPE), np.sin(SLOPE)], [0, -np.sin(SLOPE), np.cos(SLOPE)]])
    turned: Floats = (points - np.array([0.0, 0.0, numbers("keypad", "front_height")[0]])) @ turn.T
    return turned


# Size, and how far the four holes are apart: from the makers' drawings, recalled.
ZERO = ((65.0, 30.0), (58.0, 23.0))
PI_5 = ((85.0, 56.0), (58.0, 49.0))


def bored(triangles: Floats, x: float, y: float, top: float, deep: float) -> bool:
    """A needle from above into the middle of a hole comes at least so deep below `top`, and beside it there
    is something to screw into."""
    down = np.array([0.0, 0.0, -1.0])
    middle = depth_along(np.array([x, y, top + 1.0]), down, triangles)
    around = [
        depth_along(np.array([x + dx, y + dy, top + 1.0]), down, triangles)
        for dx, dy in ((1.9, 0), (-1.9, 0), (0, 1.9), (0, -1.9))
    ]
    return middle >= 1.0 + deep and all(abs(each - 1.0) < 0.05 for each in around)


def test_a_zero_stands_on_its_four_posts_and_nothing_is_in_its_way() -> None:
    (long, wide), (apart_x, apart_y) = ZERO
    x, y = 55.0, numbers("keypad", "pi_zero")[1]
    stand = numbers("keypad", "pi_stand")[0]
    base = corners("keypad-base")
    for dx in (-apart_x / 2, apart_x / 2):
        for dy in (-apart_y / 2, apart_y / 2):
            assert bored(base, x + dx, y + dy, stand, 5.0)
    box = (x - long / 2, y - wide / 2, stand + 0.05), (x + long / 2, y + wide / 2, stand + 10.0)
    header = (x - long / 2, y - wide / 2, stand + 0.05), (x + long / 2, y - wide / 2 + 7, stand + 18.0)
    plugs = (x - 27.5, y + wide / 2, stand + 0.05), (x + 27.5, y + wide / 2 + 24, stand + 8.0)
    for shell in ("keypad-shell", "keypad-shell-small"):
        for points in (surface("keypad-base"), surface(shell)):
            assert inside(points, *box) == inside(points, *header) == inside(points, *plugs) == 0


@pytest.mark.parametrize("shell", ["keypad-shell", "keypad-shell-small"])
def test_the_board_of_the_keys_lies_on_its_posts_and_between_the_walls(shell: str) -> None:
    points = on_face(surface(shell))
    wide, high = numbers("keypad", "key_board")
    v = numbers("keypad", "key_board_v")[0]
    back = -(numbers("keypad", "wall")[0] + numbers("keypad", "board_below")[0])
    low, top = (55 - wide / 2, v, back - 3.6), (55 + wide / 2, v + high, back - 0.05)
    assert inside(points, low, top) == 0, "board, and what is soldered below it"
    told = re.search(r"(\d+) x (\d+) mm", FACTS["key-matrix-5x4"])
    assert told
    assert [float(each) for each in told.groups()] == [wide, high]
    assert "holes 97.6 x 48" in FACTS["key-matrix-5x4"]
    assert numbers("keypad", "board_posts") == [30, 78]
    posts = points[(np.abs(points[:, 2] - back) < 0.02)]
    for u in (6.2, 110 - 6.2):
        for at in (30, 78, 121, 139):
            assert (np.hypot(posts[:, 0] - u, posts[:, 1] - at) < 3.1).any(), (u, at)


@pytest.mark.parametrize(
    ("shell", "part", "module", "picture"),
    [
        ("keypad-shell", "oled-ssd1322-spi", (88.0, 27.8), (76.8, 19.2)),
        ("keypad-shell-small", "oled-ssd1306-i2c", (35.6, 33.0), (29.4, 14.7)),
    ],
)
def test_a_display_fits_behind_its_window_and_is_seen_whole(
    shell: str, part: str, module: tuple[float, float], picture: tuple[float, float]
) -> None:
    points = on_face(surface(shell))
    v, wall = numbers("keypad", "window_v")[0], numbers("keypad", "wall")[0]
    for size in (module, picture):
        assert f"{size[0]:g} x {size[1]:g}" in FACTS[part]
    low = (55 - module[0] / 2, v - module[1] / 2, -wall - 6.5)
    assert inside(points, low, (55 + module[0] / 2, v + module[1] / 2, -wall - 0.05)) == 0
    seen = (55 - picture[0] / 2, v - picture[1] / 2, -wall - 1.0)
    assert inside(points, seen, (55 + picture[0] / 2, v + picture[1] / 2, 1.0)) == 0


def test_straps_reach_from_post_to_post_and_between_the_walls() -> None:
    triangles = corners("keypad-straps")
    span = triangles.reshape(-1, 3)
    assert span[:, 0].min() > 2.4
    assert span[:, 0].max() < 110 - 2.4
    for u in (6.2, 110 - 6.2):
        through = depth_along(np.array([u, 5.0, 9.0]), np.array([0.0, 0.0, -1.0]), triangles)
        assert through == float("inf")


def test_every_cap_stands_in_its_hole_with_play_all_round() -> None:
    """A needle down the four sides of each cap, 0.2 outside of it, meets no shell; 1.2 outside it does: the
    flange of the cap is behind that."""
    triangles = corners("keypad-shell")
    down = np.array([0.0, np.sin(SLOPE), -np.cos(SLOPE)])
    front = numbers("keypad", "front_height")[0]

    def meets(u: float, v: float) -> bool:
        above = np.array(
            [u, v * np.cos(SLOPE) - 6 * np.sin(SLOPE), front + v * np.sin(SLOPE) + 6 * np.cos(SLOPE)]
        )
        return depth_along(above, down, triangles) < 12

    for row in range(5):
        wide, high = (17, 14) if row == 0 else (15, 11)
        v = 97 if row == 0 else 15 + (4 - row) * 17
        for col in range(4):
            u = 22 + 22 * col
            for dx, dy in ((wide / 2, 0), (-wide / 2, 0), (0, high / 2), (0, -high / 2)):
                out = np.array([np.sign(dx), np.sign(dy)])
                assert not meets(*(np.array([u + dx, v + dy]) + 0.2 * out)), (row, col)
                assert meets(*(np.array([u + dx, v + dy]) + 1.0 * out)), (row, col)


def test_a_pi_5_its_poe_board_and_the_carrier_stand_behind_the_front() -> None:
    (long, wide), (apart_y, apart_x) = PI_5
    x, y = numbers("gate-head", "pi")
    stand, poe = numbers("gate-head", "stand")[0], numbers("gate-head", "poe_high")[0]
    back = corners("gate-head-back")
    for dx in (-apart_x / 2, apart_x / 2):
        for dy in (-apart_y / 2, apart_y / 2):
            assert bored(back, x + dx, y + dy, stand, 5.0)
    low_y = y - 29 - 23.5
    carrier, at = numbers("gate-head", "carrier"), numbers("gate-head", "carrier_at")
    above = stand + 1.4 + poe
    boxes = [
        ((x - wide / 2, low_y, stand + 0.05), (x + wide / 2, low_y + long, above)),
        ((x - wide / 2, low_y - 3, stand + 1.5), (x + wide / 2, low_y + 21, stand + 17.4)),
        ((*at, above + 0.05), (at[0] + carrier[0], at[1] + carrier[1], above + 21.6)),
        ((x - wide / 2 - 45, y - 10, stand + 0.05), (x - wide / 2, y + 30, stand + 12.0)),
    ]
    for each in boxes:
        assert inside(surface("gate-head-back"), *each) == inside(surface("gate-head-front"), *each) == 0
    assert "100 x 80 mm" in FACTS["gate-carrier"]
    assert sorted(carrier[:2]) == [80, 100]
    for dy in (5.0, carrier[1] - 5.0):
        assert bored(back, at[0] + 5.0, at[1] + dy, above, 5.0)


def test_plugs_of_network_and_pin_pad_come_straight_out_below() -> None:
    """A needle from the middle of the socket downwards, and around it as a boot of 12 is wide."""
    x, y = numbers("gate-head", "pi")
    low_y = y - 29 - 23.5
    front = corners("gate-head-front")
    for socket in (x - 28 + 10.2, x - 28 + 29.1):
        for dx in (-6.0, 0.0, 6.0):
            for dz in (-5.0, 0.0, 5.0):
                start = np.array([socket + dx, low_y, 8 + 1.4 + 7 + dz])
                assert depth_along(start, np.array([0.0, -1.0, 0.0]), front) == float("inf"), (socket, dx, dz)


def test_a_camera_is_screwed_to_its_cradle_with_its_lens_on_the_axis() -> None:
    """Holes 21 x 12.5, the lower two level with the lens; its connector of 21 x 5.8 hangs free. At the
    printed tilt, looked at along the board's own axes."""
    triangles = corners("gate-head-cradle")
    tilt = np.radians(cradle_tilt_deg())
    post, inset, above = (numbers("gate-head", name)[0] for name in ("post", "lens_inset", "lens_above"))
    normal, upward = np.array([0.0, np.sin(tilt), np.cos(tilt)]), np.array([0.0, np.cos(tilt), -np.sin(tilt)])
    rim = np.array([0.0, 0.0, 2.6 + post - inset])

    def depth(x: float, y: float) -> float:
        """Below the back of the camera's board."""
        start = rim - normal * (above - 0.5) + np.array([x, 0, 0]) + upward * y
        return depth_along(start, -normal, triangles) - 0.5

    for x in (-10.5, 10.5):
        for y in (0.0, 12.5):
            assert depth(x, y) >= 5, "room for a screw M2 x 5"
            for dx, dy in ((1.1, 0), (-1.1, 0), (0, 1.1), (0, -1.1)):
                assert depth(x + dx, y + dy) == pytest.approx(0, abs=0.02), "the board lies on it"
    for x in np.linspace(-10.5, 10.5, 8):
        for y in np.linspace(-9.4, -3.7, 5):
            assert depth(x, y) > 2.8, "the connector"


@pytest.mark.parametrize("camera_m", [1.3, 1.4, 1.5, 1.6, 1.7])
def test_no_ray_of_the_lens_touches_the_cone_at_any_height(camera_m: float) -> None:
    """From the rim of the lens, which stays where it is whatever the tilt, and 1.5 mm deeper, to the corners
    of its picture, 102 x 67 degrees."""
    triangles = corners("gate-head-front")
    tilt = cradle_tilt_deg(camera_m)
    x, y = 138 / 2, numbers("gate-head", "camera_y")[0]
    z = (
        numbers("gate-head", "depth")[0]
        - numbers("gate-head", "wall")[0]
        - numbers("gate-head", "lens_inset")[0]
    )
    for deeper in (0.0, 1.5):
        for across in (-1, 0, 1):
            for up in (-1, 0, 1):
                slope = np.tan(np.radians(up * WIDE.vertical_deg / 2 + tilt))
                ray = np.array([across * np.tan(np.radians(51)), slope, 1.0])
                rim = np.array([x + across * 2.0, y + up * 2.0, z - deeper])
                assert depth_along(rim, ray / np.linalg.norm(ray), triangles) == float("inf"), (across, up)


def test_the_clamp_of_a_gate_has_a_place_for_each_cable_that_leaves() -> None:
    """Network and PIN pad have their own way out; the claim button is inside."""
    leaving = [each for each in PINS["gate"]["connectors"] if each["length_m"] > 0.3]
    leaving += [port for port in PINS["gate"]["ports"] if port["name"].startswith("HDMI")]
    found = re.search(r"^GATE_CABLES = (\[\[.*\]\]);", SCAD["shapes"], re.MULTILINE)
    assert found
    assert len(re.findall(r"\d+\.?\d*", found[1])) == len(leaving)


@pytest.mark.parametrize(
    ("clamp", "plate", "middle"),
    [
        ("strain-relief-gate", "gate-head-back", (69.0, 12.0)),
        ("strain-relief-usb", "keypad-base", (55.0, 136.0)),
    ],
)
def test_a_clamp_lies_on_its_posts_and_its_teeth_press_the_jacket(
    clamp: str, plate: str, middle: tuple[float, float]
) -> None:
    triangles, base = corners(clamp), corners(plate)
    down = np.array([0.0, 0.0, -1.0])
    ends = triangles.reshape(-1, 3)[:, 0]
    screws = [
        x
        for x in np.arange(ends.min() + 2, ends.max() - 2, 0.1)
        if depth_along(np.array([x, 0.0, 20.0]), down, triangles) == float("inf")
    ]
    groups = np.split(np.array(screws), np.where(np.diff(screws) > 0.5)[0] + 1)
    assert len(groups) == (3 if clamp.endswith("gate") else 2)
    for group in groups:
        assert len(group) >= 30, "a hole of 3.4"
        assert bored(base, middle[0] + float(group.mean()), middle[1], 5.0, 5.9)
    # Turned over, its ears lie on the posts: a height h of the print is then 5 + 4 - h above the plate.
    diameters = [4.2] if clamp.endswith("usb") else [6.4, 5.2, 6.4, 6.4, 3.8, 3.8, 4.3, 4.3, 4.6, 3.8, 6.0]
    along = np.arange(-46.0, 46.0, 0.1)
    ceilings = [20.0 - depth_along(np.array([x, 2.0, 20.0]), down, triangles) for x in along]
    teeth = [20.0 - depth_along(np.array([x, 0.0, 20.0]), down, triangles) for x in along]
    for d in diameters:
        assert min(abs(9.0 - each - d) for each in ceilings) < 0.05, d
        assert min(abs(9.0 - each - (d - 0.8)) for each in teeth) < 0.05, d


def test_nothing_stands_up_from_a_face_that_is_printed_face_down() -> None:
    front = corners("gate-head-front").reshape(-1, 3)
    assert front[:, 2].max() <= numbers("gate-head", "depth")[0] + 0.01
    for shell in ("keypad-shell", "keypad-shell-small"):
        assert on_face(corners(shell).reshape(-1, 3))[:, 2].max() <= 0.01


@pytest.mark.parametrize("printed", PRINTED, ids=lambda each: each.name)
def test_nothing_that_is_printed_falls_apart(printed: Printed) -> None:
    """Triangles that share corners are one body: twenty caps, two straps, and everything else is one."""
    triangles = corners(printed.name)
    _, first = np.unique(np.round(triangles.reshape(-1, 3), 3), axis=0, return_inverse=True)
    label = np.arange(first.max() + 1)
    faces = first.reshape(-1, 3)
    while True:
        least = label[faces].min(axis=1)
        after = label.copy()
        for column in faces.T:
            np.minimum.at(after, column, least)
        if (after == label).all():
            break
        label = after
    assert len(set(label.tolist())) == {"caps": 20, "straps": 2}.get(printed.part, 1)
