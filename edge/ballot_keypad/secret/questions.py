"""All secret questions of one unit: their session keys and documents, what is said to the store, and which
of them is on the screen. Restarts come back through the values that it keeps."""

import logging
from typing import Final

from ballot.documents.bodies import KeyRecord
from ballot.documents.faults import Words
from ballot.documents.pages import Assembly, Whole
from ballot.errors import BadDocument
from edge.ballot_keypad.foreground import UNDER_WAY
from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.secret.answer import Kept as Head
from edge.ballot_keypad.secret.entries import SESSION_KEY_BYTES, signer_of
from edge.ballot_keypad.secret.hearing import hear
from edge.ballot_keypad.secret.kept import (
    CHECKPOINT,
    FRONT,
    KEY_RECORDS,
    Kept,
    contest_in,
    decode_kept,
    key_name,
    life_name,
    paper_name,
    room_of,
)
from edge.ballot_keypad.secret.life import OVER, State
from edge.ballot_keypad.secret.pace import KEY_CAP_MS, KEY_MS, POLL_MS, Repeat
from edge.ballot_keypad.secret.question import Question
from edge.ballot_keypad.secret.trust import WANTED, Papers, Refused, with_document, with_roll_entry
from edge.ballot_keypad.secret.unit import Unit, decode_head
from edge.device.errors import StoreError
from wire import cbor
from wire.ids import ContestId
from wire.voting import (
    BoardAnswer,
    Carried,
    ContestNotice,
    DocumentPage,
    RollEntry,
    SessionKey,
    session_proof,
)

LAST_WORDS: Final = frozenset({State.IN_RECORD, State.LATE, State.CANCELLED})
"""What a person may still want to read after the question is certified."""
RETIRED_MAX: Final = 8
"""Contests that are over and still known, so that no old notice opens one again."""
_ENTRY: Final = RollEntry.kind
_ENTRY_BYTES_MAX: Final = 8192
_log: Final = logging.getLogger("hallward.keypad")


class _Talk:
    """What one question says beside its entries: its session key, and questions after the closed record."""

    def __init__(self) -> None:
        self.key = Repeat(KEY_MS, KEY_CAP_MS)
        self.poll_ms = 0
        self.asked = b""


