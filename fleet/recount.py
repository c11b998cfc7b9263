"""The audit of an exported hall log: every signature, chain, verdict and count worked out anew. Needs no
server.

With the hall's public keys pinned, and with secret questions the congress's charter too, the answer is
complete; without, the file vouches for itself and no more than its inner consistency can be said.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ballot.counting import Leaf, Result, count
from ballot.documents.charter import CHARTER_BYTES_MAX, Charter, parse_charter
from ballot.errors import BadDocument
from ballot.hall_log.format import Claim, Closing, Header, parse_closing, parse_header, parse_leaf
from ballot.hall_log.replay import Fault, Place, Replay
from ballot.seeds import fingerprint
from ballot.tally.report import ContestReport
from fleet.errors import ConfigError
from fleet.recount_freeze import freezes_in_words
from fleet.recount_secret import charter_of, election_of, has_secret_questions, questions_of
from fleet.votes.audit import faults as signed_faults
from fleet.votes.audit import motion_of, signed_results
from wire import cbor
from wire.checkpoint import origin, verify_checkpoint
from wire.errors import BadSchema, RecordRejected
from wire.ids import CongressId, HallId, QuestionId, SittingId, StoreId
from wire.keys import Alg, PublicKey, public_key
from wire.records import Deletion, Passage, QuestionChanged, SittingChanged
from wire.voting import ResultRecord

EXIT_FAULTS: Final = 1
EXIT_NOT_PINNED: Final = 3
PROGRESS_LEAVES: Final = 1000
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Pins:
    """The public keys of the hall's desk and store, known from elsewhere than the file: 32 bytes each, in
    hex.
    """

    desk: str
    store: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A closed question as the log itself says it."""

    sitting: str
    result: Result
    present: int
    signed: tuple[ResultRecord, ...] = ()
    """The desk's word on it, once by right."""


@dataclass(frozen=True, slots=True)
class Secret:
    """The secret questions of a log. charter: by which they were read; None without one. pinned: the auditor
    brought it."""

    charter: Charter | None = None
    pinned: bool = False
    questions: tuple[ContestReport, ...] = ()

    def lines(self) -> Iterator[str]:
        if self.charter is not None and self.questions:
            whence = "pinned with --charter" if self.pinned else "which the file names itself"
            yield f"Charter {fingerprint(self.charter.hash)}, {whence}."
        for question in self.questions:
            yield from replace(question, faults=()).lines()


@dataclass(frozen=True, slots=True)
class Report:
    """faults: every one found, in the order of the log. results: of every open question that a leaf closes.
    attended: sitting -> how many came in while it was open. deletions: gates' words that references are
    destroyed. secret: None for a log without secret questions."""

    leaves: int
    refusals: int
    pinned: bool
    faults: tuple[Fault, ...]
    results: tuple[Counted, ...]
    attended: dict[str, int]
    deletions: tuple[Leaf, ...] = ()
    freezes: tuple[str, ...] = ()
    """What devices attest of each sitting, and who lifted its freeze, in words."""
    secret: Secret | None = None

    @property
    def is_complete(self) -> bool:
        """Whether all that decides was known from elsewhere than the file."""
        return self.pinned and (self.secret is None or self.secret.pinned)

    @property
    def exit_code(self) -> int:
        """0 only for a file without fault under pinned keys, and a pinned charter if it has secret
        questions."""
        if self.faults:
            return EXIT_FAULTS
        return 0 if self.is_complete else EXIT_NOT_PINNED

    def lines(self) -> Iterator[str]:
        """The report in words."""
        yield f"{self.leaves} leaves, {self.refusals} of them refused records."
        for sitting, number in self.attended.items():
            yield f"Sitting {sitting}: {number} attended."
        for each in self.results:
            r, motion = each.result, motion_of(each.result)
            by_hand = ", counted by paper" if r.papers else ""
            yield (
                f"Question {r.question}: yes {motion.yes}, no {motion.no}, abstain {motion.abstain}{by_hand}"
                f"; {each.present} of {r.summoned} present at the close; leaves {r.opened} to {r.closed}."
            )
        if self.secret is not None:
            yield from self.secret.lines()
        yield from _deleted(self.deletions)
        yield from self.freezes
        yield from (f"FAULT: {fault}" for fault in self.faults)
        yield self._verdict()

    def _verdict(self) -> str:
        if self.faults:
            return f"{len(self.faults)} faults."
        if self.is_complete:
            by = (
                "keys"
                if self.secret is None
                else "keys and charter, proofs and shares of secret questions too"
            )
            return f"COMPLETE: signatures, chains, verdicts, tree and counts hold under the pinned {by}."
        asked = []
        if not self.pinned:
            asked.append("the hall's keys, from the signed minutes or the board, with --desk and --store")
        if self.secret is not None and not self.secret.pinned:
            asked.append("the charter, whose fingerprint was read out at the ceremony, with --charter")
        whose = "keys" if not self.pinned else "charter"
        return (
            f"INTERNALLY CONSISTENT ONLY: the file vouches for its own {whose}. For a complete answer name "
            f"{', and '.join(asked)}."
        )


