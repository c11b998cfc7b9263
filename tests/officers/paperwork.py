"""The papers of a congress, as its officers make them: what tests of documents begin with."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ballot.documents.bodies import Tally
from ballot.documents.charter import Charter, parse_charter
from ballot.documents.document import Document, encode_document, parse_document, with_signature
from officers.board import commands as board
from officers.commission import commands as commission
from officers.errors import OfficerError
from officers.keys.folder import OfficerFolder
from officers.keys.opened import OfficerKeys
from officers.papers import commands as papers
from tests.officers.people import PASSPHRASE, Script, means, quick
from wire.ids import CongressId, ContestId, HallId
from wire.keys import Signer

CONTEST = "ab" * 16
EVERYBODY = ["bkp-1", "bkp-2", "bkp-3", "ttr-1", "ttr-2", "chu-toa", "ngoai"]
TOML = """
hall = "hoi-truong-1"
sitting = "sang-1"
question = "bau-bch"
title = "Bầu Ban Chấp hành"
choose = "at-most"
k = 2
rule = "vn-list-with-surplus"
min_anonymity = 2
[[candidate]]
id = "an"
label = "Nguyễn Văn An"
[[candidate]]
id = "binh"
label = "Trần Thị Bình"
"""


def session_key(number: int) -> str:
    """Any Ed25519 public key."""
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32).public_key().public_bytes_raw().hex()


def line(number: int, **changed: object) -> str:
    seat = {
        "device": f"kp-{number}",
        "seat": f"A{number}",
        "member": f"{number:032x}",
        "key": session_key(number),
    }
    return json.dumps(seat | changed)


def charter(root: Path) -> Charter:
    return parse_charter((root / "charter").read_bytes())


def make_roll(root: Path, *lines: str, person: Script | None = None) -> int:
    (root / "list.jsonl").write_text("\n".join(lines))
    words = [str(root / "ttr-1"), str(root / "list.jsonl"), str(root / "ra"), "--contest", CONTEST]
    return commission.run_roll(words, means(person))


def sign(root: Path, name: str, file: Path, *beside: Path, person: Script | None = None) -> Path:
    options = [word for path in beside for word in ("--beside", str(path))]
    assert papers.run_sign([str(root / name), str(file), *options], means(person)) == 0
    return file.with_name(f"{file.stem}.{name}.doc")


def merge(root: Path, out: str, *copies: Path) -> Path:
    words = [str(root / out), *map(str, copies), "--charter", str(root / "charter")]
    assert papers.run_merge(words, means()) == 0
    return root / out


def signed_roll(root: Path) -> Path:
    assert make_roll(root, *(line(number) for number in range(1, 5))) == 0
    mine = root / "ra" / "roll.doc"
    return merge(root, "roll-ca-hai.doc", mine, sign(root, "ttr-2", mine, root / "ra" / "roll-rows.doc"))


def make_manifest(root: Path, toml: str, roll: Path, person: Script | None = None) -> Path:
    (root / "phieu.toml").write_text(toml)
    out = root / "manifest.doc"
    words = [str(root / "bkp-1"), str(root / "phieu.toml"), str(out)]
    words += ["--key-record", str(root / "key-record.doc"), "--roll", str(roll)]
    assert board.run_manifest(words, means(person)) == 0
    return out


def signed_manifest(root: Path) -> Path:
    roll = signed_roll(root)
    mine = make_manifest(root, TOML, roll)
    theirs = sign(root, "bkp-3", mine, root / "key-record.doc", roll)
    return merge(root, "phieu.doc", mine, theirs)


def refused(why: str, work: Callable[[], object], kind: type[OfficerError] = OfficerError) -> OfficerError:
    with pytest.raises(kind) as caught:
        work()
    assert caught.value.why == why
    return caught.value


def signer_of(root: Path, name: str) -> Signer:
    return OfficerKeys(OfficerFolder(root / name, quick()), PASSPHRASE).signer


def result(root: Path, /, **changed: object) -> list[str]:
    """Words of `certify`, with a tally that both trustees and the witness signed."""
    manifest = root / "phieu.doc"
    body = Tally(
        CongressId("dh-2026"),
        HallId("hoi-truong-1"),
        ContestId(bytes.fromhex(CONTEST)),
        parse_document((root / "key-record.doc").read_bytes()).hash,
        parse_document(manifest.read_bytes()).hash,
        90,
        bytes(32),
        4,
        bytes(32),
    )
    tally = Document(body.kind, body.encode())
    for name in ("giu-1", "giu-2", "ngoai"):
        tally = with_signature(tally, name, signer_of(root, name))
    (root / "tally.doc").write_bytes(encode_document(tally))
    facts = {"summoned": 6, "present_at_open": 5, "present_at_close": 5}
    (root / "facts.json").write_text(json.dumps(facts))
    numbers = {
        "contest": CONTEST,
        "manifest": body.manifest_hash.hex(),
        "tally": tally.hash.hex(),
        "counts": [3, 2],
        "root": bytes(32).hex(),
        "size": 90,
    }
    (root / "result.json").write_text(json.dumps(numbers | changed))
    words = [str(root / "bkp-1"), str(root / "result.json"), str(root / "r.doc")]
    words += ["--manifest", str(manifest), "--tally", str(root / "tally.doc")]
    return [*words, "--facts", str(root / "facts.json")]