class Questions:
    """values: all that was kept under ROOM."""

    def __init__(self, unit: Unit, values: dict[str, bytes]) -> None:
        self._unit = unit
        self._assembly = Assembly()
        self._questions: dict[ContestId, Question] = {}
        self._talks: dict[ContestId, _Talk] = {}
        self._front: ContestId | None = None
        self._was_connected = False
        self._unbegun: tuple[ContestNotice, int] | None = None
        unit.head = decode_head(values.get(CHECKPOINT))
        for name, data in values.items():
            if name.startswith(KEY_RECORDS):
                self._believe_key(data)
        for name in values:
            contest = contest_in(name)
            if contest is not None:
                self._load(contest, values)
        self._front = ContestId(values[FRONT]) if FRONT in values else None

    def _load(self, contest: ContestId, values: dict[str, bytes]) -> None:
        kept, key = decode_kept(values[life_name(contest)]), values.get(key_name(contest), b"")
        question = Question(self._unit, contest, key, kept, Papers(contest))
        self._questions[contest], self._talks[contest] = question, _Talk()
        if kept.is_retired or not key:
            return
        papers = question.papers
        room = room_of(contest)
        for name in sorted(values, key=lambda name: name.endswith(_ENTRY), reverse=True):  # the roll first
            if name.startswith(room + "paper/"):
                papers = self._read_again(question, papers, name, values[name])
        question.stand(papers)
        question.send_on_the_grid()

    def _read_again(self, question: Question, papers: Papers, name: str, data: bytes) -> Papers:
        """What was believed once is believed again, or the pinned charter is another now."""
        pinned, key = self._unit.pinned, question.public_key
        try:
            if name.endswith(_ENTRY):
                entry = RollEntry.parsed(cbor.decode(data, _ENTRY_BYTES_MAX))
                return with_roll_entry(papers, pinned, entry, key)
            return with_document(papers, pinned, data, key, is_fixed=False)
        except Refused as err:
            _log.warning("a kept document is not believed any more: %s", err)
            return papers

    # -- what the fleet says -----------------------------------------------------------------------------

    def noticed(self, notice: ContestNotice, expires_ms: int) -> None:
        """Of another congress, or not above the last that was persisted: ignored (HV-1 rule 20)."""
        if notice.congress != self._unit.reader.congress:
            return
        question = self._questions.get(notice.contest) or self._begin(notice, expires_ms)
        if question is None:
            return
        if question.kept.is_retired:
            self._come_forward(notice.contest, is_under_way=False)
            return
        last = question.kept
        if notice.counter < last.counter or (notice.counter == last.counter and notice.state != last.notice):
            return
        question.obey(notice.state, notice.counter)
        if notice.counter > last.counter and notice.state == "open":
            question.origin_ms = self._unit.means.now_ms()
        question.notice, question.expires_ms = notice, expires_ms
        self._come_forward(notice.contest, is_under_way=notice.state in UNDER_WAY)
        question.settle()
        self._retire(question)

    def _come_forward(self, contest: ContestId, *, is_under_way: bool) -> None:
        """Onto the screen, and back to it after a start. One that is over takes no other's place."""
        if contest == self._front or not (is_under_way or self.front() is None):
            return
        self._front = contest
        self._keep({FRONT: contest})

    def _begin(self, notice: ContestNotice, expires_ms: int) -> Question | None:
        if notice.state in ("cancelled", "certified"):
            return None
        contest = notice.contest
        key = self._unit.means.random(SESSION_KEY_BYTES)
        kept = Kept()
        try:
            self._unit.means.keep({key_name(contest): key, life_name(contest): kept.encoded()})
        except StoreError:
            self._unbegun = notice, expires_ms  # a key that a start would not know must not be said
            return None
        self._unbegun = None
        question = Question(self._unit, contest, key, kept, Papers(contest))
        self._questions[contest], self._talks[contest] = question, _Talk()
        question.stand(question.papers)
        self._forget_oldest()
        return question

    def page(self, page: DocumentPage) -> Words | None:
        """A page of a document. Returns why what it completes is not believed, for the technician."""
        if page.document_kind not in WANTED:
            return None
        try:
            whole = self._assembly.feed(page)
        except BadDocument as err:
            return err.vi, err.en
        if whole is None:
            return None
        return self._key_record(whole) if whole.kind == KeyRecord.kind else self._document(whole)

    def _key_record(self, whole: Whole) -> Words | None:
        before = self._unit.keys
        if words := self._believe_key(whole.data):
            return words
        gone = before.records.keys() - self._unit.keys.records.keys()
        for digest in self._unit.keys.records.keys() - before.records.keys():
            names: dict[str, bytes | None] = {KEY_RECORDS + old.hex(): None for old in gone}
            self._keep({**names, KEY_RECORDS + digest.hex(): whole.data})
        for question in self._live():
            question.stand(question.papers)
            question.settle()
        return None

    def _believe_key(self, data: bytes) -> Words | None:
        try:
            self._unit.keys = self._unit.keys.with_record(self._unit.pinned, data)
        except Refused as err:
            return err.words
        return None

    def _document(self, whole: Whole) -> Words | None:
        question = self._questions.get(whole.contest) if whole.contest else None
        if question is None or question.kept.is_retired:
            return None
        is_fixed = question.kept.n > 0 or bool(question.way)
        try:
            papers = with_document(
                question.papers, self._unit.pinned, whole.data, question.public_key, is_fixed=is_fixed
            )
        except Refused as err:
            self._blame(question, err)
            return err.words
        self._take(question, papers, whole.kind, whole.data)
        return None

    def roll_entry(self, entry: RollEntry) -> Words | None:
        question = self._questions.get(entry.contest)
        if question is None or question.kept.is_retired:
            return None
        try:
            papers = with_roll_entry(question.papers, self._unit.pinned, entry, question.public_key)
        except Refused as err:
            self._blame(question, err)
            return err.words
        self._take(question, papers, _ENTRY, cbor.encode(entry.values()))
        return None

    def _take(self, question: Question, papers: Papers, kind: str, data: bytes) -> None:
        if papers == question.papers:
            return
        self._keep({paper_name(question.contest, kind): data})
        question.stand(papers)
        question.settle()
        self._retire(question)

    @staticmethod
    def _blame(question: Question, err: Refused) -> None:
        """A person in front of a unit that waits is told why; one that can vote is not bothered."""
        if question.state is State.WAITING:
            question.refused = err.words

    def answered(self, answer: BoardAnswer) -> None:
        """Of a store that is not the one before, nothing that was kept can be compared with."""
        unit, store_id = self._unit, self._unit.means.store_id()
        if store_id is not None and unit.head.store_id not in (None, store_id):
            if any(question.kept.proof for question in self._live()):
                unit.means.alarm(
                    "board-new-store", "the store began another log while a question was under way"
                )
            unit.head = Head()
        question = self._questions.get(answer.contest)
        if question is None or question.kept.is_retired:
            return
        hear(question, answer, self._talks[answer.contest].asked)
        self._retire(question)

    # -- the person --------------------------------------------------------------------------------------

    def front(self) -> Question | None:
        """The one on the screen: that of which the desk spoke last. A last word stays there when it is over:
        who looks up later is to see it too."""
        found = self._questions.get(self._front) if self._front is not None else None
        is_past = found is not None and found.kept.is_retired and found.state not in LAST_WORDS
        return None if is_past else found

    def pressed(self, button: Button) -> None:
        question = self.front()
        if question is not None:
            question.pressed(button)

    def withdraw(self, button: Button) -> None:
        question = self.front()
        if question is not None:
            question.withdraw(button)

    def disabled(self, is_disabled: bool) -> None:
        for question in self._questions.values():
            question.is_disabled = is_disabled

    @property
    def is_under_way(self) -> bool:
        """By the desk's last word on any of them."""
        return any(question.kept.notice in UNDER_WAY for question in self._live())

    @property
    def is_secret_open(self) -> bool:
        """What depends on presses must not leave the unit."""
        return any(
            question.kept.notice in ("open", "held")
            and question.state not in (State.CANCELLED, State.REPLACED)
            for question in self._live()
        )

    # -- time --------------------------------------------------------------------------------------------

    def tick(self) -> None:
        means = self._unit.means
        now_ms, is_back = means.now_ms(), means.is_connected() and not self._was_connected
        self._was_connected = means.is_connected()
        if self._unbegun is not None:
            self.noticed(*self._unbegun)
        for question in list(self._live()):
            talk = self._talks[question.contest]
            question.settle()
            if is_back:
                question.carry.hasten(now_ms)
                talk.key.hasten(now_ms)
            if means.is_connected():
                self._say_key(question, talk, now_ms)
                self._say_entry(question, talk, now_ms)
            self._retire(question)

    def _say_key(self, question: Question, talk: _Talk, now_ms: int) -> None:
        is_known = question.papers.row is not None or question.papers.bind is not None
        if is_known or question.kept.is_closed:
            talk.key.end()
            return
        if talk.key.due_ms is None:
            talk.key.begin(now_ms)
        if talk.key.is_due(now_ms):
            reader = self._unit.reader
            who = reader.hall, reader.device, question.contest
            signer = signer_of(question.key, "session")
            proof = signer.sign(session_proof(reader.congress, *who))
            self._unit.means.send(SessionKey(*who, signer.public_key.raw, proof))
            talk.key.said(now_ms, self._unit.means.jitter())

    def _say_entry(self, question: Question, talk: _Talk, now_ms: int) -> None:
        if question.way:
            talk.asked = b""
            if question.carry.is_due(now_ms):
                self._carry(question.way)
                question.carry.said(now_ms, self._unit.means.jitter())
            return
        talk.asked = _to_ask(question.kept)
        if talk.asked and now_ms >= talk.poll_ms:
            self._carry(talk.asked)
            talk.poll_ms = now_ms + POLL_MS

    def _carry(self, entry: bytes) -> None:
        reader = self._unit.reader
        self._unit.means.send(Carried(reader.hall, reader.device, self._unit.head.size, entry))

    # -- the end -----------------------------------------------------------------------------------------

    def _retire(self, question: Question) -> None:
        """Certified, or cancelled, and nothing more to come from here: key and documents go."""
        kept = question.kept
        is_done = kept.state is State.IN_RECORD or not kept.voter
        is_done = is_done or (kept.state in OVER and (kept.has_ended or not kept.is_closed))
        is_certified = kept.notice == "certified" and not question.way and is_done
        if kept.is_retired or not (is_certified or kept.state is State.CANCELLED):
            return
        names = [key_name(question.contest), *_papers_of(question.contest)]
        room: dict[str, bytes | None] = dict.fromkeys(names)
        if question.keep_quietly(room, is_retired=True, proof=b"", cast=b""):
            question.memory.forget()
            question.memory.drop_draws()
            if question.context is not None:
                self._unit.provers.pop(question.context.manifest_hash, None)

    def _forget_oldest(self) -> None:
        retired = [contest for contest, question in self._questions.items() if question.kept.is_retired]
        for contest in retired[:-RETIRED_MAX]:
            if self._keep({life_name(contest): None}):
                del self._questions[contest], self._talks[contest]

    def _live(self) -> list[Question]:
        return [question for question in self._questions.values() if not question.kept.is_retired]

    def _keep(self, values: dict[str, bytes | None]) -> bool:
        """What the disk does not take is there until the next start; the fleet says it again."""
        try:
            self._unit.means.keep(values)
        except StoreError:
            return False
        return True


def _to_ask(kept: Kept) -> bytes:
    """The entry to ask about again, while nothing is on its way: the vote once it may stand in the closed
    record, the newest entry while the desk says that the contest is closed and nobody has proved it."""
    if kept.is_closed:
        return kept.cast if kept.has_ended and kept.state is State.RECORDED else b""
    return kept.proof if kept.notice in ("closed", "certified") else b""


def _papers_of(contest: ContestId) -> list[str]:
    return [paper_name(contest, kind) for kind in (*sorted(WANTED), _ENTRY)]
