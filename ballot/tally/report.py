"""What the log says of each secret question: for the audit, the trustee and whoever prints it. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ballot.board.board import Board
from ballot.board.contest import Contest
from ballot.documents.bodies import Tally
from ballot.group import Group
from ballot.hall_log.replay import Replay
from ballot.seeds import fingerprint
from ballot.tally.count import Electing, counts_of, electing
from wire.ids import ContestId, VoterRef


@dataclass(frozen=True, slots=True)
class ContestReport:
    """enabled, counted: voters. binds: (leaf, voter, g, has a key, reason). counts: per option, None before
    the shares are there. outcome: as the counting board certified it. faults: in words, of tally, shares
    and result; those of leaves stand in the replay."""

    contest: ContestId
    sitting: str
    question: str
    state: str
    title: str
    labels: tuple[str, ...]
    manifest_hash: bytes | None
    opened: int | None
    closed: int | None
    summoned: int
    enabled: int
    counted: int
    unaccounted: tuple[VoterRef, ...]
    binds: tuple[tuple[int, VoterRef, int, bool, str], ...]
    dispositions: tuple[tuple[VoterRef | None, str], ...]
    checked: int
    abandoned: int
    refusals: int
    counts: tuple[int, ...] | None
    outcome: str | None
    faults: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """In words, English as the audit speaks."""
        name = f"Secret question {self.question or '?'} ({self.contest.hex()})"
        code = "" if self.manifest_hash is None else f", manifest {fingerprint(self.manifest_hash)}"
        yield f"{name}, {self.state}{code}: {self.title or 'no manifest'}"
        yield (
            f"  {self.summoned} in the roll, {self.enabled} enabled, {self.counted} ballots count, "
            f"{len(self.unaccounted)} unaccounted for; {self.checked} checked, {self.abandoned} abandoned, "
            f"{self.refusals} refused."
        )
        for leaf, voter, generation, has_key, reason in self.binds:
            what = "a new key" if has_key else "no key"
            yield f"  Bind, leaf {leaf}: voter {voter.hex()} has {what} (g {generation}): {reason}"
        for who, reason in self.dispositions:
            yield f"  Disposition, {'the late close' if who is None else f'voter {who.hex()}'}: {reason}"
        if self.counts is not None:
            pairs = zip(self.labels, self.counts, strict=True)
            yield "  Counts: " + "; ".join(f"{label}: {count}" for label, count in pairs)
        if self.outcome is not None:
            yield f"  Outcome as certified: {self.outcome}"
        yield from (f"  FAULT: {fault}" for fault in self.faults)


def contests_of(replay: Replay, group: Group) -> list[ContestReport]:
    """One report for each secret question, in the order of the log; empty for a log that was read without a
    charter."""
    board = replay.election
    if not isinstance(board, Board):
        return []
    return [_report(replay, group, contest) for contest in board.contests.values()]


def _report(replay: Replay, group: Group, contest: Contest) -> ContestReport:
    course, voters = contest.course, contest.course.voters.values()
    manifest = course.manifest
    found = electing(group, contest)
    counts, faults = _counts(replay, group, found)
    return ContestReport(
        contest=contest.id,
        sitting=course.sitting or "",
        question=course.question or "",
        state=course.state,
        title="" if manifest is None else manifest.title,
        labels=() if manifest is None else manifest.labels,
        manifest_hash=course.manifest_hash,
        opened=course.opened,
        closed=course.closed,
        summoned=len(voters),
        enabled=sum(voter.enabled for voter in voters),
        counted=len(contest.counting()),
        unaccounted=tuple(contest.unaccounted(course.tallies[0].body.size if course.tallies else None)),
        binds=tuple(
            (
                bind.leaf,
                bind.body.voter,
                bind.body.generation,
                bind.body.session_key is not None,
                bind.body.reason,
            )
            for bind in course.binds
        ),
        dispositions=tuple(course.dispositions.items()),
        checked=sum(voter.checked for voter in voters),
        abandoned=sum(voter.abandoned for voter in voters),
        refusals=contest.refusals,
        counts=counts,
        outcome=course.results[0].body.outcome if course.results else None,
        faults=tuple(faults),
    )


def _counts(replay: Replay, group: Group, found: Electing | None) -> tuple[tuple[int, ...] | None, list[str]]:
    if found is None:
        return None, []
    course = found.contest.course
    if not course.tallies:
        return None, ["result/1 without a tally/1"] if course.results else []
    signed = course.tallies[0]
    tally: Tally = signed.body
    faults = list(_tally_faults(replay, found, signed.leaf, tally))
    opened = counts_of(group, found, tally, [share.body for share in course.shares])
    faults += opened.faults
    for result in course.results:
        said = result.body
        if (said.manifest_hash, said.tally_hash) != (found.manifest_hash, signed.hash):
            faults.append("result/1 is of another manifest or tally")
        if opened.counts is None or said.counts != opened.counts:
            faults.append(f"result/1 says {list(said.counts)}, the shares in the log say {opened.counts}")
    return opened.counts, faults


def _tally_faults(replay: Replay, found: Electing, leaf: int, tally: Tally) -> Iterable[str]:
    course = found.contest.course
    if course.closed is None or tally.size <= course.closed:
        yield "tally/1 does not cover the close"
    if tally.size > leaf or replay.root(tally.size) != tally.root:
        yield "tally/1 names a state that is not one of this log before it"
    if tally != found.tally(tally.size, tally.root):
        yield f"tally/1 is not of the {found.counted} ballots that count"
    if found.contest.unaccounted(tally.size):
        yield "tally/1 although voters are unaccounted for"
    if found.counted < found.manifest.min_anonymity:
        yield "tally/1 of fewer ballots than the minimum"
