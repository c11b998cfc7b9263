"""What units are told of a secret question: a notice, and papers that they believe for their signatures alone
(wire/SPEC §6.2)."""

from collections.abc import Iterable
from typing import Final

from ballot.documents.bodies import Bind, Cancel, Close, KeyRecord, Manifest, Roll, RollRows
from ballot.documents.pages import pages_of
from ballot.documents.roll import encode_row, roll_tree
from fleet.db import Connection
from fleet.desk.desk import Letter
from fleet.desk.office import Act, Office
from fleet.secret import store
from fleet.secret.rules import SecretQuestion
from fleet.secret.store import Paper
from wire.down import AUDIENCE_ALL
from wire.fields import Body
from wire.ids import ContestId, DeviceId, QuestionId, SittingId
from wire.voting import ContestNotice, DocumentPage, RollEntry

_FOR_ALL: Final = (Roll.kind, Close.kind, Cancel.kind)
_STATE_FOR_UNITS: Final = {"tallied": "closed"}
"""Units know no tally: for them it is closed."""


def notice(office: Office, found: SecretQuestion) -> Letter:
    """The one notice that is in force: of the secret question that changed last."""
    body = ContestNotice(
        office.desk.congress,
        SittingId(found.sitting),
        QuestionId(found.question),
        found.contest,
        found.counter,
        _STATE_FOR_UNITS.get(found.state, found.state),
        found.text,
    )
    return Letter(AUDIENCE_ALL, body)


def papers_for_all(connection: Connection, found: SecretQuestion) -> list[Letter]:
    """Key record, roll, manifest, close or cancellation: pages of one tell, so that each change says all of
    them again. The roll's rows go to nobody; its root is for a spare, which has no row of its own."""
    recorded = [paper for paper in store.papers(connection, found.contest) if paper.desk_seq is not None]
    manifests = [paper for paper in recorded if paper.kind == Manifest.kind]
    named = {Manifest.parse(paper.document.body).key_record_hash for paper in manifests}
    keys = [paper for paper in recorded if paper.kind == KeyRecord.kind and paper.document.hash in named]
    others = {kind: [paper for paper in recorded if paper.kind == kind] for kind in _FOR_ALL}
    return _pages(
        AUDIENCE_ALL, [*keys, *others[Roll.kind], *manifests, *others[Close.kind], *others[Cancel.kind]]
    )


def entries_of_units(connection: Connection, found: SecretQuestion) -> list[Letter]:
    """To each unit whose key stands in the roll its row and the path to the signed root."""
    papers = store.papers(connection, found.contest, (Roll.kind, RollRows.kind))
    rolls = {Roll.parse(each.document.body).root: each for each in papers if each.kind == Roll.kind}
    rows_papers = [each for each in papers if each.kind == RollRows.kind and each.desk_seq is not None]
    if not rows_papers:
        return []
    rows = RollRows.parse(rows_papers[-1].document.body)
    tree = roll_tree(rows.rows)
    signed = rolls[tree.root()]
    unit_of = {key: unit for unit, key in store.keys_of_units(connection, found.contest).items()}
    return [
        Letter(
            unit_of[row.session_key],
            RollEntry(
                found.contest, signed.data, index, encode_row(row), b"".join(tree.inclusion(index, tree.size))
            ),
        )
        for index, row in enumerate(rows.rows)
        if row.session_key is not None and row.session_key in unit_of
    ]


def binds_of_units(connection: Connection, found: SecretQuestion, bind: Bind) -> list[Letter]:
    """To the unit that speaks for this voter from now on, and to those that did: all binds each needs."""
    papers = store.papers(connection, found.contest, (RollRows.kind, Bind.kind))
    binds = [
        (each, Bind.parse(each.document.body))
        for each in papers
        if each.kind == Bind.kind and each.desk_seq is not None
    ]
    keys_of: dict[bytes, set[bytes]] = {}
    for each in papers:
        if each.kind == RollRows.kind and each.desk_seq is not None:
            for row in RollRows.parse(each.document.body).rows:
                keys_of.setdefault(row.voter, set()).add(row.session_key or b"")
    for _, body in binds:
        keys_of.setdefault(body.voter, set()).add(body.session_key or b"")
    units = store.keys_of_units(connection, found.contest)
    told: list[Letter] = []
    for unit, key in units.items():
        voters = {voter for voter, keys in keys_of.items() if key in keys}
        if bind.voter in voters:
            told += _pages(unit, [paper for paper, body in binds if body.voter in voters])
    return told


def forget_units(act: Act, contest: ContestId) -> None:
    """The vote is over: nothing here tells any more which unit spoke for which voter. The notice of it was
    told a moment ago."""

    def of_one_unit(audience: str, body: Body) -> bool:
        is_of_it = isinstance(body, RollEntry | DocumentPage) and body.contest == contest
        return is_of_it and audience != AUDIENCE_ALL

    act.take_back_some((RollEntry.kind, DocumentPage.kind), of_one_unit)
    store.forget_keys(act.connection, contest)


def tell_all(office: Office, act: Act, found: SecretQuestion) -> None:
    """Notice and papers, in force once what this act recorded is in the log."""
    act.tell(notice(office, found), *papers_for_all(act.connection, found))


def _pages(audience: str, papers: Iterable[Paper]) -> list[Letter]:
    to = audience if audience == AUDIENCE_ALL else DeviceId(audience)
    return [Letter(to, page) for paper in papers for page in pages_of(paper.data, paper.kind, paper.contest)]
