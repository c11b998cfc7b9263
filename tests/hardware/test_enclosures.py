"""What is printed: closed, of sane size, thick enough, and the keys that the firmware knows."""

import re
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
import trimesh

from edge.ballot_keypad.keys.layout import COLS, MATRIX, ROWS, Relief
from hardware.adapters.programs import ProgramError, run
from hardware.coverage import cradle_tilt_deg
from hardware.coverage_picture import coverage_svg
from hardware.enclosures import PICTURED, PRINTED, Printed, printing_page
from hardware.mesh import BED_MM, WALL_MIN_MM, canonical, corners_of, depth_along, judge
from tests.servers.missing import skip_or_fail

HARDWARE = Path(__file__).resolve().parents[2] / "hardware"
OUT = HARDWARE / "out" / "enclosures"
SCAD = {path.stem: path.read_text(encoding="utf-8") for path in (HARDWARE / "enclosures").glob("*.scad")}
QUICK = ("gate-head-cradle", "strain-relief-usb", "keypad-straps", "keypad-caps")
"""Of which OpenSCAD needs a second at most."""
RELIEFS = {
    "": Relief.SMOOTH, "dot": Relief.DOT, "bar": Relief.BAR, "bar2": Relief.TWO_BARS,
    "bar3": Relief.THREE_BARS,
    "frame": Relief.FRAME, "ring": Relief.RING, "cross": Relief.CROSS, "left": Relief.ARROW_LEFT,
    "up": Relief.POINT_UP, "down": Relief.POINT_DOWN, "diamond": Relief.DIAMOND,
}  # fmt: skip


def stl_of(mesh: trimesh.Trimesh) -> bytes:
    found = mesh.export(file_type="stl")
    assert isinstance(found, bytes)
    return found


def number(scad: str, name: str) -> float:
    found = re.search(rf"^{name} = ([-0-9.]+);", SCAD[scad], re.MULTILINE)
    assert found, name
    return float(found[1])


@pytest.mark.parametrize("printed", PRINTED, ids=lambda each: each.name)
def test_a_printer_can_make_it(printed: Printed) -> None:
    stl = (OUT / f"{printed.name}.stl").read_bytes()
    assert len(stl) < 300_000
    judged = judge(stl)
    assert judged.faults == []
    assert judged.triangles > 300
    assert all(size <= bed for size, bed in zip(judged.size_mm, BED_MM, strict=True))


@pytest.mark.parametrize("printed", PRINTED, ids=lambda each: each.name)
def test_it_is_written_in_the_one_way(printed: Printed) -> None:
    stl = (OUT / f"{printed.name}.stl").read_bytes()
    assert canonical(stl) == stl


@pytest.mark.parametrize("scad", ["keypad", "gate-head", "strain-relief"])
def test_walls_are_thick_enough_and_the_file_refuses_thinner(scad: str) -> None:
    assert number("shapes", "WALL_MIN") == WALL_MIN_MM
    assert number(scad, "wall") >= WALL_MIN_MM
    assert "assert(wall >= WALL_MIN" in SCAD[scad]


def test_keys_stand_where_the_firmware_thinks_with_what_a_finger_feels() -> None:
    told = SCAD["keypad"][SCAD["keypad"].index("reliefs = [") :]
    found = [re.findall(r'"([a-z0-9]*)"', line) for line in told.split("];")[0].splitlines()[1:]]
    assert [len(row) for row in found] == [COLS] * ROWS
    for cap in MATRIX:
        assert RELIEFS[found[cap.row][cap.col]] is cap.relief, cap.button
    assert sum(row.count("dot") for row in found) == 1
    assert number("keypad", "relief_high") >= 0.5


def test_the_raised_dot_is_in_the_mesh_above_key_five_alone() -> None:
    """The highest points within a smooth-capped digit key's outline: on 5, and on no other digit."""
    corners = corners_of((OUT / "keypad-caps.stl").read_bytes()).reshape(-1, 3)
    highest = corners[:, 2].max()
    for row, col in [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2), (3, 0), (3, 1), (3, 2), (4, 1)]:
        middle = np.array([col * 24 + 12, (4 - row) * 20 + 12])
        near = corners[(np.abs(corners[:, :2] - middle) < 9).all(axis=1)]
        has_dot = bool((near[:, 2] > highest - 0.1).any())
        assert has_dot == ((row, col) == (2, 1)), (row, col)


def test_the_cradle_has_the_tilt_that_the_view_asks_for() -> None:
    """The normal of its largest tilted face."""
    mesh = trimesh.Trimesh(
        corners_of((OUT / "gate-head-cradle.stl").read_bytes()).reshape(-1, 3),
        np.arange(judge((OUT / "gate-head-cradle.stl").read_bytes()).triangles * 3).reshape(-1, 3),
        process=True,
    )
    upwards = (mesh.face_normals[:, 2] > 0.9) & (mesh.triangles_center[:, 2] > 7.9)
    area = mesh.area_faces * upwards
    normal = (mesh.face_normals * area[:, None]).sum(axis=0)
    tilt = np.degrees(np.arctan2(normal[1], normal[2]))
    assert tilt == pytest.approx(cradle_tilt_deg(), abs=0.1)
    assert number("gate-head", "tilt_deg") == cradle_tilt_deg()


