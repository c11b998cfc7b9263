"""How far the close and the tally of a secret question are: what the chair can sign on, what the tally waits
for."""

import base64

from ballot.board.heads import head_of
from ballot.tally.objections import objections
from fleet.db import Connection
from fleet.desk.office import Office
from fleet.secret import store
from fleet.secret.acts import turnout
from fleet.secret.following import Seen
from fleet.secret.refusals import SAID, Words, conflict
from fleet.secret.rules import CLOSE_AGE_MS_MAX, RUNNING, SecretQuestion, witnessed_ago_ms
from fleet.secret.views import CloseDraftView
from fleet.sittings.state_words import state_word


def close_draft(office: Office, connection: Connection, seen: Seen, found: SecretQuestion) -> CloseDraftView:
    """The newest checkpoint that enough witnesses signed. Raises Conflict."""
    if found.state not in RUNNING:
        raise conflict("wrong-state", question=found.question, state=state_word(found.state))
    note, log = store.newest_cosigned(connection), seen.log(connection)
    if note is None or log is None:
        raise conflict("no-checkpoint")
    head = head_of(note, log, seen.charter)
    age_s = witnessed_ago_ms(head.times.values(), office.clock.wall_ms()) // 1000
    contest = seen.contest(found.contest)
    opened = None if contest is None else contest.course.opened
    told = turnout(contest)
    return CloseDraftView(
        hall=office.desk.hall,
        contest=found.contest.hex(),
        size=head.size,
        root=base64.b64encode(head.root).decode(),
        note=note,
        age_s=age_s,
        fresh=abs(age_s) * 1000 <= CLOSE_AGE_MS_MAX and opened is not None and head.size > opened,
        cast=told.cast,
        enabled=told.enabled,
    )


def tally_objections(connection: Connection, seen: Seen, found: SecretQuestion) -> list[Words]:
    """Why no trustee would sign a tally now, under the newest checkpoint that witnesses signed; empty before
    the close and after the tally."""
    contest = seen.contest(found.contest)
    if found.state != "closed" or contest is None:
        return []
    heads, tree = seen.heads(connection), seen.tree
    size = heads[-1].size if heads else 0

    def root_at(at: int) -> bytes | None:
        return tree.root(at) if at <= tree.size else None

    waits = objections(contest, root_at, heads, tree.size)
    if not waits and objections(contest, root_at, heads, size):
        return [SAID["await-witnesses"]]
    return [(each.vi, each.en) for each in waits]
