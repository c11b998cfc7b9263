"""A photograph's size is known before it is unpacked, and a bomb is not unpacked."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rollcall_gate.adapters import recorded_camera
from edge.rollcall_gate.adapters.recorded_camera import load_frame, photographs_in
from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.eyes.photograph import pixels_in


def encoded(suffix: str, width: int, height: int, *options: int) -> bytes:
    done, data = cv2.imencode(suffix, np.full((height, width, 3), 90, np.uint8), list(options))
    assert done
    return data.tobytes()


@pytest.mark.parametrize("size", [(1, 1), (640, 480), (3, 5000)])
@pytest.mark.parametrize(
    ("suffix", "options"), [(".png", ()), (".jpg", ()), (".jpg", (cv2.IMWRITE_JPEG_PROGRESSIVE, 1))]
)
def test_the_size_is_read_off_the_header(
    suffix: str, options: tuple[int, ...], size: tuple[int, int]
) -> None:
    assert pixels_in(encoded(suffix, *size, *options)) == size[0] * size[1]


def test_every_shipped_photograph_has_a_size(photographs: Path) -> None:
    for folder in photographs.iterdir():
        for photograph in photographs_in(folder) if folder.is_dir() else ():
            pixels = cv2.imread(str(photograph))
            assert pixels_in(photograph.read_bytes()) == pixels.shape[0] * pixels.shape[1]


@given(st.binary(max_size=400), st.sampled_from([b"", b"\xff\xd8", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_whatever_the_bytes_are_it_answers(rest: bytes, start: bytes) -> None:
    found = pixels_in(start + rest)
    assert found is None or found >= 0


def test_other_kinds_of_picture_are_none() -> None:
    assert pixels_in(encoded(".bmp", 4, 4)) is None
    assert pixels_in(encoded(".webp", 4, 4)) is None


def test_a_bomb_is_refused_by_its_size_and_never_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unpacked(data: bytes, side_px_max: int) -> None:
        raise AssertionError("it was unpacked")

    monkeypatch.setattr(recorded_camera, "decode_photograph", unpacked)
    monkeypatch.setattr(recorded_camera, "PIXELS_MAX", 100 * 100)
    (tmp_path / "bomb.png").write_bytes(encoded(".png", 101, 100))
    with pytest.raises(CameraError, match=r"bomb\.png: 10,100 pixels, at most 10,000"):
        load_frame(tmp_path / "bomb.png", 0)


def test_a_picture_of_another_kind_under_a_photographs_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(encoded(".webp", 40, 40))
    with pytest.raises(CameraError, match="not a JPEG or PNG"):
        load_frame(tmp_path / "x.jpg", 0)
