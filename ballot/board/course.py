"""The course of one secret question by what officers sign: roll, manifest, OPEN, binds, CLOSE, tally, shares,
result (SPEC §2.2, §6.4). Documents stand in the log already: what is wrong with one is said, and it takes no
force."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ballot.board.voter import Voter
from ballot.context import Context
from ballot.documents.bodies import (
    Bind,
    Cancel,
    Close,
    Disposition,
    KeyRecord,
    Manifest,
    Result,
    Roll,
    RollRows,
    Share,
    Tally,
)
from ballot.documents.charter import Charter
from ballot.documents.manifest import REVOTE_NONE, contradictions
from ballot.documents.opened import Opened
from wire.errors import BadSchema
from wire.ids import CongressId, ContestId, HallId, QuestionId, SittingId, VoterRef
from wire.keys import Alg, public_key
from wire.voting import ContestChanged


@dataclass(frozen=True, slots=True)
class Signed:
    """A document in force, and the leaf of its last page."""

    leaf: int
    body: Any
    hash: bytes
    signers: frozenset[str]


@dataclass(slots=True)
class Course:
    """opened, closed, cancelled: leaves, None before. voters: of the roll in force."""

    congress: CongressId
    hall: HallId
    contest: ContestId
    charter: Charter
    key_records: Mapping[bytes, KeyRecord]
    sitting: SittingId | None = None
    question: QuestionId | None = None
    state: str = "prepared"
    opened: int | None = None
    closed: int | None = None
    cancelled: int | None = None
    context: Context | None = None
    manifest: Manifest | None = None
    manifest_hash: bytes | None = None
    close: Close | None = None
    voters: dict[VoterRef, Voter] = field(default_factory=dict)
    binds: list[Signed] = field(default_factory=list)
    dispositions: dict[VoterRef | None, str] = field(default_factory=dict)
    disposed_at: dict[VoterRef | None, int] = field(default_factory=dict)
    """The leaf of the first disposition of each."""
    tallies: list[Signed] = field(default_factory=list)
    shares: list[Signed] = field(default_factory=list)
    results: list[Signed] = field(default_factory=list)
    _manifests: dict[bytes, Manifest] = field(default_factory=dict)
    _rolls: dict[bytes, Roll] = field(default_factory=dict)
    _rows: dict[bytes, RollRows] = field(default_factory=dict)
    _rows_at: dict[bytes, int] = field(default_factory=dict)

    @property
    def revote(self) -> bool:
        return self.manifest is not None and self.manifest.revote != REVOTE_NONE

    @property
    def key_record(self) -> KeyRecord | None:
        return None if self.manifest is None else self.key_records.get(self.manifest.key_record_hash)

    @property
    def roll(self) -> Roll | None:
        """By which the voters stand."""
        if self.manifest is not None:
            return self._rolls.get(self.manifest.roll_root)
        return next((roll for root, roll in reversed(self._rolls.items()) if root in self._rows), None)

    def changed(self, leaf: int, change: ContestChanged) -> list[str]:
        """What the desk says of the contest. The first `open` is OPEN, whatever follows."""
        self.sitting, self.question = change.sitting, change.question
        self.state = change.state
        if change.state != "open" or self.opened is not None:
            return []
        self.opened = leaf
        return self._open(change)

    def document(self, leaf: int, opened: Opened[Any]) -> list[str]:
        """Take in a document whose signatures hold. Returns what is wrong with it here."""
        body = opened.body
        told = (
            getattr(body, "congress", self.congress),
            getattr(body, "hall", self.hall),
            getattr(body, "contest", None),
        )
        if told != (self.congress, self.hall, self.contest):
            return [f"{body.kind} is of another congress, hall or contest"]
        signed = Signed(leaf, body, opened.hash, opened.signers)
        match body:
            case Bind():
                return self._bind(signed, body)
            case Close():
                return self._close(leaf, body)
            case Cancel():
                return self._cancel(leaf)
            case Disposition():
                return self._disposition(leaf, body)
            case Tally() | Share() | Result():
                return self._outcome(signed)
        return self._before_open(signed)

    def _before_open(self, signed: Signed) -> list[str]:
        body = signed.body
        if self.opened is not None:
            return [f"{body.kind} comes after the contest was opened"]
        match body:
            case Roll():
                self._rolls[body.root] = body
                return self._seat()
            case RollRows():
                if body in self._rows.values():
                    return []  # seated by them already: nobody signs rows, so anybody may repeat them
                root = body.roll(self.congress).root
                if root not in self._rolls:
                    return ["roll-rows/1 are not those of a roll that the commission signed before"]
                self._rows[root], self._rows_at[root] = body, signed.leaf
                return self._seat()
            case Manifest():
                self._manifests[signed.hash] = body
                return []
        return [f"{body.kind} has no place in a contest"]

    def _bind(self, signed: Signed, bind: Bind) -> list[str]:
        voter = self.voters.get(bind.voter)
        who = f"bind/1 of {bind.voter.hex()}"
        if voter is None:
            return [f"{who}, who does not stand in the roll"]
        if bind.generation != voter.generation + 1:
            return [f"{who}: g {bind.generation} follows {voter.generation}"]
        if not _may_sign(bind.session_key):
            return [f"{who}: its key is no Ed25519 key"]
        self.binds.append(signed)
        voter.bind(bind.generation, bind.session_key, signed.leaf)
        if self.opened is not None and self.closed is None and voter.key is not None:
            voter.enabled = True
        return []

    def _close(self, leaf: int, close: Close) -> list[str]:
        if self.opened is None or self.cancelled is not None:
            return ["close/1 of a contest that is not open, or is called off: it has no force"]
        if self.closed is not None:
            return [] if self.close == close else ["a second close/1, which says otherwise"]
        self.closed, self.close, self.state = leaf, close, "closed"
        return []

    def _cancel(self, leaf: int) -> list[str]:
        if self.cancelled is None:
            self.cancelled, self.state = leaf, "cancelled"
        return ["the contest is called off after a tally of it was signed"] if self.tallies else []

    def _disposition(self, leaf: int, disposition: Disposition) -> list[str]:
        for row, _ in disposition.rows:
            self.disposed_at.setdefault(row, leaf)
        unknown = [row for row, _ in disposition.rows if row is not None and row not in self.voters]
        self.dispositions.update(disposition.rows)
        return [f"disposition/1 of {row.hex()}, who does not stand in the roll" for row in unknown]

    def _outcome(self, signed: Signed) -> list[str]:
        if isinstance(signed.body, Result):
            self.results.append(signed)
            return []
        if isinstance(signed.body, Share):
            self.shares.append(signed)
            return [] if self.tallies else ["share/1 before a tally/1 stands in the log"]
        others = [tally for tally in self.tallies if tally.hash != signed.hash]
        self.tallies.append(signed)
        return ["a second tally/1 of this contest: only one aggregate may ever be opened"] if others else []

    # -- roll and OPEN -----------------------------------------------------------------------------------

    def _seat(self) -> list[str]:
        """The voters by the newest roll whose rows are there, and the binds behind its rows."""
        roll = self.roll
        if roll is None or roll.root not in self._rows:
            return []
        rows, since = self._rows[roll.root].rows, self._rows_at[roll.root]
        found, keys = [], set()
        self.voters = {}
        for row in rows:
            key = row.session_key if _may_sign(row.session_key) else None
            if key != row.session_key:
                found.append(f"the key of {row.voter.hex()} in the roll is no Ed25519 key")
            elif key in keys:
                found.append(f"the key of {row.voter.hex()} in the roll is another voter's as well")
            elif key is not None:
                keys.add(key)
            self.voters[row.voter] = voter = Voter(row.voter)
            voter.bind(0, key)
        binds, self.binds = self.binds, []
        for bind in binds:
            who = f"bind/1 of {bind.body.voter.hex()}"
            found += self._bind(bind, bind.body) if bind.leaf > since else [f"{who} comes before the roll"]
        return found

    def _open(self, change: ContestChanged) -> list[str]:
        manifest = self._manifests.get(change.manifest_hash or b"")
        if manifest is None:
            return ["the contest opens without a manifest that the counting board signed before"]
        record, roll = self.key_records.get(manifest.key_record_hash), self._rolls.get(manifest.roll_root)
        if record is None:
            return ["the contest opens under an election key that does not stand in the log before"]
        if roll is None or roll.root not in self._rows:
            return ["the contest opens with a roll that does not stand in the log before"]
        found = [what.en for what in contradictions(manifest, self.charter, record, roll)]
        if (manifest.sitting, manifest.question) != (change.sitting, change.question):
            found.append("the manifest is of another question than the one that opens")
        self.manifest, self.manifest_hash = manifest, change.manifest_hash
        found += self._seat()
        for voter in self.voters.values():
            voter.enabled = voter.key is not None
        if not found:
            self.context = manifest.context(record)
        return found


def _is_key(raw: bytes) -> bool:
    try:
        public_key(Alg.EDDSA, raw)
    except BadSchema:
        return False
    return True


def _may_sign(raw: bytes | None) -> bool:
    return raw is None or _is_key(raw)
