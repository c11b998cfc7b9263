"""The protocol of a secret question, and its annex: what officers and units said that it rests on."""

import csv
import io
from dataclasses import dataclass
from typing import Any, Final

from ballot.board.contest import Contest
from ballot.seeds import code_of, fingerprint
from fleet.db import Connection
from fleet.desk.office import Office
from fleet.secret import store
from fleet.secret.following import Seen
from fleet.secret.refusals import Words, conflict
from fleet.secret.rules import SecretQuestion
from fleet.sittings import store as sittings
from fleet.sittings.state_words import state_word
from fleet.votes import store as votes
from fleet.votes.minutes import POSITIVE, excluded_numbers, log_line
from fleet.votes.protocol import LogLine, Number, PersonLine, Protocol, SumLine, as_csv, cell

SECRET: Final[Words] = (
    "BỎ PHIẾU KÍN (HV-1): chỉ mở một tổng, ai cũng kiểm chứng được",
    "SECRET BALLOT (HV-1): one sum is opened, and anybody can verify it",
)
CHECK_FAILS: Final = "check-fails"
_HEADS: Final[tuple[tuple[str, Words], ...]] = (
    ("summoned", ("Được triệu tập", "Summoned")),
    ("enabled", ("Được bỏ phiếu", "Enabled to vote")),
    ("counted", ("Số phiếu được tính", "Ballots counted")),
    ("blank", ("Phiếu trắng", "Blank")),
)


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of the annex. rows: cells of text; empty: nothing happened."""

    key: str
    title: Words
    heads: tuple[Words, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Minutes:
    """is_final of the protocol: the counting board has certified the result."""

    protocol: Protocol
    annex: tuple[Listing, ...]


def minutes_of(
    office: Office, connection: Connection, seen: Seen, question: SecretQuestion
) -> tuple[Minutes, dict[str, Any]]:
    """The minutes, and the frozen result. Raises Conflict before k shares have opened it."""
    frozen = store.result(connection, question.contest)
    sitting = sittings.find(connection, question.sitting)
    contest = seen.contest(question.contest)
    if frozen is None or sitting is None or contest is None:
        raise conflict("no-result", question=question.question, state=state_word(question.state))
    failed = _failed(seen, question)
    voters = contest.course.voters.values()
    unit_numbers = (
        Number(("Phiếu đã kiểm tra", "Ballots checked"), sum(voter.checked for voter in voters)),
        Number(("Kiểm tra không đúng", "Checks that failed"), sum(failed.values())),
        Number(("Phiếu bỏ dở", "Ballots abandoned"), sum(voter.abandoned for voter in voters)),
        Number(("Mục bị từ chối", "Entries refused"), contest.refusals),
    )
    heads = tuple(Number(label, frozen[key]) for key, label in _HEADS)
    options = tuple(Number((each["label"], each["option"]), each["count"]) for each in frozen["options"])
    log = log_line(office, connection, frozen["closed_leaf"])
    protocol = Protocol(
        congress=office.desk.congress,
        hall=office.desk.hall,
        sitting=sitting.sitting,
        sitting_title=sitting.title,
        question=question.question,
        text=question.text,
        way=SECRET,
        is_paper=False,
        is_final=question.state == "certified",
        rule=(frozen["rule_words"]["vi"], frozen["rule_words"]["en"]),
        outcome=(frozen["outcome_words"]["vi"], frozen["outcome_words"]["en"]),
        is_positive=frozen["outcome"] in POSITIVE,
        numbers=(*options, *heads, *excluded_numbers(frozen), *unit_numbers),
        sums=_sums(frozen),
        persons=tuple(
            PersonLine(each["number"], each["name"], each["votes"], each["against"], each["elected"])
            for each in frozen["persons"]
        ),
        names=(),
        uncounted=(),
        recused=(),
        corrections=(),
        boxes=(),
        board=votes.settings(connection, sitting.sitting).board,
        log=LogLine(log.closing_leaf, log.size, log.root, (*log.keys, *_prints(seen, frozen))),
    )
    annex = (*_annex(contest, failed, connection, question), *_codes(contest))
    return Minutes(protocol, annex), frozen


def minutes_csv(minutes: Minutes) -> bytes:
    """The protocol as fleet/votes writes it, with a row for each line of the annex below."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    for listing in minutes.annex:
        for row in listing.rows:
            writer.writerow([listing.key, *(cell(text) for text in row)])
    return as_csv(minutes.protocol) + file.getvalue().encode()


