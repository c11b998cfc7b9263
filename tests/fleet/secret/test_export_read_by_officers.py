"""What the fleet puts into the log is a faultless election for those who believe nothing of the fleet."""

from collections.abc import Sequence

import pytest

from ballot.board.work import Performer, Work
from ballot.hall_log.format import Closing, Header, encode_closing, encode_header, encode_leaf
from ballot.tally.report import contests_of
from fleet.db import reading
from fleet.log import store as log_store
from fleet.secret.store import cosigned
from officers.tally.reading import Progress, read
from tests.ballot.board.election import ABSTAIN, CHARTER, CONGRESS, GROUP, HALL, NO, STORE_ID, YES, signer
from tests.fleet.hall_under_test import ok
from tests.fleet.secret.congress import Congress, SecretHall, dispose

pytestmark = pytest.mark.slow


def exported(hall: SecretHall) -> bytes:
    desk, own = hall.office.desk.signer.public_key.raw, signer("store").public_key.raw
    header = Header(CONGRESS, HALL, STORE_ID, desk, own, CHARTER.encode())
    with reading(hall.engine) as connection:
        leaves = b"".join(encode_leaf(leaf) for leaf in log_store.leaves(connection))
        _, note = log_store.checkpoint_note(connection)
        closing = Closing(note, (), tuple(cosigned(connection)))
    return encode_header(header) + leaves + encode_closing(closing)


def here(works: Sequence[Work], _progress: Progress) -> list[str | None]:
    performer = Performer(GROUP)
    return [performer(work) for work in works]


def test_a_trustees_program_finds_no_fault_and_the_same_counts(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    ok(congress.step("hold"))
    ok(congress.step("resume"))
    congress.vote(YES, NO, ABSTAIN)
    congress.closed().ended(4)
    ok(congress.hand_in(dispose(congress, 4)), 201)
    congress.follow()
    tally = congress.tallied()
    for number in (2, 3):
        ok(congress.share(tally, number), 201)
    ok(congress.hand_in(congress.result_body(), ("board-1", "board-2")), 201)
    congress.follow()
    congress.witness()
    told = read(exported(hall), CHARTER, GROUP, here, lambda *_: None)
    (report,) = contests_of(told.replay, GROUP)

    assert told.faults == []
    assert report.faults == ()
    assert report.counts == tuple(ok(congress.browser.get(congress.path("/result")))["counts"])
    assert (report.state, report.counted, report.unaccounted) == ("certified", 3, ())
