"""From k shares to the result: what the counts are, what the rule makes of them, and why."""

from collections import Counter
from typing import Any, Final

from ballot.board.contest import Contest
from ballot.documents.bodies import Share, Tally
from ballot.documents.manifest import Manifest
from ballot.rules import facts as facts_of_rules
from ballot.rules.bases import measure
from ballot.rules.counted import Counted, ListCount, MotionCount, from_tally
from ballot.rules.decide import decide
from ballot.rules.facts import Facts, Standing, excluded_from, facts_of
from ballot.rules.outcome import VERDICT
from ballot.rules.refusals import Refused
from ballot.rules.rule import Elect, encode
from ballot.rules.words import describe
from ballot.seeds import fingerprint
from ballot.tally.count import counts_of, electing
from fleet.attendance.rules import presence_of
from fleet.db import Connection
from fleet.desk.office import Office
from fleet.secret.following import Seen
from fleet.secret.rules import SecretQuestion
from fleet.sittings import store as sittings
from fleet.sittings.log_reader import open_leaves
from fleet.votes import store as votes
from fleet.votes.outcomes import Found
from wire import cbor
from wire.ids import MemberRef, SittingId
from wire.records import Passage

UNDECIDED: Final = ("Số liệu chưa khớp, chưa có kết quả", "The numbers do not fit; no result yet")


def opened_result(
    office: Office,
    connection: Connection,
    seen: Seen,
    question: SecretQuestion,
    tally: Tally,
    shares: list[Share],
) -> dict[str, Any] | None:
    """The result to be frozen, JSON-able; None while fewer than k shares hold. Nothing in it is of a seat."""
    contest = seen.contest(question.contest)
    found = None if contest is None else electing(seen.board.group, contest)
    if contest is None or found is None:
        return None
    opened = counts_of(seen.board.group, found, tally, shares)
    if opened.counts is None:
        return None
    facts, excluded = _facts(office, connection, question, contest, found.counted)
    decision = _decision(found.manifest, facts, opened.counts, found.counted)
    return {
        **_said(decision, found.manifest),
        "order": None,
        "counts": list(opened.counts),
        "options": [
            {"option": option, "label": label, "count": count}
            for option, label, count in zip(
                found.manifest.shape.options, found.manifest.labels, opened.counts, strict=True
            )
        ],
        "counted": found.counted,
        "excluded": excluded,
        "enabled": sum(voter.enabled for voter in contest.course.voters.values()),
        "manifest": found.manifest_hash.hex(),
        "tally": tally.hash.hex(),
        "tally_print": fingerprint(tally.hash),
        "manifest_print": fingerprint(found.manifest_hash),
        "root": tally.root.hex(),
        "size": tally.size,
        "trustees": list(opened.trustees),
        "opened_leaf": contest.course.opened,
        "closed_leaf": contest.course.closed,
    }


def decided_anew(manifest: Manifest, frozen: dict[str, Any], order: tuple[int, ...] | None) -> dict[str, Any]:
    """The same result, with the people in the order by which the board says that a tie was decided."""
    facts = facts_of_rules.parse(frozen["facts"])
    found = _decision(manifest, facts, tuple(frozen["counts"]), frozen["counted"], order)
    return {**frozen, **_said(found, manifest), "order": None if order is None else list(order)}


def _decision(
    manifest: Manifest,
    facts: Facts,
    counts: tuple[int, ...],
    counted: int,
    order: tuple[int, ...] | None = None,
) -> Found:
    numbers: Counted = MotionCount(0, 0, 0)
    try:
        numbers = from_tally(manifest.rule, counts, counted)
        return Found(manifest.rule, facts, numbers, decide(manifest.rule, facts, numbers, order))
    except Refused as err:
        return Found(manifest.rule, facts, numbers, None, err.refusals)


def _facts(
    office: Office, connection: Connection, question: SecretQuestion, contest: Contest, counted: int
) -> tuple[Facts, dict[Standing, int]]:
    """Whom the sitting summons, excludes and has seen at its gates at the two leaves; and how many it
    excludes for which reason. issued, returned: units enabled, ballots that count."""
    sitting = SittingId(question.sitting)
    roll = {place.member for place in sittings.places(connection, sitting)}
    course = contest.course
    at_open = _inside(office, connection, sitting, course.opened) & roll
    at_close = _inside(office, connection, sitting, course.closed) & roll
    excluded = excluded_from(roll, votes.standings_of(connection, question.sitting), at_open | at_close)
    facts = facts_of(
        roll,
        excluded,
        at_open=at_open,
        at_close=at_close,
        seats=votes.settings(connection, question.sitting).seats,
        issued=sum(voter.enabled for voter in course.voters.values()),
        returned=counted,
    )
    return facts, dict(Counter(excluded.values()))


def _inside(office: Office, connection: Connection, sitting: SittingId, leaf: int | None) -> set[MemberRef]:
    stored = sittings.leaves(connection, sitting, (Passage.kind,), before=leaf)
    found = open_leaves(connection, office.desk.signer.public_key, stored)
    return presence_of(each.body for each in found if isinstance(each.body, Passage)).present


def _said(found: Found, manifest: Manifest) -> dict[str, Any]:
    vi, en = describe(found.rule)
    words = UNDECIDED if found.outcome is None else VERDICT[found.outcome.verdict]
    base = measure(found.rule.base, found.facts, found.counted, recused_in_base=found.rule.recused_in_base)
    return {
        "outcome": found.word,
        "outcome_words": {"vi": words[0], "en": words[1]},
        "outcome_text": found.text,
        "blank": found.counted.blank,
        "rule": encode(found.rule),
        "rule_words": {"vi": vi, "en": en},
        "facts": facts_of_rules.encode(found.facts),
        "facts_bytes": cbor.encode(facts_of_rules.encode(found.facts)).hex(),
        "summoned": found.facts.summoned,
        "present": found.facts.present_at_close,
        "base": base.value,
        "sums": [
            {
                "step": each.step.value,
                "holds": each.holds,
                "vi": each.vi,
                "en": each.en,
                "text": each.text,
                "asks": each.asks,
                "option": each.option,
            }
            for each in (found.outcome.sums if found.outcome else ())
        ],
        "refusals": [{"code": each.code, "vi": each.vi, "en": each.en} for each in found.refusals],
        "persons": _persons(found, manifest, found.counted),
    }


def _persons(found: Found, manifest: Manifest, counted: Counted) -> list[dict[str, Any]]:
    if not isinstance(counted, ListCount):
        return []
    elected = found.outcome.elected if found.outcome else ()
    tied = found.outcome.tied if found.outcome else ()
    labels = manifest.labels[::2] if manifest.rule.elect == Elect.EACH else manifest.labels
    return [
        {
            "number": number,
            "name": _name(label, manifest.rule.elect),
            "votes": marks.votes,
            "against": marks.against if manifest.rule.elect == Elect.EACH else None,
            "elected": number in elected,
            "tied": number in tied,
        }
        for number, (label, marks) in enumerate(zip(labels, counted.options, strict=False), 1)
    ]


def _name(label: str, elect: Elect) -> str:
    """Of `Nguyễn Văn An: Đồng ý` the person; of any other label all of it."""
    return label.rpartition(":")[0] or label if elect == Elect.EACH else label