def _sums(frozen: dict[str, Any]) -> tuple[SumLine, ...]:
    sums = [SumLine((each["vi"], each["en"]), each["text"], each["holds"]) for each in frozen["sums"]]
    return (*sums, *(SumLine((each["vi"], each["en"]), "", False) for each in frozen["refusals"]))


def _prints(seen: Seen, frozen: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return (
        ("charter", seen.charter.fingerprint),
        ("manifest", frozen["manifest"]),
        ("tally", frozen["tally"]),
        (f"tally root, {frozen['size']} leaves", frozen["root"]),
    )


def _failed(seen: Seen, question: SecretQuestion) -> dict[bytes, int]:
    return {
        bytes(voter): count
        for (contest, voter, code), count in seen.refusals.items()
        if contest == question.contest and code == CHECK_FAILS
    }


def _annex(
    contest: Contest, failed: dict[bytes, int], connection: Connection, question: SecretQuestion
) -> tuple[Listing, ...]:
    course = contest.course
    voter, reason, leaf = ("Đại biểu", "Voter"), ("Lý do", "Reason"), ("Mục", "Leaf")
    papers = [each for each in store.papers(connection, question.contest) if each.desk_seq is not None]
    return (
        Listing(
            "paper",
            ("Văn kiện đã ký", "Signed papers"),
            (("Loại", "Kind"), ("Mã vân tay", "Fingerprint"), ("Người ký", "Signed by")),
            tuple(
                (each.kind, fingerprint(each.document.hash), ", ".join(each.document.names))
                for each in papers
            ),
        ),
        Listing(
            "bind",
            ("Gán lại thiết bị", "Units bound anew"),
            (leaf, voter, ("Lần", "Generation"), ("Khóa", "Key"), reason),
            tuple(
                (
                    str(bind.leaf),
                    bind.body.voter.hex(),
                    str(bind.body.generation),
                    bind.body.session_key.hex()[:16] if bind.body.session_key else "—",
                    bind.body.reason,
                )
                for bind in course.binds
            ),
        ),
        Listing(
            "disposition",
            ("Quyết định về đại biểu không có phiếu kết thúc", "Dispositions of the counting board"),
            (voter, reason),
            tuple(("—" if ref is None else ref.hex(), said) for ref, said in course.dispositions.items()),
        ),
        Listing(
            "unit",
            ("Kiểm tra và bỏ dở theo thiết bị", "Checks and abandoned ballots by unit"),
            (voter, ("Kiểm tra", "Checked"), ("Không đúng", "Failed"), ("Bỏ dở", "Abandoned")),
            tuple(
                (ref.hex(), str(each.checked), str(failed.get(bytes(ref), 0)), str(each.abandoned))
                for ref, each in course.voters.items()
                if each.checked or each.abandoned or failed.get(bytes(ref), 0)
            ),
        ),
    )


def _codes(contest: Contest) -> tuple[Listing, ...]:
    """Where a vote may be cast again: the code of each voter's ballot that counts, and how many they cast. A
    unit that voted once more behind its person's back shows here (hv1 rule 15)."""
    manifest_hash = contest.course.manifest_hash
    if manifest_hash is None or not contest.course.revote:
        return ()
    return (
        Listing(
            "code",
            ("Mã phiếu được tính", "Codes of the ballots that count"),
            (("Đại biểu", "Voter"), ("Mã", "Code"), ("Số lần bỏ", "Casts")),
            tuple(
                (
                    cast.voter.hex(),
                    code_of(manifest_hash, cast.voter, cast.generation, cast.seq, cast.body_hash),
                    str(len(contest.course.voters[cast.voter].casts)),
                )
                for cast in contest.counting()
            ),
        ),
    )
