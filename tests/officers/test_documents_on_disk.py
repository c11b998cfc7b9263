"""Officers make, read, sign and merge documents; what does not add up is refused, and nothing is written."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ballot.documents.bodies import Bind, Close, Manifest, Result, Roll, RollRows
from ballot.documents.document import Document, encode_document, parse_document
from ballot.documents.opened import opened
from ballot.errors import BadDocument
from officers.board import certify
from officers.board import commands as board
from officers.ceremony.commands import run_ceremony
from officers.chair.commands import run_close
from officers.commission import commands as commission
from officers.errors import BadInput, ConfigError, NotConfirmed, WrongPassphrase
from officers.keys.folder import OfficerFolder
from officers.keys.opened import OfficerKeys
from tests.officers.paperwork import (
    CONTEST,
    EVERYBODY,
    TOML,
    charter,
    line,
    make_manifest,
    make_roll,
    merge,
    refused,
    result,
    session_key,
    sign,
    signed_manifest,
    signed_roll,
    signer_of,
)
from tests.officers.people import NOW_MS, PASSPHRASE, Script, congress, means, quick
from wire.checkpoint import Checkpoint, cosign, origin, sign_checkpoint
from wire.ids import CongressId, HallId, StoreId

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def elected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A congress with an election key, its charter pinned by everybody."""
    root = tmp_path_factory.mktemp("congress")
    trustees = congress(root, 2, 2, ["giu-1", "giu-2", *EVERYBODY])
    (root / "usb").mkdir()
    run_ceremony([str(root / "giu-1"), str(root / "usb"), "--begin"], means())
    while any([run_ceremony([str(root / name), str(root / "usb")], means()) for name in trustees]):  # noqa: C419
        pass
    (record,) = (root / "usb").glob("key-record-????-*.doc")
    shutil.copy(record, root / "key-record.doc")
    return root


@pytest.fixture
def root(elected: Path, tmp_path: Path) -> Path:
    shutil.copytree(elected, tmp_path / "dh")
    return tmp_path / "dh"


def test_roll_has_fresh_pseudonyms_in_their_own_order_and_two_signatures(root: Path) -> None:
    roll = opened(signed_roll(root).read_bytes(), charter(root), Roll)
    assert roll.signers == {"ttr-1", "ttr-2"}
    rows = RollRows.parse(parse_document((root / "ra" / "roll-rows.doc").read_bytes()).body)
    rows.check(roll.body)
    assert {row.session_key for row in rows.rows} == {bytes.fromhex(session_key(n)) for n in range(1, 5)}
    assert [row.voter for row in rows.rows] == sorted(row.voter for row in rows.rows)


def test_seat_map_is_sealed_and_the_roll_names_nobody(root: Path) -> None:
    signed_roll(root)
    open_files = b"".join(path.read_bytes() for path in (root / "ra").iterdir())
    assert b"A1" not in open_files
    assert bytes.fromhex(f"{1:032x}") not in open_files
    (sealed,) = (root / "ttr-1").glob("seats-*.sealed")
    assert b"kp-1" not in sealed.read_bytes()


@pytest.mark.parametrize(
    ("lines", "why", "says"),
    [
        ([], "empty-list", "list.jsonl"),
        ([line(1), line(2, seat="A1")], "twice", "line 2"),
        ([line(1), line(2, device="kp-1")], "twice", "kp-1"),
        ([line(1), line(2, member=f"{1:032x}")], "twice", "member"),
        ([line(1), line(2, key=session_key(1))], "twice", "key"),
        ([line(1), "{"], "bad-line", "line 2"),
        ([line(1, key="00" * 32)], "bad-line", "key"),
        ([line(1, key=5)], "bad-line", "key"),
        ([line(1, member="zz")], "bad-line", "hex"),
        ([line(1, device="Kp 1")], "bad-line", "device"),
        ([line(1, seat=" ")], "bad-line", "seat"),
        ([line(1, extra=1)], "bad-line", "member"),
    ],
)
def test_list_with_a_fault_is_refused_by_its_line_and_nothing_is_written(
    root: Path, lines: list[str], why: str, says: str
) -> None:
    assert says in refused(why, lambda: make_roll(root, *lines), BadInput).what
    assert not (root / "ra").exists()
    assert not list((root / "ttr-1").glob("seats-*"))


