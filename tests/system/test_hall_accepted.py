"""A hall is accepted from afar by one command, over a real broker, and a device that is broken is named."""

import hashlib
import io
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.system.conftest import HallFactory
from tests.system.gate import SystemGate
from tests.system.hall import HOST, SITTING, SystemHall

ACCEPT_S = 90


def accept(hall: SystemHall, out: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    """The technician's command, in a process of its own."""
    words = [
        "provision", "accept", "--authority", str(hall.authority.path), "--account", "officer",
        "--fleet", f"http://{HOST}:{hall.config.api_port}", "--out", str(out), "--wait", str(ACCEPT_S), *more,
    ]  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "hallward", *words],
        env={**os.environ, "HALLWARD_PASSWORD": hall.password},
        capture_output=True, text=True, check=False, timeout=2 * ACCEPT_S,
    )  # fmt: skip


def text_of(pdf: bytes) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def end_sitting(hall: SystemHall) -> None:
    hall.asked(f"/api/sittings/{SITTING}/close", {})
    hall.until(
        lambda: not hall.rows("SELECT 1 FROM desk_queue WHERE leaf_index IS NULL"), "the close is a leaf"
    )


@pytest.mark.parametrize("kind", ["mosquitto"])
def test_every_device_answers_under_its_own_signature_and_the_broken_one_is_named(
    private_hall: HallFactory, kind: str, tmp_path: Path
) -> None:
    hall = private_hall(kind, 3)
    during = accept(hall, tmp_path / "during.pdf")
    assert during.returncode == 1
    assert "A sitting is open" in during.stderr
    end_sitting(hall)
    done = accept(hall, tmp_path / "report.pdf")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 have answered, 0 of them with a fault" in done.stdout
    rows = hall.rows("SELECT device, leaf_index, passed, results FROM self_tests ORDER BY device")
    assert [(device, bool(passed)) for device, _, passed, _ in rows] == [
        (name, True) for name in hall.keypads
    ]
    assert all("takes this device's certificate" in results for _, _, _, results in rows)
    kinds = dict(hall.rows("SELECT leaf_index, kind FROM records"))
    assert {kinds[leaf] for _, leaf, _, _ in rows} == {"self-test/1"}
    report = text_of((tmp_path / "report.pdf").read_bytes())
    assert all(f"leaf {leaf}" in report for _, leaf, _, _ in rows)

    broken = hall.keypads[0]
    hall.processes.stop(broken)
    again = accept(hall, tmp_path / "again.pdf", "--wait", "5")
    assert again.returncode == 1, again.stdout + again.stderr
    assert broken in again.stdout.splitlines()[-3]
    assert "Could not be asked" in text_of((tmp_path / "again.pdf").read_bytes()) or "no answer" in text_of(
        (tmp_path / "again.pdf").read_bytes()
    )
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.glob("*.pdf")}
    assert len(digests) == 2, "a report each, and none for the hall that sat"
    hall.audited()


def test_a_running_gate_tries_its_networks_and_its_door_and_goes_on(
    private_hall: HallFactory, tmp_path: Path
) -> None:
    hall = private_hall("nats", 1)
    gate = SystemGate(hall, "gate-1")
    gate.start()
    end_sitting(hall)
    hall.until(lambda: gate.look().get("sitting") is None, "the gate hears that the sitting is over")
    done = accept(hall, tmp_path / "report.pdf", "--device", "gate-1")
    assert done.returncode == 0, done.stdout + done.stderr
    ((results,),) = hall.rows("SELECT results FROM self_tests WHERE device = 'gate-1'")
    found = {part: detail for part, _, detail in json.loads(results)}
    assert "released, secured, released" in found["door"]
    assert "embedder.tflite" in found["networks"]
    assert "takes this device's certificate" in found["broker"]
    assert gate.look()["state"] == "secured"
