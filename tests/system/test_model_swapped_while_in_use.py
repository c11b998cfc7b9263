"""The networks' files are replaced, cut short and removed under a running gate; the next start looks."""

import shutil
from pathlib import Path

from models.places import package_folder
from tests.models.gate_models import ready_cache
from tests.system.gate import Person, Station, SystemGate, stays
from tests.system.hall import SystemHall
from tests.system.one_broker import ON_ONE_BROKER

EMBEDDER = "embedder.tflite"


@ON_ONE_BROKER
def test_decisions_go_on_unchanged_and_other_bytes_are_refused_at_the_next_start(
    hall: SystemHall, station: Station, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    shutil.copytree(package_folder(ready_cache()), models)
    gate = SystemGate(hall, "gate-swapped", models=models)
    station.wrap(gate.name)
    gate.start(references=len(station.people))
    pid, before = gate.pid, []
    before.append(_comes_by_face(gate, station.people[0]))

    other = tmp_path / "other"
    other.write_bytes((models / "detector.tflite").read_bytes())
    other.replace(models / EMBEDDER)
    before.append(_comes_by_face(gate, station.people[1]))
    for file in models.glob("*.tflite"):
        with file.open("r+b") as whoever_copies_in_place:
            whoever_copies_in_place.truncate(0)
    before.append(_comes_by_face(gate, station.people[2]))
    gate.refuses(station.strangers[0])
    shutil.rmtree(models)
    before.append(_comes_by_face(gate, station.people[0]))
    stays(gate, pid)
    gate.until_drained()
    assert gate.passages() == before
    assert gate.alarms() == []
    gate.stop()

    shutil.copytree(package_folder(ready_cache()), models)
    whole = (models / EMBEDDER).read_bytes()
    for broken in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[: len(whole) // 2]):
        (models / EMBEDDER).write_bytes(broken)
        status, said = gate.until_refuses_to_start()
        assert status == 1, said
        assert f"{EMBEDDER}: not the file that SHA256SUMS beside it names" in said
    (models / EMBEDDER).write_bytes(whole)
    gate.start(references=len(station.people))
    gate.come_in(gate.walk(_probe(station.people[1])), station.people[1].member, "face")
    gate.stop()


def _comes_by_face(gate: SystemGate, person: Person) -> tuple[str, str]:
    gate.come_in(gate.walk(_probe(person)), person.member, "face")
    return person.member, "face"


def _probe(person: Person) -> Path:
    assert person.probe is not None
    return person.probe
