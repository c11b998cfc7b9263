"""The commands of a trustee on real folders: interrupted anywhere they are run again, nothing forgotten."""

import contextlib
import hashlib
import json
from pathlib import Path

import pytest

from ballot.ceremony.key_record import ceremony_id_in
from ballot.documents.document import encode_document, parse_document, with_signature
from ballot.group import scalar_bytes
from officers.errors import ConfigError, WrongPassphrase
from officers.keys.folder import IDENTITY_FILE, OfficerFolder
from officers.keys.sealed import About, Contents, Role, SealedFile, Sealing
from officers.tally import commands
from officers.tally.words import TallyRefused
from tests.ballot.board.election import (
    CHARTER,
    CLOSED_S,
    CONGRESS,
    NO,
    YES,
    Election,
    signer,
)
from tests.edge.power_cut import PowerCut, fuse
from tests.officers.people import PASSPHRASE, Script, means, quick


def folder_of(root: Path, election: Election, name: str) -> Path:
    """A trustee's folder as the ceremony leaves it."""
    sealing: Sealing = quick()
    folder = OfficerFolder(root / name, sealing)
    with folder.locked():
        folder.pin(CHARTER.encode())
        seed = hashlib.sha256(f"key of {name}".encode()).digest()
        SealedFile(root / name / IDENTITY_FILE, sealing).save(
            About(Role.IDENTITY, CONGRESS, name), Contents({"seed": seed}), PASSPHRASE
        )
        number = CHARTER.trustee_number(name)
        assert number is not None
        ceremony = ceremony_id_in(election.record, CHARTER)
        folder.share_file(ceremony).save(
            About(Role.SHARE, CONGRESS, name, ceremony),
            Contents({"x": scalar_bytes(election.shares[number - 1])}),
            PASSPHRASE,
        )
    return root / name


class Stick:
    """What the secretariat hands round: the export and the note of a witness."""

    def __init__(self, root: Path, election: Election) -> None:
        self.root, self.election = root, election
        root.mkdir(exist_ok=True)
        self.write()

    def write(self) -> None:
        (self.root / "hall.log").write_bytes(self.election.export())
        (self.root / "note").write_text(self.election.cosigned[-1], encoding="utf-8")

    def words(self, folder: Path, *more: str) -> list[str]:
        laptop = folder.parent / f"laptop of {folder.name}"
        return [
            *(str(folder), str(self.root / "hall.log"), "--witness-note", str(self.root / "note")),
            *("--laptop", str(laptop), "--jobs", "1", *more),
        ]


@pytest.fixture
def election() -> Election:
    found = Election(3).open()
    for unit, choices in zip(found.units, (YES, NO, YES), strict=True):
        unit.vote(choices)
    return found.ended()


def test_from_the_close_to_the_counts(tmp_path: Path, election: Election) -> None:
    stick = Stick(tmp_path / "stick", election)
    an, chi = (folder_of(tmp_path, election, name) for name in ("an", "chi"))
    assert commands.approve(stick.words(an), means()) == 0
    first = stick.root / "tally-an.doc"
    assert commands.approve(stick.words(chi, "--tally", str(first)), means()) == 0
    tally = parse_document((stick.root / "tally-chi.doc").read_bytes())
    for name in ("w-inside", "w-press"):
        tally = with_signature(tally, name, signer(name))
    assert election.document(encode_document(tally), "tally/1", election.contest) == []
    election.checkpoint(CLOSED_S + 90)
    stick.write()
    for folder in (an, chi):
        assert commands.share(stick.words(folder), means()) == 0
    charter = tmp_path / "charter"
    charter.write_bytes(CHARTER.encode())
    shares = [str(stick.root / f"share-{name}.doc") for name in ("an", "chi")]
    out = tmp_path / "result.json"
    words = [str(stick.root / "hall.log"), *shares, "--charter", str(charter), "--out", str(out)]
    assert commands.result(words, means()) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["counts"] == [2, 1, 0]
    assert commands.view([str(stick.root / "hall.log"), "--charter", str(charter)], means()) == 0


@pytest.mark.parametrize("cut", range(1, 9))
def test_power_cut_at_each_durable_step_of_an_approval(tmp_path: Path, election: Election, cut: int) -> None:
    stick = Stick(tmp_path / "stick", election)
    an = folder_of(tmp_path, election, "an")
    written = stick.root / "tally-an.doc"
    with contextlib.suppress(PowerCut):
        commands.approve(stick.words(an), means(durable=fuse(cut)))
    was_out = written.exists()
    election.store_beacon()
    election.checkpoint(CLOSED_S + 90)
    other = Stick(tmp_path / "other stick", election)
    refused = False
    try:
        commands.approve(other.words(an), means())
    except TallyRefused:
        refused = True
    assert refused or not was_out
    if refused:
        assert commands.approve(stick.words(an, "--out", str(tmp_path / "again")), means()) == 0


def test_a_wrong_passphrase_changes_nothing(tmp_path: Path, election: Election) -> None:
    stick = Stick(tmp_path / "stick", election)
    an = folder_of(tmp_path, election, "an")
    before = (an / "identity.sealed").read_bytes()
    with pytest.raises(WrongPassphrase):
        commands.approve(stick.words(an), means(Script(secret="something else entirely, and long")))
    assert (an / "identity.sealed").read_bytes() == before
    assert sorted(path.name for path in stick.root.iterdir()) == ["hall.log", "note"]


def test_a_damaged_memory_of_the_laptop_is_never_taken_for_an_empty_one(
    tmp_path: Path, election: Election
) -> None:
    stick = Stick(tmp_path / "stick", election)
    an = folder_of(tmp_path, election, "an")
    laptop = tmp_path / "laptop of an"
    laptop.mkdir()
    (laptop / f"trustee-{CONGRESS}-an").write_bytes(b"junk")
    with pytest.raises(TallyRefused) as caught:
        commands.approve(stick.words(an), means())
    assert caught.value.why == "laptop-damaged"


def test_a_name_that_is_taken_is_said_before_anything_is_remembered(
    tmp_path: Path, election: Election
) -> None:
    stick = Stick(tmp_path / "stick", election)
    an = folder_of(tmp_path, election, "an")
    (stick.root / "tally-an.doc").write_bytes(b"something else")
    before = (an / "identity.sealed").read_bytes()
    with pytest.raises(ConfigError) as caught:
        commands.approve(stick.words(an), means())
    assert caught.value.why == "exists"
    assert (an / "identity.sealed").read_bytes() == before
    assert not (tmp_path / "laptop of an").exists()


def test_a_file_of_another_role_in_place_of_the_share_is_named(tmp_path: Path, election: Election) -> None:
    an = folder_of(tmp_path, election, "an")
    folder = OfficerFolder(an, quick())
    ceremony = ceremony_id_in(election.record, CHARTER)
    folder.share_file(ceremony).path.write_bytes((an / IDENTITY_FILE).read_bytes())
    tally = election.tally()
    election.publish(tally)
    election.checkpoint(CLOSED_S + 90)
    with pytest.raises(ConfigError) as caught:
        commands.share(Stick(tmp_path / "stick", election).words(an), means())
    assert caught.value.why == "other-role"
