"""The ceremony as trustees do it: each with their own folder, one stick that goes round."""

import os
import shutil
from pathlib import Path

import pytest

from ballot.adapters.libsodium import Libsodium
from ballot.ceremony.key_record import ceremony_id_in, check_key_record, share_key
from ballot.documents.bodies import KeyRecord
from ballot.documents.charter import parse_charter
from ballot.documents.opened import opened
from ballot.seeds import fingerprint
from officers.ceremony.commands import run_ceremony
from officers.errors import ConfigError, NotConfirmed, TwoTrustees, WrongPassphrase
from officers.keys.folder import OfficerFolder
from officers.keys.opened import OfficerKeys
from officers.keys.sealed import About, Contents, Role, SealedFile
from tests.edge.power_cut import PowerCut, fuse
from tests.officers.people import PASSPHRASE, Script, congress, means, quick

pytestmark = pytest.mark.slow

GROUP = Libsodium()


@pytest.fixture(scope="module")
def pinned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three trustees with keys, who have pinned the charter."""
    root = tmp_path_factory.mktemp("congress")
    congress(root, 3, 2)
    return root


@pytest.fixture
def root(pinned: Path, tmp_path: Path) -> Path:
    """A copy of that, and an empty stick."""
    shutil.copytree(pinned, tmp_path / "dh")
    (tmp_path / "dh" / "usb").mkdir()
    return tmp_path / "dh"


def run(root: Path, name: str, *options: str, person: Script | None = None, cut: int | None = None) -> int:
    return run_ceremony([str(root / name), str(root / "usb"), *options], means(person, durable=fuse(cut)))


def until_done(root: Path, names: list[str]) -> None:
    for _ in range(6):
        ended = [run(root, name) for name in names]
        if not any(ended):
            return
    raise AssertionError("not done after six times round")


def key_record(root: Path) -> KeyRecord:
    charter = parse_charter((root / "charter").read_bytes())
    (path,) = (root / "usb").glob("key-record-????-*.doc")
    return opened(path.read_bytes(), charter, KeyRecord).body


def assert_shares_fit(root: Path, names: list[str]) -> None:
    """Every trustee's share is that of the one record, each opened on its own machine."""
    charter = parse_charter((root / "charter").read_bytes())
    record = key_record(root)
    assert check_key_record(GROUP, record, charter) == []
    ceremony_id = ceremony_id_in(record, charter)
    for i, name in enumerate(names, start=1):
        folder = OfficerFolder(root / name, quick())
        share = OfficerKeys(folder, PASSPHRASE).share(ceremony_id)
        assert GROUP.base(share) == share_key(GROUP, record, i)


def test_three_trustees_make_a_key_and_each_keeps_one_share(root: Path) -> None:
    names = ["giu-1", "giu-2", "giu-3"]
    person = Script()
    assert run(root, "giu-2", "--begin", person=person) == 1
    assert "giu-1, giu-3" in person.text
    until_done(root, names)
    assert_shares_fit(root, names)
    for name in names:
        kept = sorted(path.name for path in (root / name).glob("*.sealed"))
        assert len(kept) == 3
        assert kept[2].startswith("share-")
        assert all(path.stat().st_mode & 0o077 == 0 for path in (root / name).glob("*.sealed"))
        assert (root / name).stat().st_mode & 0o077 == 0
    (page,) = (root / "usb").glob("*.txt")
    record = key_record(root)
    assert fingerprint(record.hash) in page.read_text()
    assert record.hash.hex() in page.read_text()


def test_nothing_secret_lies_on_the_stick_or_open_in_a_folder(root: Path) -> None:
    names = ["giu-1", "giu-2", "giu-3"]
    run(root, "giu-1", "--begin")
    until_done(root, names)
    charter = parse_charter((root / "charter").read_bytes())
    ceremony_id = ceremony_id_in(key_record(root), charter)
    everything = b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())
    for name in names:
        folder = OfficerFolder(root / name, quick())
        share = OfficerKeys(folder, PASSPHRASE).share(ceremony_id)
        assert share.to_bytes(32, "little") not in everything
        assert folder.identity_file.load(PASSPHRASE).secrets["seed"] not in everything
        assert folder.ceremony_file.about.ceremony is None  # polynomial and transport key are forgotten


def test_done_is_told_again_and_the_record_laid_down_again(root: Path) -> None:
    names = ["giu-1", "giu-2", "giu-3"]
    run(root, "giu-1", "--begin")
    until_done(root, names)
    before = key_record(root)
    for path in (root / "usb").iterdir():
        path.unlink()
    person = Script()
    assert run(root, "giu-3", person=person) == 0
    assert key_record(root) == before
    assert fingerprint(before.hash) in person.text


@pytest.mark.slow
def test_five_trustees_of_whom_three_are_needed(tmp_path: Path) -> None:
    names = congress(tmp_path, 5, 3)
    (tmp_path / "usb").mkdir()
    run(tmp_path, "giu-5", "--begin")
    until_done(tmp_path, names[::-1])
    assert_shares_fit(tmp_path, names)


def cut_everywhere(root: Path, name: str, tmp_path: Path) -> int:
    """One turn of a trustee, cut at its first durable step, its second …, each from where the turn began;
    after every cut it is run again, and must have written one paper a round. How many cuts there were."""
    before = tmp_path / "before"
    shutil.copytree(root, before, symlinks=True)
    step = 0
    while True:
        step += 1
        shutil.rmtree(root)
        shutil.copytree(before, root, symlinks=True)
        try:
            run(root, name, cut=step)
        except PowerCut:
            run(root, name)
            papers = [path.name for path in (root / "usb").glob(f"*{name}*.doc")]
            assert len(papers) == len({paper.rsplit("-", 1)[0] for paper in papers})
            continue
        shutil.rmtree(before)
        return step - 1


