"""DESIGN promise 6 at the desk: a real process, a real fleet, a photograph on its way, and all that was ever
written."""

import os
import re
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.frames import Embedding
from fleet.accounts import store as accounts
from fleet.accounts.rules import Role
from fleet.db import writing
from tests.fleet.hall_under_test import CHEAP, CONGRESS, PASSWORD, HallUnderTest, members_of
from tests.hallward.test_no_face_is_left_behind import (
    found_in,
    pieces_of_embedding,
    pieces_of_picture,
    reopened,
)

pytestmark = [pytest.mark.system, pytest.mark.slow]
FILE_BYTES_MAX = 16 * 1024
"""The process may write no larger file: a sealed copy fits, a photograph does not."""


@dataclass(frozen=True, slots=True)
class Desk:
    process: subprocess.Popen[str]
    browser: httpx.Client
    cookie: str
    run: Path

    @property
    def address(self) -> tuple[str, int]:
        return self.browser.base_url.host, self.browser.base_url.port or 0

    def files(self) -> list[str]:
        """Regular files that the process has open for writing."""
        found = []
        for entry in Path(f"/proc/{self.process.pid}/fd").iterdir():
            flags = Path(f"/proc/{self.process.pid}/fdinfo/{entry.name}").read_text("ascii")
            is_written = int(re.search(r"flags:\s+(\d+)", flags)[1], 8) & (os.O_WRONLY | os.O_RDWR)  # type: ignore[index]
            target = str(entry.readlink())
            if is_written and target.startswith("/") and not target.startswith("/dev/"):
                found.append(target)
        return sorted(found)


@pytest.fixture
def running(tmp_path: Path, hall: HallUnderTest, fleet_url: str, models_folder: Path) -> Iterator[Desk]:
    run = tmp_path / "run"
    (run / "tmp").mkdir(parents=True)
    words = ["enrol", "serve", str(run / "station"), "--congress", CONGRESS, "--models", str(models_folder)]
    with (run / "said").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "hallward", *words, "--fleet", fleet_url],
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            env={**os.environ, "TMPDIR": str(run / "tmp")},
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"(http://127\.0\.0\.1:\d+)/#(\S+)", line)
    assert found, (run / "said").read_text()
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (FILE_BYTES_MAX, FILE_BYTES_MAX))
    with httpx.Client(base_url=found[1], headers={"origin": found[1]}, trust_env=False) as browser:
        assert browser.post("/api/start", json={"token": found[2]}).status_code == 200
        yield Desk(process, browser, browser.cookies["hallward-desk"], run)
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode in {0, -15}


def test_while_a_photograph_arrives_the_process_has_no_file_but_its_lock(
    running: Desk, hall: HallUnderTest, photographs: Path, pipeline: Pipeline
) -> None:
    sources = sorted((photographs / "obama").iterdir())
    member = _signed_in(running, hall)
    assert running.browser.post("/api/visit", json={"member": member, "name": ""}).status_code == 200
    consent = running.browser.post("/api/visit/consent", json={"language": "en", "channel": "paper"})
    assert consent.status_code == 200
    only_the_lock = [str(running.run / "said"), str(running.run / "station" / ".lock")]
    assert running.files() == only_the_lock
    for source in sources:
        data = source.read_bytes()
        with socket.create_connection(running.address, timeout=20) as connection:
            connection.sendall(_head(running, len(data)) + data[:-1])
            assert running.files() == only_the_lock
            assert list((running.run / "tmp").iterdir()) == []
            connection.sendall(data[-1:])
            assert connection.recv(12) == b"HTTP/1.1 200"
    assert running.files() == only_the_lock
    done = running.browser.post("/api/visit/finish", json={})
    assert done.status_code == 200, done.text
    assert (done.json()["kept"], done.json()["waiting"]) == (1, 0)
    embeddings = [_embedding(pipeline, source) for source in sources]
    written = {path.name for path in running.run.rglob("*") if path.is_file()}
    assert written == {
        "said",
        ".lock",
        "station.json",
        "content.key",
        f"{member}.json",
    }
    for source in sources:
        assert found_in(running.run, pieces_of_picture(source)) == [], source.name
        assert found_in(running.run.parent / "fleet", pieces_of_picture(source)) == [], source.name
    for embedding in (*embeddings, *map(reopened, embeddings)):
        assert found_in(running.run, pieces_of_embedding(embedding)) == []
        assert found_in(running.run.parent / "fleet", pieces_of_embedding(embedding)) == []


def _signed_in(running: Desk, hall: HallUnderTest) -> str:
    with writing(hall.engine) as connection:
        accounts.add(
            connection,
            "office",
            CHEAP.hashed(PASSWORD),
            frozenset({Role.SECRETARIAT}),
            hall.clock.now_ms,
        )
    told = {"account": "office", "password": PASSWORD}
    assert running.browser.post("/api/sign-in", json=told).status_code == 200
    return members_of(hall, hall.client(Role.SECRETARIAT), ["Nguyễn Thị Đào"])[0]


def _head(running: Desk, length: int) -> bytes:
    origin = str(running.browser.base_url).rstrip("/")
    lines = [
        "POST /api/visit/photograph HTTP/1.1",
        f"Host: {origin.removeprefix('http://')}",
        f"Origin: {origin}",
        f"Cookie: hallward-desk={running.cookie}",
        "Content-Type: image/jpeg",
        f"Content-Length: {length}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _embedding(pipeline: Pipeline, photograph: Path) -> Embedding:
    probe = pipeline.sample(load_frame(photograph, 0)).probe
    assert probe is not None
    return probe
