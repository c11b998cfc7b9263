"""A stick in strange hands, pulled out too early, or swapped for an older one."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner

from release import check, signing
from release.errors import ReleaseError, Tampered
from release.folder import ReleaseFolder, Repository
from release.metadata import parse_metadata
from tests.release.making import NOW, about, add_files, make_release, officers_of
from tests.release.officers import Table


def change(path: Path, how: Callable[[Any], None]) -> None:
    body = json.loads(path.read_text("utf-8"))
    how(body)
    path.write_text(json.dumps(body), encoding="utf-8")


def draft(table: Table, name: str) -> Path:
    return table.folder / "drafts/image" / name


def raise_counter(body: Any) -> None:
    body["signed"]["targets"]["config/hall-1.tar"]["custom"]["counter"] = 9


def test_a_draft_that_was_changed_after_a_signature_is_refused(sworn: Table) -> None:
    sworn.add(1)
    sworn.sign("an")
    change(draft(sworn, "2.config.json"), raise_counter)
    with pytest.raises(Tampered, match="was changed after it was signed"):
        sworn.sign("binh")


def test_a_strangers_signature_on_a_draft_is_refused(sworn: Table) -> None:
    sworn.add(1)
    path = draft(sworn, "2.config.json")
    forged = parse_metadata(path.read_bytes(), "config", path)
    forged.sign(CryptoSigner.generate_ed25519())
    path.write_bytes(forged.to_bytes())
    with pytest.raises(Tampered, match="a stranger's signature"):
        sworn.sign("binh")


def test_a_file_that_is_not_the_one_that_was_added_is_refused(sworn: Table) -> None:
    sworn.add(1)
    (file,) = (sworn.folder / "image/targets/config").iterdir()
    data = bytearray(file.read_bytes())
    data[700] ^= 1
    file.write_bytes(bytes(data))
    with pytest.raises(Tampered, match="is not the one that was added"):
        sworn.sign("an")
    file.unlink()
    with pytest.raises(Tampered, match="missing"):
        sworn.sign("an")


def test_a_half_written_draft_is_refused_and_a_scratch_file_does_no_harm(sworn: Table) -> None:
    sworn.add(1)
    path = draft(sworn, "2.config.json")
    scratch = path.with_name(".2.config.json.new")
    scratch.write_bytes(path.read_bytes()[:100])
    assert "left behind half-written, harmless" in sworn.type("status", sworn.folder)[1]
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(Tampered, match="half written"):
        sworn.sign("an")


def test_a_draft_that_nobody_could_have_signed_is_refused(sworn: Table) -> None:
    sworn.add(1)
    change(draft(sworn, "2.config.json"), lambda body: body["signed"].update(words=chr(0xD800)))
    for verb in (("status",), ("check",), ("sign", "--key", sworn.room / "an.key")):
        with pytest.raises(Tampered, match="half written, or changed"):
            sworn.type(verb[0], sworn.folder, *verb[1:])


def test_a_cut_between_the_last_signature_and_its_place_is_mended(sworn: Table) -> None:
    sworn.add(1)
    sworn.sign("an")
    path = draft(sworn, "2.config.json")
    one = parse_metadata(path.read_bytes(), "config", path)
    sworn.sign("binh")
    done = sworn.folder / "image/metadata/2.config.json"
    path.write_bytes(done.read_bytes())
    assert sworn.type("check", sworn.folder)[0] == 0
    assert "waiting" not in sworn.type("status", sworn.folder)[1]
    done.unlink()
    assert one.signed.version == 2
    assert "nothing waits" in sworn.sign("chi")[1]
    assert sworn.type("check", sworn.folder)[0] == 0


def test_a_key_does_not_sign_two_truths_under_one_number(sworn: Table) -> None:
    older = sworn.room / "older"
    shutil.copytree(sworn.folder, older)
    sworn.add(1)
    sworn.sign("an")
    shutil.rmtree(sworn.folder)
    older.rename(sworn.folder)
    sworn.add(2)
    with pytest.raises(ReleaseError, match="is the stick an older copy"):
        sworn.sign("an")
    assert sworn.sign("an", "--again")[0] == 1


def test_a_draft_that_was_signed_and_then_changed_by_officers_gets_a_number_of_its_own(sworn: Table) -> None:
    sworn.add(1)
    sworn.sign("an")
    sworn.add(2)
    assert draft(sworn, "3.config.json").exists()
    assert not draft(sworn, "2.config.json").exists()
    sworn.sign("an")
    assert sworn.sign("binh")[0] == 0
    assert sworn.type("check", sworn.folder)[0] == 0


def test_what_is_in_force_cannot_be_forged_to_hide_a_change(sworn: Table) -> None:
    sworn.add(1)
    sworn.sign("an")
    sworn.sign("binh")
    sworn.add(2)
    change(sworn.folder / "image/metadata/2.config.json", raise_counter)
    with pytest.raises(Tampered, match="not signed as it must be"):
        sworn.sign("an")
    code, said = sworn.type("check", sworn.folder)
    assert code == 1
    assert "config version 2 lacks 2 signatures" in said


def test_two_keyids_of_one_key_are_not_two_signatures(tmp_path: Path) -> None:
    officers = officers_of(5)
    keys = {"online": officers[3].public_key, "director": officers[4].public_key}
    make_release(tmp_path, officers=officers[:3], **keys)
    folder = ReleaseFolder(tmp_path)
    metadata = folder.signed(Repository.IMAGE, "config", 1)
    targets = folder.signed(Repository.IMAGE, "targets", 1).signed
    twin = json.loads(json.dumps(targets.delegations.keys[officers[0].public_key.keyid].to_dict()))
    alias = "ab" * 32
    targets.delegations.keys[alias] = type(officers[0].public_key).from_dict(alias, twin)
    targets.delegations.roles["config"].keyids.append(alias)
    metadata.signatures.clear()
    metadata.sign(officers[0])
    metadata.signatures[alias] = metadata.signatures[officers[0].public_key.keyid]
    assert signing.missing(targets, "config", metadata) == 1


def test_a_root_is_not_skipped(tmp_path: Path) -> None:
    officers = officers_of(5)
    keys = {"online": officers[3].public_key, "director": officers[4].public_key}
    make_release(tmp_path, officers=officers[:3], **keys)
    root = tmp_path / "image/metadata/1.root.json"
    root.rename(root.with_name("2.root.json"))
    assert check.faults(ReleaseFolder(tmp_path), NOW) == ["image: roots are missing; there are [2]"]


def test_a_file_that_is_no_bundle_cannot_be_installed(tmp_path: Path) -> None:
    officers = officers_of(5)
    keys = {"online": officers[3].public_key, "director": officers[4].public_key}
    make_release(tmp_path, officers=officers[:3], **keys)
    add_files(tmp_path, officers[:3], [("models/m.tar", b"no bundle", about("models/m.tar"))])
    (fault,) = check.faults(ReleaseFolder(tmp_path), NOW)
    assert "models/m.tar: this is no bundle" in fault


def test_words_of_a_description_cannot_rewrite_the_screen(tmp_path: Path) -> None:
    officers = officers_of(5)
    keys = {"online": officers[3].public_key, "director": officers[4].public_key}
    make_release(tmp_path, officers=officers[:3], **keys)
    said = about("models/m.tar", version="1\x1b[2K\n\u202e")
    add_files(tmp_path, officers[:3], [("models/m.tar", b"m", said)])
    shown = "".join(check.status_lines(ReleaseFolder(tmp_path), NOW))
    assert "version 1\ufffd[2K\ufffd\ufffd, counter 1" in shown
