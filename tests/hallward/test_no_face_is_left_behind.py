"""DESIGN promise 6 on a whole run: every file that a hall of real processes wrote is searched for the pixels
and the embeddings of everybody who was enrolled, recognised or refused."""

import base64
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edge.rollcall_gate.adapters.recorded_camera import load_frame, photographs_in
from edge.rollcall_gate.embed import fuse, unit
from edge.rollcall_gate.frames import EmbedderId, Embedding
from edge.rollcall_gate.sealing import open_reference
from edge.rollcall_gate.vision import open_pipeline
from hallward.demo.hall import CONGRESS
from models.places import model_files, photograph_folder
from tests.models.gate_models import ready_cache
from tests.servers.ports import free_port
from wire.ids import CongressId, MemberRef

pytestmark = [pytest.mark.system, pytest.mark.slow]

WINDOW = 48
"""Bytes of a picture that are looked for together."""
COMPONENTS = 4
"""Components of an embedding that are looked for together: 16 bytes do not meet by chance."""
VARIED = 12
"""Different values a window must hold: a black margin is nobody's face."""


@pytest.fixture(scope="module")
def models() -> Path:
    return ready_cache()


@pytest.fixture(scope="module")
def photographs(models: Path) -> list[Path]:
    people = sorted(entry for entry in photograph_folder(models).iterdir() if entry.is_dir())
    return [photograph for person in people for photograph in photographs_in(person)]


@pytest.fixture(scope="module")
def embeddings(models: Path, photographs: list[Path]) -> dict[Path, Embedding]:
    pipeline = open_pipeline(model_files(models))
    samples = {photograph: pipeline.sample(load_frame(photograph, 0)) for photograph in photographs}
    return {photograph: sample.probe for photograph, sample in samples.items() if sample.probe is not None}


@pytest.fixture(scope="module")
def run(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hall of three delegates, all by face, and every stranger; temporary files are in it too."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "tmp").mkdir()
    words = ["demo", "--once", "--keypads", "3", "--port", str(free_port()), "--folder", str(folder / "hall")]
    done = subprocess.run(
        [sys.executable, "-m", "hallward", *words],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
        env={**os.environ, "TMPDIR": str(folder / "tmp")},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "said").write_text(done.stdout + done.stderr)
    return folder


def windows(data: bytes, count: int) -> Iterator[bytes]:
    """Pieces spread over the data, none of them uniform."""
    for at in range(0, len(data) - WINDOW, max(WINDOW, len(data) // count)):
        piece = data[at : at + WINDOW]
        if len(set(piece)) >= VARIED:
            yield piece


def pieces_of_picture(photograph: Path) -> set[bytes]:
    """Of the file as it is, and of its decoded pixels in either order of colours."""
    pixels = load_frame(photograph, 0).pixels
    orders = (pixels, np.ascontiguousarray(pixels[:, :, ::-1]))
    found = set(windows(photograph.read_bytes(), 40))
    return found.union(*(windows(order.tobytes(), 400) for order in orders))


def pieces_of_embedding(embedding: Embedding) -> set[bytes]:
    """As numbers of 4 and 8 bytes, in base64, in hexadecimal, and as text."""
    found: set[bytes] = set()
    for kind in ("<f4", ">f4", "<f8"):
        numbers = embedding.vector.astype(kind)
        raw = numbers.tobytes()
        size = COMPONENTS * numbers.itemsize
        found |= {raw[at : at + size] for at in range(0, len(raw), size)}
        found.add(raw[:size].hex().encode())
        found |= {base64.b64encode(raw[shift : 60 + shift])[4:60] for shift in range(3)}
    found |= {f"{number:.12f}"[:9].encode() for number in embedding.vector if abs(number) > 0.1}
    return found


def reopened(embedding: Embedding) -> Embedding:
    """As a gate holds it: scaled to unit length once more, which moves its last bits."""
    return unit(embedding.vector, embedding.embedder)


def files_of(folder: Path) -> dict[Path, bytes]:
    """Regular files; the links by which the station reads photographs where they lie are no copies."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder): path.read_bytes() for path in paths}


def found_in(folder: Path, pieces: set[bytes]) -> list[str]:
    files = files_of(folder)
    return [str(path) for path, content in files.items() if any(piece in content for piece in pieces)]


def test_what_is_searched_for_is_what_the_hall_worked_with(
    run: Path, embeddings: dict[Path, Embedding]
) -> None:
    """Opened with the station's key, the hall's references are those computed here, to the last bit."""
    key = (run / "hall" / "station" / "content.key").read_bytes()
    with sqlite3.connect(run / "hall" / "fleet" / "hall.db") as database:
        rows = database.execute(
            'SELECT member, "index", model_sha256, runtime, sealed FROM face_references'
        ).fetchall()
    database.close()
    ours = {reopened(embedding).vector.tobytes() for embedding in embeddings.values()}
    assert len(rows) >= 3
    for member, index, model, runtime, sealed in rows:
        opened = open_reference(
            sealed,
            congress=CongressId(CONGRESS),
            member=MemberRef(member),
            index=index,
            embedder=EmbedderId(model, runtime),
            content_key=key,
        )
        assert opened.vector.tobytes() in ours


def test_the_search_finds_a_photograph_or_an_embedding_that_was_kept(
    tmp_path: Path, photographs: list[Path], embeddings: dict[Path, Embedding]
) -> None:
    photograph, embedding = next(iter(embeddings.items()))
    (tmp_path / "copy").write_bytes(b"head" + photograph.read_bytes())
    (tmp_path / "frame").write_bytes(b"head" + load_frame(photograph, 0).pixels.tobytes())
    assert found_in(tmp_path, pieces_of_picture(photograph)) == ["copy", "frame"]
    raw = embedding.vector.astype("<f4").tobytes()
    for number, kept in enumerate((raw, base64.b64encode(b"x" + raw), raw.hex().encode())):
        (tmp_path / f"kept-{number}").write_bytes(b"head" + kept)
    (tmp_path / "kept-3").write_text(repr(embedding.vector.tolist()))
    found = found_in(tmp_path, pieces_of_embedding(embedding))
    assert found == [f"kept-{number}" for number in range(4)]


def test_no_photograph_and_no_frame_of_one_is_in_any_file_of_a_run(
    run: Path, photographs: list[Path]
) -> None:
    assert len(files_of(run)) > 20
    for photograph in photographs:
        assert found_in(run, pieces_of_picture(photograph)) == [], photograph.name


def test_no_embedding_is_in_any_file_of_a_run(run: Path, embeddings: dict[Path, Embedding]) -> None:
    everybody = [*embeddings.values(), *map(reopened, embeddings.values())]
    by_person: dict[Path, list[Embedding]] = {}
    for photograph, embedding in embeddings.items():
        by_person.setdefault(photograph.parent, []).append(embedding)
    fused = [fuse(several) for several in by_person.values() if len(several) > 1]
    pieces = set().union(*map(pieces_of_embedding, [*everybody, *fused]))
    assert len(pieces) > 1000
    assert found_in(run, pieces) == []
