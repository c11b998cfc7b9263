"""DESIGN promise 6 on a whole run: every file that a hall of real processes wrote, and every message through
its broker, is searched for pixels and embeddings of everybody who was enrolled, recognised or refused, for
names and for PINs.

The run enrols, welcomes by name, takes a PIN and an usher's tap, and has somebody withdraw: sealed
references, lane lists and deltas are among its messages.
"""

import base64
import os
import re
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest

from edge.rollcall_gate.adapters.recorded_camera import load_frame, photographs_in
from edge.rollcall_gate.eyes.embed import fuse, unit
from edge.rollcall_gate.eyes.vision import open_pipeline
from edge.rollcall_gate.frames import EmbedderId, Embedding
from edge.rollcall_gate.who.sealing import open_reference
from hallward.demo.hall import CONGRESS, GATES, HALL
from models.places import model_files, photograph_folder
from tests.models.gate_models import ready_cache
from tests.servers.credentials import Credentials
from tests.servers.mqtt_client import TestClient
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until
from wire import topics
from wire.ids import CongressId, DeviceId, HallId, MemberRef
from wire.lane import pin_of

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


KEYPADS = 6
RUN_S = 170.0
PACKETS = "packets"
"""File of every message, as whoever has taken the broker would keep them."""


@pytest.fixture(scope="module")
def run(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hall of six delegates, three of them by face, and every stranger; temporary files are in it too."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "tmp").mkdir()
    words = ["demo", "--once", "--keypads", str(KEYPADS), "--port", str(free_port())]
    with (folder / "said").open("wb") as said, ExitStack() as ears:
        demo = subprocess.Popen(
            [sys.executable, "-m", "hallward", *words, "--folder", str(folder / "hall")],
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": str(folder / "tmp")},
        )
        try:
            heard = [ears.enter_context(listening(folder / "hall", gate)) for gate in ("ingest", *GATES)]
            status = demo.wait(RUN_S)
        finally:
            demo.kill()
            demo.wait()
    assert status == 0, (folder / "said").read_text()
    (folder / PACKETS).write_bytes(
        b"".join(b"%s %s\n" % (t.encode(), p) for ear in heard for t, p in ear.received)
    )
    return folder


@contextmanager
def listening(hall: Path, who: str) -> Iterator[TestClient]:
    """From the moment when the broker knows them: with the certificate of ingest, or of a gate."""
    device = hall / "devices" / who
    ours = hall / "fleet" / "tls" if who == "ingest" else device
    name = "ingest" if who == "ingest" else "identity"
    credentials = Credentials(who, ours / f"{name}.crt", ours / f"{name}.key", ours / "ca.crt")
    ears: list[TestClient] = []

    def connects() -> bool:
        settings = hall / "devices" / GATES[0] / "device.toml"
        if not settings.exists() or not credentials.certificate.exists():
            return False
        port = int(tomllib.loads(settings.read_text())["broker"]["port"])
        ears.append(TestClient())
        return ears[-1].connect(port, credentials, authority=credentials.authority)

    try:
        wait_until(connects, f"the broker knows {who}", timeout_s=RUN_S)
        filters = [topics.ingest_filter(HallId(HALL))]
        if who != "ingest":
            filters = list(topics.device_filters(HallId(HALL), DeviceId(who)))
        ears[-1].subscribe(*filters)
        yield ears[-1]
    finally:
        for ear in ears:
            ear.close()


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


@contextmanager
def database(run: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(run / "hall" / "fleet" / "hall.db")
    try:
        yield opened
    finally:
        opened.close()


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
    with database(run) as fleet:
        rows = fleet.execute(
            'SELECT member, "index", model_sha256, runtime, sealed FROM face_references'
        ).fetchall()
    ours = {reopened(embedding).vector.tobytes() for embedding in embeddings.values()}
    assert len(rows) >= 2  # one of three has withdrawn
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


def test_the_messages_that_are_searched_are_those_of_the_run(run: Path) -> None:
    heard = (run / PACKETS).read_bytes()
    for kind in (
        b"references/1",
        b"references-delta/1",
        b"lane-list/1",
        b"passage/1",
        b"deletion/1",
        b"birth/1",
    ):
        assert kind in heard, kind
    for gate in GATES:
        assert f"/{gate}/down/".encode() in heard
        assert f"/{gate}/up/rec".encode() in heard


def test_no_name_is_anywhere_but_in_the_fleets_database(run: Path) -> None:
    with database(run) as fleet:
        names = [name.encode() for (name,) in fleet.execute("SELECT name FROM members")]
    assert len(names) == KEYPADS
    with_names = {path for name in names for path in found_in(run, {name})}
    assert with_names, "the search finds names where they are"
    assert all(path.startswith("hall/fleet/hall.db") for path in with_names), with_names


def test_no_pin_is_in_any_file_or_message_of_a_run(run: Path) -> None:
    with database(run) as fleet:
        (key,) = fleet.execute("SELECT value FROM settings WHERE name = 'lane_key'").fetchone()
        badges = fleet.execute("SELECT member, serial FROM badges").fetchall()
    pins = [
        pin_of(bytes.fromhex(key), congress=CongressId(CONGRESS), member=MemberRef(member), serial=serial)
        for member, serial in badges
    ]
    assert len(pins) >= KEYPADS
    # Not within a longer number or hash, where six digits may meet by chance; 'f' is CBOR's "six letters".
    as_words = re.compile(rb"(?<![0-9a-e])(" + "|".join(pins).encode() + rb")(?![0-9a-f])")
    for kept in (b"\x82\x07f%s", b"7E%sE", b'"pin":"%s"'):  # packed, typed, answered
        assert as_words.search(kept % pins[0].encode())
    assert [path for path, content in files_of(run).items() if as_words.search(content)] == []
