"""A head made of the mesh points that the challenge reads, and a flat print of it, turned before a camera.

Centimetres, rounded from what heads are like; x to the right of the picture, y down, z towards the camera.
"""

from dataclasses import dataclass

import numpy as np

from edge.rollcall_gate.eyes.landmarks import MESH_POINTS, eye_openness, five_points
from edge.rollcall_gate.eyes.quality import turn
from edge.rollcall_gate.frames import Floats, Landmarks
from edge.rollcall_gate.who.decide import Sample

FOCAL_PX = 600.0
CORNERS = {33: (-4.4, -2.6, 3.2), 133: (-1.9, -2.6, 3.8), 362: (1.9, -2.6, 3.8), 263: (4.4, -2.6, 3.2)}
LIDS = {160: -3.7, 158: -2.7, 385: 2.7, 387: 3.7}
LOWER = {160: 144, 158: 153, 385: 380, 387: 373}
REST = {1: (0.0, 1.1, 7.4), 61: (-2.5, 4.3, 4.3), 291: (2.5, 4.3, 4.3)}
OPEN, SHUT = 0.66, 0.26
"""Between the lids. A network sees a shut eye about half as open as an open one, not as shut."""


@dataclass(frozen=True)
class Held:
    """How a head or a print is held: degrees about the picture's upright, its level and the line of sight;
    shift in the picture's plane and distance from the camera, cm."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    x: float = 0.0
    y: float = 0.0
    distance: float = 45.0


STRAIGHT = Held()


def head(lids: float = OPEN) -> Floats:
    """Mesh (468, 3) of a head that looks at the camera."""
    mesh = np.zeros((MESH_POINTS, 3), np.float32)
    for index, place in (CORNERS | REST).items():
        mesh[index] = place
    for upper, x in LIDS.items():
        mesh[upper] = (x, -2.6 - lids / 2, 3.9)
        mesh[LOWER[upper]] = (x, -2.6 + lids / 2, 3.9)
    return mesh


def print_of(mesh: Floats, size: float = 1.0) -> Floats:
    """The same face on paper, as large or as small as that."""
    flat = mesh * np.float32(size)
    flat[:, 2] = 0
    return flat


def seen(mesh: Floats, held: Held = STRAIGHT) -> Floats:
    """Where a camera sees it: mesh (468, 3) in pixels."""
    yaw, pitch, roll = np.radians([held.yaw, held.pitch, held.roll])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    placed = mesh @ (about_z @ about_x @ about_y).T + np.array([held.x, held.y, 0])
    away = held.distance - placed[:, 2]
    pixels = placed[:, :2] * (FOCAL_PX / away)[:, None] + 320
    return np.column_stack([pixels, placed[:, 2]]).astype(np.float32)


def sample_of(mesh: Floats, track: int = 1, **about) -> Sample:
    """What the gate makes of it. about: further fields of the sample."""
    marks = Landmarks(np.array([(p.real, p.imag) for p in five_points(mesh)], np.float32), 0.99)
    return Sample(track=track, eye_openness=eye_openness(mesh), yaw=turn(marks), **about)