def test_late_arrival_swap_and_recusal_raise_the_generation_by_one_each(root: Path) -> None:
    signed_roll(root)

    def bind(out: str, *words: str) -> Bind:
        path = root / out
        base = [str(root / "ttr-1"), str(path), "--contest", CONTEST, *words]
        assert commission.run_bind(base, means()) == 0
        return Bind.parse(parse_document(path.read_bytes()).body)

    first = bind("b1.doc", "--seat", "A2", "--key", session_key(9), "--reason", "máy hỏng")
    second = bind("b2.doc", "--member", f"{2:032x}", "--out-of-vote", "--reason", "liên quan")
    again = bind("b3.doc", "--member", f"{2:032x}", "--out-of-vote", "--reason", "liên quan")
    assert (first.generation, second.generation) == (1, 2)
    assert first.voter == second.voter
    assert first.session_key == bytes.fromhex(session_key(9))
    assert second.session_key is None
    assert again == second  # repeated after a cut: the same binding, not another generation
    words = [str(root / "ttr-1"), str(root / "b4.doc"), "--contest", CONTEST, "--reason", "x"]
    key = ["--key", session_key(1)]
    refused("unknown-voter", lambda: commission.run_bind([*words, "--seat", "Z9", *key], means()))
    refused("key-in-use", lambda: commission.run_bind([*words, "--seat", "A3", *key], means()))
    assert not (root / "b4.doc").exists()


def test_binding_that_was_not_confirmed_takes_no_generation(root: Path) -> None:
    signed_roll(root)
    words = [str(root / "ttr-1"), str(root / "b.doc"), "--contest", CONTEST, "--seat", "A2", "--out-of-vote"]
    with pytest.raises(NotConfirmed):
        commission.run_bind([*words, "--reason", "nhầm"], means(Script(types=lambda _: "")))
    assert commission.run_bind([*words, "--reason", "ốm"], means()) == 0
    assert Bind.parse(parse_document((root / "b.doc").read_bytes()).body).generation == 1


def test_roll_that_was_cut_is_made_again_with_the_same_pseudonyms(root: Path) -> None:
    lines = [line(number) for number in range(1, 5)]
    with pytest.raises(NotConfirmed):
        make_roll(root, *lines, person=Script(types=lambda _: ""))
    before = (root / "ra" / "roll-rows.doc").read_bytes()
    refused("exists", lambda: make_roll(root, *lines[:3]), ConfigError)
    assert make_roll(root, *lines[::-1]) == 0
    assert (root / "ra" / "roll-rows.doc").read_bytes() == before


def test_manifest_takes_force_with_two_signatures_of_the_board(root: Path) -> None:
    manifest = opened(signed_manifest(root).read_bytes(), charter(root), Manifest)
    assert manifest.signers == {"bkp-1", "bkp-3"}
    assert manifest.body.labels == ("Nguyễn Văn An", "Trần Thị Bình")
    assert manifest.body.contest == bytes.fromhex(CONTEST)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("k = 2", "k = 3", "k-over-n"),
        ("k = 2", "k = 0", "k-over-n"),
        (TOML[TOML.index("[[candidate]]") :], "", "no-candidates"),
        ('id = "binh"', 'id = "an"', "option-twice"),
        ("Trần Thị Bình", "Nguyễn Văn An", "paper-fault"),
        ('rule = "vn-list-with-surplus"', 'rule = "mine"', "unknown-rule"),
        ("min_anonymity = 2", "min_anonymity = 90", "paper-fault"),
        ("k = 2", "k = 2\nsize = 3", "unknown-field"),
        ('title = "Bầu Ban Chấp hành"\n', "", "missing-field"),
        ("k = 2", 'k = "2"', "bad-field"),
        ("k = 2", "k = ", "bad-toml"),
        ('choose = "at-most"', 'choose = "all"', "bad-field"),
    ],
)
def test_question_that_does_not_add_up_is_refused_before_anything_is_written(
    root: Path, old: str, new: str, why: str
) -> None:
    roll = signed_roll(root)
    refused(why, lambda: make_manifest(root, TOML.replace(old, new), roll), BadInput)
    assert not (root / "manifest.doc").exists()


def test_second_manifest_of_one_contest_is_not_signed(root: Path) -> None:
    signed_manifest(root)
    (root / "manifest.doc").unlink()
    changed = TOML.replace("Trần Thị Bình", "Trần Thị Bính")
    refused("second-document", lambda: make_manifest(root, changed, root / "roll-ca-hai.doc"))
    assert not (root / "manifest.doc").exists()


