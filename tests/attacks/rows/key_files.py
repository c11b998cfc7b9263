"""Charter, key record and key files: what a thief, a fleet or a minority makes of them."""

import tempfile
from dataclasses import replace
from pathlib import Path

from ballot.ceremony.key_record import check_key_record
from ballot.ceremony.words import WORDS
from ballot.documents.bodies import KeyRecord
from ballot.documents.charter import parse_charter
from ballot.group import IDENTITY
from officers.errors import WrongPassphrase
from officers.keys.folder import OfficerFolder
from officers.keys.sealed import CHEAPEST, About, Contents, Cost, Role, SealedFile, Sealing
from tests.attacks.row import ACCEPTED, Rows, codes, honest, refusal
from tests.ballot.board.election import CHARTER, Election
from tests.ballot.ceremony.congress import GROUP, charter_of
from tests.officers.people import PASSPHRASE, quick
from wire import cbor
from wire.ids import CongressId

ROWS = Rows()


def faults_of(record: KeyRecord) -> str:
    """The codes of what stands against a key record."""
    found = [en for _, en in check_key_record(GROUP, record, CHARTER)]
    starts = {code: en.partition("{")[0] for code, (_, en) in WORDS.items() if code.startswith("record-")}
    named = [code for words in found for code, start in starts.items() if words.startswith(start)]
    return codes(named) if found else ACCEPTED


@ROWS.attack(
    "hv1 3",
    "who writes the charter",
    "lets a minority open: 2k ≤ n, k of 1, one trustee twice",
    by="ballot.documents.charter.Charter",
    said="charter-keys, charter-names, charter-trustees",
)
def charter_of_a_minority() -> str:
    one = charter_of(3, 2).trustees[0]
    found = [refusal(lambda n=n, k=k: charter_of(n, k).encode()) for n, k in ((4, 2), (3, 1), (1, 1), (9, 4))]  # type: ignore[misc]
    charter = charter_of(3, 2)
    for two in (
        replace(one, name="giu-9"),
        replace(one, key=charter_of(5, 3).trustees[4].key),
        charter.board[0],
    ):
        doubled = replace(charter, trustees=(one, two, charter.trustees[2]))
        found.append(refusal(doubled.encode))
    return codes(found)


@ROWS.attack(
    "hv1 1; hv1 3",
    "fleet, all trustees but one",
    "offers a key record whose K is not the sum, or whose proofs are of another congress or ceremony",
    by="ballot.ceremony.key_record.check_key_record",
    said="record-charter, record-proof, record-size, record-sum",
)
def key_record_that_lies() -> str:
    record = Election(3).record
    honest(check_key_record(GROUP, record, CHARTER) == [], "the honest one holds")
    lies = [
        replace(record, election_key=GROUP.base(5)),
        replace(record, election_key=IDENTITY),
        replace(record, rand32=bytes(32)),
        replace(record, congress=CongressId("c2")),
        replace(record, charter_hash=bytes(32)),
        replace(record, commitments=record.commitments[::-1]),
        replace(record, n=2, commitments=record.commitments[:2], proofs=record.proofs[:2]),
        replace(record, commitments=((IDENTITY, record.commitments[0][1]), *record.commitments[1:])),
    ]
    return codes(each for lie in lies for each in faults_of(lie).split(", "))


@ROWS.attack(
    "hv1 1",
    "fleet",
    "writes its own charter, or bends the pinned one",
    by="ballot.documents.charter.parse_charter",
    said="charter, charter-external, charter-quorum",
)
def charter_bent() -> str:
    parts = cbor.decode(CHARTER.encode(), 65_536)
    honest(parse_charter(cbor.encode(parts)) == CHARTER, "the honest one is read")
    bent = [[*parts[:5], 1, *parts[6:]], [*parts[:7], 1, *parts[8:]], [*parts[:10], 0], [*parts[:-1], True]]
    alone = [[who, key, False] for who, key, _ in parts[9]]
    bent.append([*parts[:9], alone, parts[10]])
    return codes(refusal(lambda each=each: parse_charter(cbor.encode(each))) for each in bent)  # type: ignore[misc]


# -- hv1 4 -----------------------------------------------------------------------------------------------


def share_file(folder: Path, owner: str, name: str, sealing: Sealing) -> SealedFile:
    file = SealedFile(folder / name, sealing)
    about = About(Role.SHARE, CongressId("dh-2026"), owner, bytes(32))
    file.save(about, Contents({"x": bytes(31) + b"\1"}), PASSPHRASE)
    return file


@ROWS.attack(
    "hv1 4",
    "one machine that two trustees use",
    "opens a second share file of the same ceremony, or holds one in its folder",
    by="officers.keys.sealed.OneTrustee.opens",
    said="second-share, two-trustees",
)
def two_shares_on_one_machine() -> str:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        share_file(root, "giu-1", "one.sealed", quick())
        share_file(root, "giu-2", "two.sealed", quick())
        process = quick()
        SealedFile(root / "one.sealed", process).load(PASSPHRASE)
        found = [refusal(lambda: SealedFile(root / "two.sealed", process).load(PASSPHRASE))]
        folder = OfficerFolder(root, quick())
        folder.make_identity("giu-1", "dh-2026", PASSPHRASE)
        found.append(refusal(lambda: folder.share_file(bytes(32))))
    return codes(found)


@ROWS.attack(
    "hv1 4; issue",
    "thief of key files",
    "opens a share file without its passphrase, or with the header of a cheaper one",
    by="officers.keys.sealed.SealedFile.load",
    said="wrong-passphrase; not-sealed",
)
def stolen_key_file() -> str:
    with tempfile.TemporaryDirectory() as name:
        file = share_file(Path(name), "giu-1", "share.sealed", Sealing(cost=CHEAPEST))
        honest(file.load(PASSPHRASE).secrets["x"], "its owner opens it")
        found = []
        for guess in ("", "mật khẩu", PASSPHRASE + " "):
            try:
                file.load(guess)
            except WrongPassphrase as err:
                found.append(err.code)
            else:
                found.append(ACCEPTED)
        whole = file.path.read_bytes()
        if bytes(31) + b"\1" in whole:
            return ACCEPTED
        head, sealed = cbor.decode(whole, 4096)
        parts, bent = cbor.decode(head, 512), []
        for cost in (Cost(1024, 2, 1), Cost(64 * 1024, 1, 1), Cost(2**21, 2, 1), Cost(64 * 1024, 2, 9)):
            parts[5:8] = [cost.memory_kib, cost.passes, cost.lanes]
            file.path.write_bytes(cbor.encode([cbor.encode(parts), sealed]))
            bent.append(refusal(lambda: file.load(PASSPHRASE)))
    return f"{codes(found)}; {codes(bent)}"


@ROWS.attack(
    "hv1 4",
    "whoever reads two backups of a key file",
    "compares two saves under one passphrase: the same salt would make one guess serve both",
    by="officers.keys.sealed.SealedFile.save",
    said="every salt and nonce is fresh",
)
def same_salt_twice() -> str:
    with tempfile.TemporaryDirectory() as name:
        heads = []
        for _ in range(3):
            content = share_file(Path(name), "giu-1", "share.sealed", quick()).path.read_bytes()
            heads.append(cbor.decode(cbor.decode(content, 4096)[0], 512)[8:10])
    fresh = all(len({head[at] for head in heads}) == 3 for at in (0, 1))
    return "every salt and nonce is fresh" if fresh else ACCEPTED