def recount(
    path: Path, pins: Pins | None = None, progress: Progress | None = None, charter: Path | None = None
) -> Report:
    """Audit a file made by `hallward export`. Any bytes end in a report. charter: the file of the charter
    that was read out, known from elsewhere.

    Raises: ConfigError when a file cannot be read at all, a pinned key is no key, a pinned charter none;
    LibsodiumMissing for secret questions on a machine that cannot check them.
    """
    keys, pinned = _pinned_keys(pins) if pins else None, None if charter is None else _pinned_charter(charter)
    return recount_bytes(_read(path), keys, progress, pinned)


def recount_bytes(
    data: bytes,
    pinned: tuple[PublicKey, PublicKey] | None,
    progress: Progress | None = None,
    pinned_charter: Charter | None = None,
) -> Report:
    """pinned: keys of desk and store. Raises LibsodiumMissing."""
    faults: list[Fault] = []
    items = _items(data, faults)
    try:
        header = parse_header(next(items, None))
        own = (public_key(Alg.EDDSA, header.desk_key), public_key(Alg.EDDSA, header.store_key))
    except BadSchema as err:
        faults.append(Fault(None, Place(), err.what))
        return Report(0, 0, pinned is not None, tuple(faults), (), {})
    for office, pin, named in zip(("desk", "store"), pinned or own, own, strict=True):
        if pin != named:
            faults.append(
                Fault(None, Place(), f"the file names another key of the {office} than the pinned one")
            )
    charter, bad = charter_of(header, pinned_charter)
    faults += bad
    replay = Replay(header.congress, header.hall, *(pinned or own), election=election_of(header, charter))
    closing = _read_leaves(items, replay, progress)
    replay.finish()
    faults += replay.faults
    _check_closing(closing, header, replay, faults)
    questions, bad = questions_of(replay, closing)
    faults += bad
    results = _results(replay.counted)
    faults += _against_the_signed(results)
    if closing is not None:
        faults += _compare(closing.claims, results)
    return Report(
        replay.frontier.size,
        replay.refusals,
        pinned is not None,
        tuple(faults),
        tuple(results),
        _attended(replay.counted),
        tuple(leaf for leaf in replay.counted if isinstance(leaf.body, Deletion)),
        tuple(freezes_in_words(replay.counted)),
        Secret(charter, pinned_charter is not None, tuple(questions))
        if has_secret_questions(replay)
        else None,
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as err:
        raise ConfigError(f"{path} cannot be read: {err.strerror}") from None


def _pinned_charter(path: Path) -> Charter:
    try:
        with path.open("rb") as file:
            return parse_charter(file.read(CHARTER_BYTES_MAX + 1))
    except OSError as err:
        raise ConfigError(f"--charter: {path} cannot be read: {err.strerror}") from None
    except BadDocument as err:
        raise ConfigError(f"--charter: {path}: {err.diagnostics()}") from None


def _pinned_keys(pins: Pins) -> tuple[PublicKey, PublicKey]:
    found = []
    for name, text in (("--desk", pins.desk), ("--store", pins.store)):
        try:
            found.append(public_key(Alg.EDDSA, bytes.fromhex(text)))
        except (ValueError, BadSchema):
            raise ConfigError(f"{name} must be an Ed25519 public key: 64 hexadecimal digits") from None
    return found[0], found[1]


def _items(data: bytes, faults: list[Fault]) -> Iterator[Any]:
    """What can be read; a fault where it ends before the bytes do."""
    at = 0
    try:
        for start, value in cbor.decode_sequence(data):
            at = start
            yield value
    except RecordRejected as err:
        faults.append(
            Fault(
                None, Place(), f"the file is damaged behind byte {at} ({err.what}); nothing there can be read"
            )
        )


def _read_leaves(items: Iterator[Any], replay: Replay, progress: Progress | None) -> Closing | None:
    closing = None
    for item in items:
        if closing is not None:
            replay.skip("something follows the closing item")
        elif type(item) is list and item and item[0] == "closing":
            try:
                closing = parse_closing(item)
            except BadSchema as err:
                replay.skip(err.what)
        else:
            try:
                replay.add(parse_leaf(item))
            except BadSchema as err:
                replay.skip(err.what)
            if progress is not None and replay.frontier.size % PROGRESS_LEAVES == 0:
                progress(replay.frontier.size)
    return closing


def _check_closing(closing: Closing | None, header: Header, replay: Replay, faults: list[Fault]) -> None:
    if closing is None:
        faults.append(
            Fault(None, Place(), "the file lacks its closing item: leaves at its end may be missing")
        )
        return
    if replay.store_ids and replay.store_ids[-1] != header.store_id:
        faults.append(
            Fault(None, Place(), "the last store that begins in the log is not the one of the header")
        )
    expected = origin(CongressId(header.congress), HallId(header.hall), StoreId(header.store_id))
    try:
        checkpoint = verify_checkpoint(closing.note, expected, replay.store_key)
    except RecordRejected as err:
        faults.append(Fault(None, Place(), f"the checkpoint does not hold: {err.what}"))
        return
    if checkpoint.size != replay.frontier.size:
        what = f"the checkpoint covers {checkpoint.size} leaves, the file holds {replay.frontier.size}"
        faults.append(Fault(None, Place(), what))
    elif checkpoint.root != replay.frontier.root():
        faults.append(Fault(None, Place(), "the leaves do not lead to the root of the signed checkpoint"))


def _results(leaves: list[Leaf]) -> list[Counted]:
    """Every question that a leaf closes, in the order of the closes."""
    closed: dict[tuple[SittingId, QuestionId], int] = {}
    for leaf in leaves:
        if isinstance(leaf.body, QuestionChanged) and leaf.body.state == "closed":
            closed.setdefault((leaf.body.sitting, leaf.body.question), leaf.index)
    found = []
    of_sitting: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        of_sitting.setdefault(getattr(leaf.body, "sitting", ""), []).append(leaf)
    for sitting, question in closed:
        result = count(sitting, question, of_sitting[sitting])
        records = signed_results(result, of_sitting[sitting])
        found.append(Counted(sitting, result, len(result.present_at_close), tuple(records)))
    return found


def _attended(leaves: list[Leaf]) -> dict[str, int]:
    """Sitting -> how many came in between its opening and its closing leaf, or were inside at the opening."""
    state: dict[str, str] = {}
    inside: dict[str, set[bytes]] = {}
    attended: dict[str, set[bytes]] = {}
    for leaf in leaves:
        body = leaf.body
        if isinstance(body, SittingChanged):
            if body.state == "open":
                attended.setdefault(body.sitting, set()).update(inside.get(body.sitting, ()))
            state[body.sitting] = body.state
        elif isinstance(body, Passage):
            members = inside.setdefault(body.sitting, set())
            if body.direction == "out":
                members.discard(body.member)
                continue
            members.add(body.member)
            if state.get(body.sitting) == "open":
                attended[body.sitting].add(body.member)
    return {sitting: len(members) for sitting, members in attended.items()}


def _deleted(leaves: Sequence[Leaf]) -> Iterator[str]:
    """One line for all members who withdrew, and one for each gate that forgot the whole congress."""
    said = [(leaf.device, leaf.index, leaf.body) for leaf in leaves if isinstance(leaf.body, Deletion)]
    withdrawn = {body.member for _, _, body in said if body.scope == "member"}
    if withdrawn:
        yield f"References of {len(withdrawn)} members who withdrew: destroyed, by the word of gates."
    for device, index, body in said:
        if body.scope == "congress":
            yield f"Gate {device}: destroyed all its references ({body.references}), leaf {index}."


def _against_the_signed(results: Sequence[Counted]) -> Iterator[Fault]:
    for each in results:
        for what in signed_faults(each.result, each.signed):
            yield Fault(each.result.closed, Place(), f"question {each.result.question}: {what}")


def _compare(claims: tuple[Claim, ...], results: list[Counted]) -> Iterator[Fault]:
    """Faults of the claimed results. A close whose result was not frozen yet is claimed by nobody, and is
    no fault.
    """
    by_question = {(each.sitting, each.result.question): each for each in results}
    for claim in claims:
        each = by_question.get((SittingId(claim.sitting), QuestionId(claim.question)))
        if each is None:
            yield Fault(None, Place(), f"question {claim.question} has a result, but no leaf closes it")
            continue
        r, motion = each.result, motion_of(each.result)
        for name, claimed, found in (
            ("opening leaf", claim.opened_leaf, r.opened),
            ("closing leaf", claim.closed_leaf, r.closed),
            ("yes", claim.yes, motion.yes),
            ("no", claim.no, motion.no),
            ("abstain", claim.abstain, motion.abstain),
            ("present", claim.present, each.present),
            ("summoned", claim.summoned, r.summoned),
        ):
            if claimed != found:
                what = f"question {claim.question}: {name} is {found} by the log, the fleet says {claimed}"
                yield Fault(None, Place(), what)
        yield from _compare_choices(claim, r)


def _compare_choices(claim: Claim, result: Result) -> Iterator[Fault]:
    found = {(choice.member, choice.choice, choice.leaf): choice for choice in result.choices}
    claimed = set(claim.choices)
    for key, choice in found.items():
        if key not in claimed:
            what = f"question {claim.question}: this ballot counts, but the fleet's result lacks it"
            yield Fault(choice.leaf, Place(choice.device), what)
    for member, choice_word, leaf in claim.choices:
        if (member, choice_word, leaf) not in found:
            what = f"question {claim.question}: {choice_word} of {member.hex()} is counted against the log"
            yield Fault(leaf, Place(), what)
