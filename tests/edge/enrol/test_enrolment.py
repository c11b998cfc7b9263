"""Photographs in, sealed references out: who is enrolled, who is not and why, and what leaves the station."""

import base64
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.device.errors import ConfigError, StoreError
from edge.enrol.__main__ import main
from edge.enrol.adapters.key_file import content_key, destroy_content_key
from edge.enrol.enrolment import Enrolled, Person, enrol
from edge.enrol.upload import seal_references, wrap_for_gates
from edge.rollcall_gate.adapters.recorded_camera import photographs_in
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.who.roster import Keys, empty, take_page
from tests.edge.enrol.desk_under_test import jpeg, two_people
from wire.down import References
from wire.ids import CongressId, DeviceId, MemberRef

CONGRESS, GATE, KEY = CongressId("congress-1"), DeviceId("gate-1"), bytes(range(32))


def person(number: int, *photographs: Path) -> Person:
    return Person(MemberRef(bytes([number]) * 16), photographs)


def run(pipeline: Pipeline, *people: Person) -> list[Enrolled]:
    return list(enrol(people, pipeline=pipeline, congress=CONGRESS, content_key=KEY, random_bytes=os.urandom))


def test_good_photographs_become_references_that_only_the_gate_opens(
    pipeline: Pipeline, photographs: Path
) -> None:
    (done,) = run(pipeline, person(1, *photographs_in(photographs / "obama")))
    assert done.examined.problem is None
    assert [s.index for s in done.sealed] == [0, 1, 2, 3]
    gate_key = X25519PrivateKey.generate()
    (wrapped,) = wrap_for_gates(KEY, {GATE: gate_key.public_key().public_bytes_raw()}, congress=CONGRESS)
    rows = tuple((s.member, s.index, s.sealed) for s in done.sealed)
    embedder = pipeline.embedder
    page = References(embedder.model_sha256, embedder.runtime, wrapped.wrapped, 0, 1, rows)
    page = References.parsed(page.values())  # fits the wire
    loaded = take_page(empty(embedder), page, 1, Keys(CONGRESS, GATE, gate_key))
    assert (loaded.opened, loaded.refused) == (4, 0)
    assert loaded.roster.gallery.members == (done.person.member,)


def test_two_photographs_of_two_people_are_not_one_person(pipeline: Pipeline, photographs: Path) -> None:
    mixed = person(1, photographs / "ardern/ardern_2018.jpg", photographs / "sunak/sunak.jpg")
    (done,) = run(pipeline, mixed)
    assert done.sealed == ()
    assert "do not show one person" in str(done.examined.problem)


def test_one_person_is_not_enrolled_under_two_names(pipeline: Pipeline, photographs: Path) -> None:
    first, second = run(
        pipeline,
        person(1, photographs / "macron/macron_2014.jpg"),
        person(2, photographs / "macron/macron_2025.jpg"),
    )
    assert first.examined.problem is None
    assert second.sealed == ()
    assert second.examined.duplicate is not None
    assert second.examined.duplicate.member == first.person.member


def test_a_photograph_of_two_people_is_nobodys(pipeline: Pipeline, photographs: Path, tmp_path: Path) -> None:
    both = tmp_path / "both.jpg"
    both.write_bytes(two_people(photographs / "biden/biden.jpg", photographs / "ardern/ardern_2018.jpg"))
    (done,) = run(pipeline, person(1, both))
    assert done.sealed == ()
    assert "two people" in done.examined.refused[0].reason


def test_the_same_photograph_twice_is_no_second_look(
    pipeline: Pipeline, photographs: Path, tmp_path: Path
) -> None:
    source = photographs / "obama/obama_1.jpg"
    again = tmp_path / "again.jpg"
    again.write_bytes(jpeg(cv2.resize(cv2.imread(str(source)), None, fx=0.6, fy=0.6), 70))
    (done,) = run(pipeline, person(1, source, again, photographs / "obama/obama_2.jpg"))
    assert len(done.sealed) == 2
    assert [refused.photograph for refused in done.examined.refused] == ["again.jpg"]
    assert "same picture" in done.examined.refused[0].reason


def test_enrolling_the_same_member_again_is_no_duplicate(pipeline: Pipeline, photographs: Path) -> None:
    macron = photographs / "macron"
    _, again = run(pipeline, person(1, macron / "macron_2014.jpg"), person(1, macron / "macron_2025.jpg"))
    assert again.examined.problem is None