def test_manifest_changed_after_signing_is_refused(root: Path) -> None:
    path = signed_manifest(root)
    content = path.read_bytes()
    path.write_bytes(content.replace("Bình".encode(), "Bính".encode()))
    assert path.read_bytes() != content
    with pytest.raises(BadDocument):
        sign(root, "bkp-2", path, root / "key-record.doc", root / "roll-ca-hai.doc")


def test_manifest_is_not_signed_without_the_papers_that_it_stands_on(root: Path) -> None:
    path = signed_manifest(root)
    refused("needs-beside", lambda: sign(root, "bkp-2", path, root / "key-record.doc"))
    with pytest.raises(BadDocument):  # the roll of the maker alone: one signature
        sign(root, "bkp-2", path, root / "key-record.doc", root / "ra" / "roll.doc")


def test_who_did_not_read_the_fingerprint_signs_nothing(root: Path) -> None:
    path = signed_manifest(root)
    beside = root / "key-record.doc", root / "roll-ca-hai.doc"
    with pytest.raises(NotConfirmed):
        sign(root, "bkp-2", path, *beside, person=Script(types=lambda _: "yes"))
    with pytest.raises(WrongPassphrase):
        sign(root, "bkp-2", path, *beside, person=Script(secret="nope"))
    assert not (root / "phieu.bkp-2.doc").exists()
    keys = OfficerKeys(OfficerFolder(root / "bkp-2", quick()), PASSPHRASE)
    assert dict(keys.memory) == {}


def test_what_is_read_before_signing_names_question_candidates_and_fingerprint(root: Path) -> None:
    path, person = signed_manifest(root), Script()
    sign(root, "bkp-2", path, root / "key-record.doc", root / "roll-ca-hai.doc", person=person)
    for text in ("Bầu Ban Chấp hành", "Nguyễn Văn An", "Trần Thị Bình"):
        assert text in person.text
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", person.text)


def test_office_that_does_not_sign_this_kind_is_refused(root: Path) -> None:
    path = signed_manifest(root)
    refused("not-yours-to-sign", lambda: sign(root, "ttr-1", path))
    refused("trustee-signs-elsewhere", lambda: sign(root, "giu-1", root / "key-record.doc"))
    refused("nobody-signs", lambda: sign(root, "ttr-2", root / "ra" / "roll-rows.doc"))


def test_merging_refuses_another_document_and_a_single_copy(root: Path) -> None:
    path = signed_manifest(root)
    refused("two-or-more", lambda: merge(root, "x.doc", path))
    with pytest.raises(BadDocument):
        merge(root, "x.doc", path, root / "roll-ca-hai.doc")
    assert not (root / "x.doc").exists()


def note(
    root: Path, *, hall: str = "hoi-truong-1", time_s: int = NOW_MS // 1000, cosigned: bool = True
) -> Path:
    place = origin(CongressId("dh-2026"), HallId(hall), StoreId(bytes(16)))
    text = sign_checkpoint(Checkpoint(place, 70, b"\1" * 32), signer_of(root, "bkp-1"))
    if cosigned:
        text = cosign(text, "ngoai", signer_of(root, "ngoai"), time_s)
    path = root / "diem-kiem.txt"
    path.write_text(text)
    return path


def close(root: Path, checkpoint: Path, name: str = "chu-toa") -> Path:
    out = root / "close.doc"
    words = [str(root / name), str(checkpoint), str(out), "--hall", "hoi-truong-1", "--contest", CONTEST]
    assert run_close(words, means()) == 0
    return out


def test_chair_closes_at_a_checkpoint_that_a_witness_signed_just_now(root: Path) -> None:
    found = opened(close(root, note(root)).read_bytes(), charter(root), Close).body
    assert (found.size, found.root, found.at_ms) == (70, b"\1" * 32, NOW_MS)


