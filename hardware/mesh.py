"""Meshes to be printed: read, made the same every time, and judged. Millimetres.

A printer needs a closed surface whose triangles all face outwards, walls it can lay, and a body that fits
its bed.
"""

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
import trimesh
from numpy.typing import NDArray

BED_MM: Final = (220.0, 220.0, 250.0)
"""Of the printers that hobby shops and schools have."""
WALL_MIN_MM: Final = 1.6
"""As in shapes.scad: four lines of a 0.4 nozzle."""
THIN_SHARE_MAX: Final = 0.03
"""Of the surface: lips and reliefs, which are meant to be thin."""
TRIANGLES_MAX: Final = 12_000
_HEAD: Final = b"Hallward".ljust(80, b"\0")
_RECORD: Final = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("rest", "<u2")])
_SAMPLES: Final = 400
_SEED: Final = 8

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of a mesh; `faults` says what is wrong with it in words, empty for a good one."""

    triangles: int
    size_mm: tuple[float, float, float]
    volume_cm3: float
    watertight: bool
    wound: bool
    thin_share: float
    """Of the surface, where less than WALL_MIN_MM of material lies behind it."""

    @property
    def faults(self) -> list[str]:
        found = []
        if not self.watertight:
            found.append("it has holes: not a closed surface")
        if not self.wound:
            found.append("its triangles do not all face outwards")
        if any(size > bed for size, bed in zip(self.size_mm, BED_MM, strict=True)):
            found.append(f"{self.size_mm} mm does not fit a bed of {BED_MM} mm")
        if not 0 < self.triangles <= TRIANGLES_MAX:
            found.append(f"{self.triangles} triangles: 1 to {TRIANGLES_MAX}")
        if self.volume_cm3 <= 0:
            found.append("it encloses nothing")
        if self.thin_share > THIN_SHARE_MAX:
            found.append(f"{self.thin_share:.1%} of the surface has less than {WALL_MIN_MM} mm behind it")
        return found


def corners_of(stl: bytes) -> Floats:
    """A binary STL -> (triangles, 3 corners, 3). Raises ValueError."""
    if len(stl) < 84 or len(stl) != 84 + 50 * struct.unpack_from("<I", stl, 80)[0]:
        raise ValueError("not a binary STL")
    found: Floats = np.frombuffer(stl, _RECORD, offset=84)["corners"].astype(np.float64)
    return found


def canonical(stl: bytes) -> bytes:
    """The same body, written the same way whatever order the program found its triangles in: corners to a
    micrometre, each triangle from its least corner on, triangles sorted, empty ones left out."""
    corners = np.round(corners_of(stl), 3) + 0.0
    ordered = []
    for triangle in corners.tolist():
        first = min(range(3), key=lambda at: triangle[at])
        turned = (*triangle[first:], *triangle[:first])
        if len({tuple(corner) for corner in turned}) == 3:
            ordered.append(turned)
    ordered.sort()
    record = np.zeros(len(ordered), _RECORD)
    points = np.array(ordered)
    across = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    length = np.linalg.norm(across, axis=1, keepdims=True)
    record["normal"] = np.divide(across, length, out=np.zeros_like(across), where=length > 0)
    record["corners"] = points
    return _HEAD + struct.pack("<I", len(ordered)) + record.tobytes()


def judge(stl: bytes) -> Judged:
    """Raises ValueError for what is no binary STL."""
    corners = corners_of(stl)
    mesh = trimesh.Trimesh(corners.reshape(-1, 3), np.arange(len(corners) * 3).reshape(-1, 3), process=True)
    x, y, z = (round(float(size), 2) for size in mesh.extents)
    return Judged(
        triangles=len(corners),
        size_mm=(x, y, z),
        volume_cm3=float(mesh.volume) / 1000,
        watertight=bool(mesh.is_watertight),
        wound=bool(mesh.is_winding_consistent) and float(mesh.volume) > 0,
        thin_share=_thin_share(corners),
    )


def _thin_share(corners: Floats) -> float:
    """From points spread over the surface (seeded) straight inwards to the next surface (Möller and Trumbore,
    1997). Edges count: a point closer to an edge than the wall is thick may look along it."""
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(across, axis=1)
    dice = np.random.default_rng(_SEED)
    chosen = dice.choice(len(corners), _SAMPLES, p=area / area.sum())
    u, v = dice.random((2, _SAMPLES, 1))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    triangle = corners[chosen]
    points = triangle[:, 0] + u * (triangle[:, 1] - triangle[:, 0]) + v * (triangle[:, 2] - triangle[:, 0])
    inwards = -across[chosen] / area[chosen, None]
    thin = [
        depth_along(point, ray, corners) < WALL_MIN_MM - 0.05
        for point, ray in zip(points, inwards, strict=True)
    ]
    return sum(thin) / len(thin)


def depth_along(point: Floats, ray: Floats, corners: Floats) -> float:
    """Millimetres from a point along a ray of length 1 to the next surface; infinite: there is none."""
    edge, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    cross = np.cross(ray, other)
    scale = np.einsum("ij,ij->i", edge, cross)
    hits = np.abs(scale) > 1e-9
    inverse = np.divide(1.0, scale, out=np.zeros_like(scale), where=hits)
    offset = point - corners[:, 0]
    u = np.einsum("ij,ij->i", offset, cross) * inverse
    turned = np.cross(offset, edge)
    v = turned @ ray * inverse
    along = np.einsum("ij,ij->i", other, turned) * inverse
    hits &= (u >= 0) & (v >= 0) & (u + v <= 1) & (along > 0.01)
    return float(along[hits].min()) if hits.any() else float("inf")
