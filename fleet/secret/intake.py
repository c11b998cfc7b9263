"""Papers of officers handed in over one door: checked, merged, kept while signatures are missing, recorded in
one act once whole."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from ballot.documents.bodies import (
    BODIES,
    Bind,
    Cancel,
    Close,
    KeyRecord,
    Manifest,
    Result,
    RollRows,
    Share,
    Tally,
)
from ballot.documents.body import DocumentBody
from ballot.documents.charter import OFFICE, Charter
from ballot.documents.document import (
    SIGNED_BY,
    Document,
    check_signers,
    lacking,
    merged,
    parse_document,
    signers,
)
from ballot.documents.faults import bad
from ballot.documents.opened import opened
from ballot.documents.pages import pages_of
from ballot.errors import BadDocument
from ballot.seeds import fingerprint
from fleet.api.errors import NotFound
from fleet.desk.office import Act, Office
from fleet.secret import store
from fleet.secret.checks import Case, check
from fleet.secret.following import SecretLog, Seen
from fleet.secret.outcome import decided_anew, opened_result
from fleet.secret.refusals import Words, bad_paper, conflict, refused
from fleet.secret.rules import SecretQuestion, next_counter
from fleet.secret.store import Paper
from fleet.secret.telling import binds_of_units, entries_of_units, forget_units, notice, tell_all
from wire.ids import ContestId, QuestionId, SittingId
from wire.voting import ContestChanged

WAITING_MAX: Final = 100
"""Papers of one question that lack signatures: one officer alone can make as many as they like, of up to a
megabyte each."""
_INCOMPLETE: Final = frozenset({"too-few-signatures", "no-external-witness"})


@dataclass(frozen=True, slots=True)
class Received:
    """waiting: the sentence (vi, en) that says whose signature is missing; None once it is in the log."""

    paper: Paper
    waiting: Words | None


def receive(office: Office, log: SecretLog, account: str, data: bytes) -> Received:
    """Take one paper, or another copy of one with further signatures. May be repeated.

    Raises BadInput for a paper that does not hold by itself, NotFound, Conflict for one that has no place
    now. Then nothing has changed.
    """
    try:
        document = parse_document(data)
        body = _body(document)
    except BadDocument as err:
        raise bad_paper(err) from None
    with office.look() as connection:
        known = store.paper(connection, document.hash)
    if known is not None and known.desk_seq is not None:
        return Received(known, None)
    if known is not None and _adds_nothing(known.document, document):
        with office.look() as connection, log.seen(connection) as seen:
            return Received(known, waiting_for(known, seen.charter))
    with office.act(account, "paper.received", document.kind) as act, log.seen(act.connection) as seen:
        act.note(fingerprint=fingerprint(document.hash), names=sorted(document.names))
        return _take(office, act, seen, document, body)


def withdraw(office: Office, account: str, body_hash: bytes) -> None:
    """Forget a paper that still lacks signatures, so that another may be made. Raises NotFound, Conflict."""
    with office.act(account, "paper.withdrawn", fingerprint(body_hash)) as act:
        known = store.paper(act.connection, body_hash)
        if known is None:
            raise refused(NotFound, "not-found/paper")
        if known.desk_seq is not None:
            raise conflict("already-recorded")
        store.drop(act.connection, body_hash)
        act.note(kind=known.kind)


def waiting_for(paper: Paper, charter: Charter) -> Words | None:
    """Whose signatures a paper still needs, in words; None once it stands in the log."""
    found = None if paper.desk_seq is not None else _shortage(paper.document, charter)
    return None if found is None else (found.vi, found.en)


def signing_offices(kind: str) -> list[Words]:
    """Who signs papers of this kind."""
    return [OFFICE[office] for office, _ in SIGNED_BY[kind]]


def _body(document: Document) -> DocumentBody:
    if document.kind not in BODIES:
        if document.kind in SIGNED_BY:
            raise conflict("not-a-paper", kind=document.kind)
        raise bad("not-a-document", what=f"kind {document.kind!r:.40}")
    return BODIES[document.kind].parse(document.body)


def _take(office: Office, act: Act, seen: Seen, document: Document, body: DocumentBody) -> Received:
    question = _place(office, act, seen.charter, body)
    known = store.paper(act.connection, document.hash)
    try:
        if known is not None:
            document = merged(known.document, document)
        signers(document, seen.charter)
        _signed_by_its_office(document, seen.charter)
        shortage = _shortage(document, seen.charter)
        if shortage is None:
            opened(_encoded(document), seen.charter, document.kind, question.contest if question else None)
    except BadDocument as err:
        raise bad_paper(err) from None
    contest = None if isinstance(body, KeyRecord) else ContestId(getattr(body, "contest"))  # noqa: B009
    papers = tuple(store.papers(act.connection, contest or ContestId(b"")))
    check(Case(act.connection, seen, question, papers, act.now_ms), body)
    paper = Paper(document, contest, None, act.now_ms)
    if shortage is not None:
        if known is None and sum(each.desk_seq is None for each in papers) >= WAITING_MAX:
            raise conflict("too-many-waiting", n=WAITING_MAX)
        store.keep(act.connection, paper)
        act.note(waiting=shortage.en)
        return Received(paper, (shortage.vi, shortage.en))
    seq = 0
    for page in pages_of(paper.data, paper.kind, contest):
        seq = act.record(page)
    paper = replace(paper, desk_seq=seq)
    store.keep(act.connection, paper)
    if question is not None and type(body) in _EFFECTS:
        _EFFECTS[type(body)](_Effect(office, act, seen, question), body)
    return Received(paper, None)


def _adds_nothing(known: Document, copy: Document) -> bool:
    """Whether all its signatures were handed in before: a witness's goes through here without an account, and
    whoever says it again must not fill the audit log."""
    try:
        return merged(known, copy) == known
    except BadDocument:
        return False


def _encoded(document: Document) -> bytes:
    return Paper(document, None, None, 0).data


def _place(office: Office, act: Act, charter: Charter, body: DocumentBody) -> SecretQuestion | None:
    """Of which secret question the paper is; None for a key record."""
    congress = getattr(body, "congress", charter.congress)
    if congress != charter.congress:
        raise bad_paper(bad("other-congress", found=congress, expected=charter.congress))
    if getattr(body, "charter_hash", charter.hash) != charter.hash:
        raise bad_paper(bad("other-charter"))
    hall = getattr(body, "hall", office.desk.hall)
    if hall != office.desk.hall:
        raise conflict("other-hall", found=hall, expected=office.desk.hall)
    contest = getattr(body, "contest", None)
    if contest is None:
        return None
    found = store.find(act.connection, ContestId(contest))
    if found is None:
        raise conflict("unknown-contest", contest=contest.hex())
    return found


def _signed_by_its_office(document: Document, charter: Charter) -> None:
    """At least one signature is of somebody who has to sign this kind, and none is of anybody else."""
    names = set(document.names)
    holders = {officer.name for office, _ in SIGNED_BY[document.kind] for officer in charter.of(office)}
    for lack in lacking(document.kind, names, charter):
        if not names & holders or names - holders:
            vi, en = OFFICE[lack.office]
            raise bad("too-few-signatures", office_vi=vi, office_en=en, have=lack.have, need=lack.need)


def _shortage(document: Document, charter: Charter) -> BadDocument | None:
    try:
        check_signers(document, charter)
    except BadDocument as err:
        if err.why in _INCOMPLETE:
            return err
        raise
    return None


# -- what a paper does once it is recorded ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Effect:
    office: Office
    act: Act
    seen: Seen
    question: SecretQuestion

    def become(self, state: str) -> SecretQuestion:
        found = self.question
        counter = next_counter(found.counter, self.act.now_ms)
        changed = replace(found, state=state, counter=counter, changed_ms=self.act.now_ms)
        store.set_state(self.act.connection, found.contest, state, changed.counter, changed.changed_ms)
        return changed


def _rows(effect: _Effect, _body: RollRows) -> None:
    effect.act.tell(*entries_of_units(effect.act.connection, effect.question))


def _manifest(effect: _Effect, _body: Manifest) -> None:
    tell_all(effect.office, effect.act, effect.become(effect.question.state))


def _bind(effect: _Effect, body: Bind) -> None:
    effect.act.tell(*binds_of_units(effect.act.connection, effect.question, body))


def _close(effect: _Effect, body: Close) -> None:
    effect.act.note(size=body.size)
    tell_all(effect.office, effect.act, effect.become("closed"))


def _cancel(effect: _Effect, body: Cancel) -> None:
    effect.act.note(reason=body.reason)
    tell_all(effect.office, effect.act, effect.become("cancelled"))
    forget_units(effect.act, effect.question.contest)


def _tally(effect: _Effect, body: Tally) -> None:
    effect.act.note(counted=body.counted)
    effect.become("tallied")


def _share(effect: _Effect, body: Share) -> None:
    effect.act.note(trustee=body.trustee)
    if effect.question.has_result:
        return
    connection = effect.act.connection
    papers = store.papers(connection, effect.question.contest, (Tally.kind, Share.kind))
    recorded = [each for each in papers if each.desk_seq is not None]
    tally = next(Tally.parse(each.document.body) for each in recorded if each.kind == Tally.kind)
    shares = [Share.parse(each.document.body) for each in recorded if each.kind == Share.kind]
    found = opened_result(effect.office, connection, effect.seen, effect.question, tally, shares)
    if found is not None:
        store.freeze(connection, effect.question.contest, found)
        effect.act.note(outcome=found["outcome"], counted=found["counted"])


def _result(effect: _Effect, body: Result) -> None:
    question, connection = effect.question, effect.act.connection
    frozen = store.result(connection, question.contest)
    if frozen is not None and body.order is not None:
        papers = store.papers(connection, question.contest, (Manifest.kind,))
        manifest = next(Manifest.parse(each.document.body) for each in papers if each.desk_seq is not None)
        store.freeze(connection, question.contest, decided_anew(manifest, frozen, body.order))
    effect.act.record(
        ContestChanged(
            SittingId(question.sitting),
            QuestionId(question.question),
            question.contest,
            "certified",
            body.manifest_hash,
        )
    )
    effect.act.tell(notice(effect.office, effect.become("certified")))
    forget_units(effect.act, question.contest)


_EFFECTS: Final[dict[type[DocumentBody], Callable[[_Effect, Any], None]]] = {
    RollRows: _rows,
    Manifest: _manifest,
    Bind: _bind,
    Close: _close,
    Cancel: _cancel,
    Tally: _tally,
    Share: _share,
    Result: _result,
}