@pytest.mark.parametrize(
    ("name", "x", "y"),
    [
        ("gate-head-front", 69, 172),
        ("gate-head-front", 43, 30),
        ("gate-head-front", 69, 30),
        ("gate-head-front", 95, 30),
        ("keypad-shell", 55, 122),
        ("keypad-shell-small", 55, 124),
        ("keypad-shell", 22, 15),
        ("keypad-shell", 88, 95),
    ],
)
def test_lens_lamps_display_and_keys_look_out(name: str, x: float, y: float) -> None:
    """A needle through the opening, from behind, meets nothing."""
    corners = corners_of((OUT / f"{name}.stl").read_bytes())
    assert depth_along(np.array([x, y, -50.0]), np.array([0.0, 0.0, 1.0]), corners) == float("inf")


@pytest.mark.parametrize(
    ("name", "x", "y"),
    [("gate-head-front", 62, 100), ("keypad-shell", 33, 60), ("keypad-shell-small", 22, 122)],
)
def test_elsewhere_the_needle_meets_a_wall(name: str, x: float, y: float) -> None:
    corners = corners_of((OUT / f"{name}.stl").read_bytes())
    assert depth_along(np.array([x, y, -50.0]), np.array([0.0, 0.0, 1.0]), corners) < 150


def test_pictures_are_there_and_small() -> None:
    for each in PICTURED:
        assert 3_000 < (OUT / f"{each.name}.png").stat().st_size < 150_000, each.name
    assert (OUT / "gate-coverage.png").stat().st_size < 150_000
    assert {path.stem for path in OUT.glob("*.stl")} == {each.name for each in PRINTED}
    assert (OUT / "printing.md").read_text(encoding="utf-8") == printing_page()
    assert (OUT / "gate-coverage.svg").read_text(encoding="utf-8") == coverage_svg()


def test_a_mesh_with_a_hole_is_refused() -> None:
    box = trimesh.creation.box((20, 20, 20))
    assert judge(stl_of(box)).faults == []
    box.update_faces(np.arange(len(box.faces)) != 3)
    assert any("holes" in words for words in judge(stl_of(box)).faults)


def test_a_mesh_inside_out_too_large_or_too_thin_is_refused() -> None:
    turned = trimesh.creation.box((20, 20, 20))
    turned.invert()
    assert any("outwards" in words for words in judge(stl_of(turned)).faults)
    assert any("bed" in words for words in judge(stl_of(trimesh.creation.box((221, 20, 20)))).faults)
    assert any("behind it" in words for words in judge(stl_of(trimesh.creation.box((50, 50, 1.2)))).faults)


def test_what_is_no_binary_stl_is_refused() -> None:
    with pytest.raises(ValueError, match="not a binary STL"):
        corners_of(b"solid ascii\nendsolid\n" + bytes(100))
    with pytest.raises(ValueError, match="not a binary STL"):
        corners_of(bytes(80) + struct.pack("<I", 2) + bytes(50))


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_openscad_makes_the_same_again(name: str, tmp_path: Path) -> None:
    """Byte for byte, after sorting; on the Debian release that CI has."""
    from hardware.adapters.enclosure_files import make_stl

    if shutil.which("openscad") is None:
        skip_or_fail("openscad", "openscad")
    made = make_stl(next(each for each in PRINTED if each.name == name), tmp_path)
    assert made.read_bytes() == (OUT / f"{name}.stl").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scad", "part", "define"),
    [
        *[("gate-head", "cradle", f"tilt_deg={tilt}") for tilt in (-20, -12.5, 0, 7, 20)],
        *[("strain-relief", "saddle", f"cable_d={wide}") for wide in (3.5, 5.0, 6.2)],
        ("strain-relief", "comb", "squeeze=0.5"),
        ("keypad", "shell", "slope_deg=20"),
        ("keypad", "shell", "front_height=28"),
        ("keypad", "base", "depth=160"),
        ("keypad", "caps", "relief_high=1"),
        ("gate-head", "back", "height=210"),
        ("gate-head", "front", "depth=85"),
    ],
)
def test_another_value_of_a_parameter_is_another_thing_that_a_printer_can_make(
    scad: str, part: str, define: str, tmp_path: Path
) -> None:
    if shutil.which("openscad") is None:
        skip_or_fail("openscad", "openscad")
    path = tmp_path / "x.stl"
    run(["openscad", "-q", "-D", f'part="{part}"', "-D", define, "-D", "$fn=12", "--export-format", "binstl",
         "-o", path, HARDWARE / "enclosures" / f"{scad}.scad"])  # fmt: skip
    assert judge(path.read_bytes()).faults == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scad", "part", "define", "words"),
    [
        ("strain-relief", "saddle", "wall=1.2", "wall is thinner than WALL_MIN"),
        ("strain-relief", "saddle", "cable_d=10", "the screws would meet the cable"),
        ("gate-head", "cradle", "tilt_deg=25", "beyond 20 degrees"),
        ("gate-head", "cradle", "depth=62", "do not fit behind the front"),
        ("gate-head", "cradle", "width=124", "no room for the Pi"),
        ("gate-head", "cradle", "camera_y=160", "the cradle meets the carrier"),
        ("keypad", "caps", "relief_high=0.4", "a finger does not find"),
        ("keypad", "caps", "width=100", "the display meets its posts"),
        ("keypad", "caps", "front_height=17", "the Pi does not fit below the keys"),
    ],
)
def test_openscad_refuses_parameters_that_do_not_work_and_says_why(
    scad: str, part: str, define: str, words: str, tmp_path: Path
) -> None:
    if shutil.which("openscad") is None:
        skip_or_fail("openscad", "openscad")
    with pytest.raises(ProgramError, match=words):
        run(["openscad", "-q", "-D", f'part="{part}"', "-D", define, "--export-format", "binstl", "-o",
             tmp_path / "x.stl", HARDWARE / "enclosures" / f"{scad}.scad"])  # fmt: skip