def test_chair_refuses_checkpoints_unwitnessed_stale_or_of_another_hall(root: Path) -> None:
    refused("too-few-witnesses", lambda: close(root, note(root, cosigned=False)))
    refused("old-checkpoint", lambda: close(root, note(root, time_s=NOW_MS // 1000 - 400)))
    refused("old-checkpoint", lambda: close(root, note(root, time_s=NOW_MS // 1000 + 400)))
    refused("other-hall", lambda: close(root, note(root, hall="hoi-truong-2")))
    garbage = root / "rac.txt"
    garbage.write_bytes(b"\xff garbage")
    refused("bad-line", lambda: close(root, garbage))
    refused("not-yours-to-sign", lambda: close(root, note(root), "bkp-1"))
    assert not (root / "close.doc").exists()


def test_disposition_and_cancellation_need_a_reason_for_each(root: Path) -> None:
    words = [str(root / "bkp-1"), str(root / "d.doc"), "--contest", CONTEST]
    refused("empty-list", lambda: board.run_disposition(words, means()))
    refused("bad-reason", lambda: board.run_disposition([*words, "--voter", "cd" * 16, " "], means()))
    twice = ["--voter", "cd" * 16, "ốm"] * 2
    refused("option-twice", lambda: board.run_disposition([*words, *twice], means()))
    assert (
        board.run_disposition([*words, "--voter", "cd" * 16, "ốm", "--late-close", "mất mạng"], means()) == 0
    )
    words = [str(root / "bkp-1"), str(root / "c.doc"), "--contest", CONTEST, "--hall", "hoi-truong-1"]
    refused("bad-reason", lambda: board.run_cancel([*words, "--reason", ""], means()))
    refused("no-such-name", lambda: board.run_cancel([*words[:-1], "Hội trường", "--reason", "x"], means()))
    assert board.run_cancel([*words, "--reason", "sai danh sách"], means()) == 0


def test_board_certifies_the_counts_that_the_trustees_opened(root: Path) -> None:
    manifest = signed_manifest(root)
    assert certify.run_certify(result(root), means()) == 0
    both = merge(root, "ket-qua.doc", root / "r.doc", sign(root, "bkp-2", root / "r.doc"))
    found = opened(both.read_bytes(), charter(root), Result).body
    assert found.counts == (3, 2)
    assert found.manifest_hash == parse_document(manifest.read_bytes()).hash


@pytest.mark.parametrize(
    "changed",
    [
        {"counts": [3]},
        {"counts": [3, 5]},
        {"counts": [3, True]},
        {"size": 91},
        {"root": "11" * 32},
        {"tally": "11" * 32},
        {"manifest": "11" * 32},
    ],
)
def test_result_that_does_not_fit_its_papers_is_not_signed(root: Path, changed: dict[str, object]) -> None:
    signed_manifest(root)
    refused("other-result", lambda: certify.run_certify(result(root, **changed), means()))
    assert not (root / "r.doc").exists()


def test_result_file_that_is_none_is_refused(root: Path) -> None:
    manifest = signed_manifest(root)
    (root / "facts.json").write_text('{"summoned": 6}')
    for content in ("{", "[]", '{"contest": 1}'):
        (root / "result.json").write_text(content)
        words = [str(root / "bkp-1"), str(root / "result.json"), str(root / "r.doc")]
        words += [
            "--manifest",
            str(manifest),
            "--tally",
            str(manifest),
            "--facts",
            str(root / "facts.json"),
        ]
        refused("bad-result", lambda words=words: certify.run_certify(words, means()))  # type: ignore[misc]
    assert not (root / "r.doc").exists()


def test_name_that_is_taken_is_never_written_over(root: Path) -> None:
    path = signed_manifest(root)
    before = path.read_bytes()
    refused(
        "exists", lambda: merge(root, "phieu.doc", root / "manifest.doc", root / "manifest.doc"), ConfigError
    )
    assert path.read_bytes() == before


def test_two_binds_of_one_generation_are_not_signed_by_one_person(root: Path) -> None:
    """Of two that are in force the fleet could choose."""
    signed_roll(root)
    words = ["--contest", CONTEST, "--seat", "A2", "--reason", "máy hỏng"]
    mine = root / "b.doc"
    assert (
        commission.run_bind([str(root / "ttr-1"), str(mine), *words, "--key", session_key(9)], means()) == 0
    )
    sign(root, "ttr-2", mine)
    body = Bind.parse(parse_document(mine.read_bytes()).body)
    other = replace(body, session_key=bytes.fromhex(session_key(8)))
    (root / "c.doc").write_bytes(encode_document(Document(other.kind, other.encode())))
    refused("second-document", lambda: sign(root, "ttr-2", root / "c.doc"))
    later = replace(other, generation=2)
    (root / "d.doc").write_bytes(encode_document(Document(later.kind, later.encode())))
    sign(root, "ttr-2", root / "d.doc")