def test_what_cannot_serve_is_said_in_words_by_photograph(
    pipeline: Pipeline, photographs: Path, tmp_path: Path
) -> None:
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((300, 300, 3), 120, np.uint8))
    (tmp_path / "text.jpg").write_text("no picture", "utf-8")
    (done,) = run(
        pipeline, person(1, tmp_path / "wall.png", tmp_path / "text.jpg", photographs / "biden/biden.jpg")
    )
    assert [
        (r.photograph, "face" in r.reason or "not a JPEG" in r.reason) for r in done.examined.refused
    ] == [
        ("wall.png", True),
        ("text.jpg", True),
    ]
    assert len(done.sealed) == 1
    assert done.examined.advice is not None
    (none,) = run(pipeline, person(2, tmp_path / "wall.png"))
    assert none.sealed == ()
    assert "no photograph can serve" in str(none.examined.problem)


def test_no_photograph_is_changed_or_copied(pipeline: Pipeline, photographs: Path, tmp_path: Path) -> None:
    source = photographs / "collins/collins.png"
    copy = tmp_path / "her.png"
    copy.write_bytes(source.read_bytes())
    before = sorted(tmp_path.rglob("*"))
    run(pipeline, person(1, copy))
    assert sorted(tmp_path.rglob("*")) == before
    assert copy.read_bytes() == source.read_bytes()


def test_sealing_one_embedding_twice_gives_different_bytes(pipeline: Pipeline, photographs: Path) -> None:
    (done,) = run(pipeline, person(1, photographs / "biden/biden.jpg"))
    again = seal_references(
        done.examined.embeddings,
        congress=CONGRESS,
        member=done.person.member,
        content_key=KEY,
        random_bytes=os.urandom,
    )
    assert again[0].sealed != done.sealed[0].sealed
    assert len(again[0].sealed) == 540


def test_the_content_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "station" / "content.key"
    key = content_key(path, os.urandom)
    assert content_key(path, os.urandom) == key
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="600"):
        content_key(path, os.urandom)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(ConfigError, match="damaged"):
        content_key(path, os.urandom)


def test_a_destroyed_key_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "content.key"
    key = content_key(path, os.urandom)
    destroy_content_key(path)
    assert not path.exists()
    assert content_key(path, os.urandom) != key
    with pytest.raises(StoreError, match="still be opened"):
        destroy_content_key(tmp_path / "none")


def test_the_program_prints_bodies_and_names_who_was_refused(
    models_folder: Path, photographs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, name in ((1, "ardern"), (2, "obama")):
        folder = tmp_path / "people" / (bytes([number]) * 16).hex()
        folder.mkdir(parents=True)
        for photograph in photographs_in(photographs / name):
            (folder / photograph.name).symlink_to(photograph)
    gate = X25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    call = [
        "--congress",
        "congress-1",
        "--models",
        str(models_folder),
        "--station",
        str(tmp_path / "station"),
    ]
    assert main([str(tmp_path / "people"), *call, "--gate", f"gate-1={gate}"]) == 0
    bodies = json.loads(capsys.readouterr().out)
    assert [r["index"] for r in bodies["references"]] == [0, 1, 0, 1, 2, 3]
    assert [w["device"] for w in bodies["wrapped_keys"]] == ["gate-1"]
    assert {len(base64.b64decode(r["sealed"], validate=True)) for r in bodies["references"]} == {540}
    assert len(base64.b64decode(bodies["wrapped_keys"][0]["wrapped"], validate=True)) == 80
    (tmp_path / "people" / "not-a-member").mkdir()
    assert main([str(tmp_path / "people"), *call]) == 78
    assert "32 hexadecimal digits" in capsys.readouterr().err
    assert main([str(tmp_path / "people"), *call, "--gate", "gate-1=ff"]) == 78


def test_people_of_an_earlier_call_are_compared_with_those_of_the_next(
    models_folder: Path, photographs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [
        "--congress",
        "congress-1",
        "--models",
        str(models_folder),
        "--station",
        str(tmp_path / "station"),
    ]
    for number, photograph in ((1, "macron_2014.jpg"), (2, "macron_2025.jpg")):
        folder = tmp_path / f"call-{number}" / (bytes([number]) * 16).hex()
        folder.mkdir(parents=True)
        (folder / photograph).symlink_to(photographs / "macron" / photograph)
    assert main([str(tmp_path / "call-1"), *options]) == 0
    assert main([str(tmp_path / "call-2"), *options]) == 1
    said = capsys.readouterr()
    assert "enrolled already" in said.err
    assert main(["destroy", str(tmp_path / "station")]) == 0
    assert "1 sealed copies" in capsys.readouterr().out
    assert list((tmp_path / "station").iterdir()) == []


def test_a_station_is_closed_by_destroying_its_key_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content_key(tmp_path / "content.key", os.urandom)
    assert main(["destroy", str(tmp_path)]) == 0
    assert list(tmp_path.iterdir()) == []
    assert "is destroyed" in capsys.readouterr().out
    assert main(["destroy", str(tmp_path)]) == 1
    assert "cannot be destroyed" in capsys.readouterr().err