@pytest.mark.slow
def test_power_cut_at_every_durable_step_loses_nothing_and_writes_no_second_paper(
    root: Path, tmp_path: Path
) -> None:
    names = ["giu-1", "giu-2", "giu-3"]
    run(root, "giu-1", "--begin")
    cuts = 0
    for _ in range(6):
        cuts += cut_everywhere(root, "giu-2", tmp_path)
        if [run(root, name) for name in ("giu-1", "giu-3")] == [0, 0]:
            break
    assert run(root, "giu-2") == 0
    assert_shares_fit(root, names)
    assert cuts > 30


def test_garbage_and_foreign_papers_are_named_and_left_aside(root: Path) -> None:
    run(root, "giu-1", "--begin")
    usb = root / "usb"
    (usb / "rac.doc").write_bytes(b"garbage")
    (usb / "trong.doc").write_bytes(b"")
    (usb / "dai.doc").write_bytes(bytes(100_000))
    (usb / "link.doc").symlink_to("/dev/zero")
    os.mkfifo(usb / "ong.doc")
    person = Script()
    assert run(root, "giu-2", person=person) == 1
    for name in ("rac.doc", "trong.doc", "dai.doc"):
        assert name in person.text
    until_done(root, ["giu-1", "giu-2", "giu-3"])


def test_paper_overwritten_with_garbage_on_the_stick_is_laid_down_again(root: Path) -> None:
    run(root, "giu-1", "--begin")
    papers = sorted((root / "usb").glob("*giu-1*.doc"))
    before = [path.read_bytes() for path in papers]
    papers[0].write_bytes(b"garbage")
    papers[1].unlink()
    run(root, "giu-1")
    assert [path.read_bytes() for path in papers] == before


def test_wrong_passphrase_changes_nothing(root: Path) -> None:
    run(root, "giu-1", "--begin")
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    sentences = set()
    for typed in ("", "sai", PASSPHRASE + " "):
        with pytest.raises(WrongPassphrase) as refused:
            run(root, "giu-1", person=Script(secret=typed))
        sentences.add(refused.value.what)
    assert len(sentences) == 1
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_second_share_file_of_the_ceremony_is_refused(root: Path) -> None:
    names = ["giu-1", "giu-2", "giu-3"]
    run(root, "giu-1", "--begin")
    until_done(root, names)
    (theirs,) = (root / "giu-2").glob("share-*.sealed")
    (root / "giu-1" / "ban-sao.sealed").write_bytes(theirs.read_bytes())
    with pytest.raises(TwoTrustees) as refused:
        run(root, "giu-1")
    assert "giu-2" in refused.value.what
    (mine,) = (root / "giu-1").glob("share-*.sealed")
    (root / "giu-1" / "ban-sao.sealed").write_bytes(mine.read_bytes())
    with pytest.raises(TwoTrustees):
        run(root, "giu-1")


def test_no_process_opens_the_files_of_two_trustees_of_one_ceremony(root: Path) -> None:
    run(root, "giu-1", "--begin")
    run(root, "giu-2")
    one_process = means()
    run_ceremony([str(root / "giu-1"), str(root / "usb")], one_process)
    with pytest.raises(TwoTrustees):
        run_ceremony([str(root / "giu-2"), str(root / "usb")], one_process)


def test_share_file_of_another_is_not_opened_under_my_name(root: Path) -> None:
    run(root, "giu-1", "--begin")
    until_done(root, ["giu-1", "giu-2", "giu-3"])
    charter = parse_charter((root / "charter").read_bytes())
    ceremony_id = ceremony_id_in(key_record(root), charter)
    folder = OfficerFolder(root / "giu-1", quick())
    file = folder.share_file(ceremony_id)
    about = About(Role.SHARE, charter.congress, "giu-2", ceremony_id)
    SealedFile(file.path, quick()).save(about, Contents({"x": bytes(32)}), PASSPHRASE)
    with pytest.raises(TwoTrustees):
        OfficerKeys(folder, PASSPHRASE).share(ceremony_id)


def test_giving_up_a_ceremony_takes_its_fingerprint(root: Path) -> None:
    run(root, "giu-1", "--begin")
    with pytest.raises(NotConfirmed):
        run(root, "giu-1", "--begin", person=Script(types=lambda _: "0000"))
    person = Script()
    run(root, "giu-1", "--begin", person=person)
    ids = {line for line in person.heard if line.startswith("Ceremony")}
    assert len(ids) == 1
    for path in (root / "usb").glob("*giu-1*"):
        path.unlink()  # the old ones: both beginnings would lie there
    run(root, "giu-1")
    until_done(root, ["giu-1", "giu-2", "giu-3"])


def test_who_is_no_trustee_or_has_no_charter_is_told_so(root: Path) -> None:
    (root / "chu-toa" / "charter").write_bytes((root / "charter").read_bytes())
    for name, why in (("chu-toa", "not-a-trustee"), ("bkp-1", "no-charter"), ("khong-co", "no-charter")):
        with pytest.raises(ConfigError) as refused:
            run(root, name)
        assert refused.value.why == why


def test_shared_folder_must_exist_and_not_be_ones_own(root: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        run_ceremony([str(root / "giu-1"), str(root / "giu-1")], means())
    assert refused.value.why == "same-folder"
    with pytest.raises(ConfigError) as refused:
        run_ceremony([str(root / "giu-1"), str(root / "none")], means())
    assert refused.value.why == "cannot-read"


def test_two_commands_in_one_folder_wait_for_each_other(root: Path) -> None:
    with (
        OfficerFolder(root / "giu-1", quick()).locked(),
        pytest.raises(ConfigError) as refused,
    ):
        run(root, "giu-1")
    assert refused.value.why == "busy"
