"""A row shows that it stands in the signed roll, and no other row does; the roll's rows are all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.documents.document import Document, encode_document, parse_document
from ballot.documents.pages import pages_of
from ballot.documents.roll import ROLL_MAX, RollRow, RollRows, encode_row, parse_row, roll_tree
from ballot.errors import BadDocument
from tests.ballot.documents.election import CONGRESS, CONTEST, ROLL, ROWS, changed, digest
from wire import cbor
from wire.ids import VoterRef


@given(st.integers(1, 40), st.data())
def test_a_row_is_shown_by_its_path_and_no_other_row_is(size: int, data: object) -> None:
    rows = RollRows(CONTEST, tuple(RollRow(VoterRef(bytes([n]) * 16), 0, None) for n in range(size)))
    roll, tree = rows.roll(CONGRESS), roll_tree(rows.rows)
    for index, row in enumerate(rows.rows):
        path = tree.inclusion(index)
        assert roll.row(encode_row(row), index, path) == row
        thief = encode_row(row._replace(session_key=digest("thief")))
        attempts = [
            (thief, index, path),
            (encode_row(row), size, path),
            (encode_row(row), index, [*path, thief]),
        ]
        attempts += [(encode_row(row), (index + 1) % size, path)] if size > 1 else []
        for attempt in attempts:
            with pytest.raises(BadDocument) as caught:
                roll.row(*attempt)
            assert caught.value.why == "not-in-roll"


@pytest.mark.parametrize(
    "parts", [[], None, [b"v" * 16, 0], [b"v" * 15, 0, None], [b"v" * 16, 1, None], [b"v" * 16, False, None]]
)
def test_what_is_no_row_is_refused(parts: object) -> None:
    with pytest.raises(BadDocument):
        parse_row(cbor.encode(parts))  # type: ignore[arg-type]  # whatever it is


def test_the_rows_are_those_of_the_roll_all_and_no_others() -> None:
    ROWS.check(ROLL)
    swapped = (*ROWS.rows[:3], ROWS.rows[3]._replace(session_key=digest("thief")), *ROWS.rows[4:])
    for rows in (ROWS.rows[:-1], ROWS.rows[1:], swapped):
        with pytest.raises(BadDocument) as caught:
            changed(ROWS, rows=rows).check(ROLL)
        assert caught.value.why == "other-roll"
    with pytest.raises(BadDocument):
        ROWS.check(changed(ROLL, contest=bytes(16)))


def test_the_longest_roll_fits_the_pages_of_a_document() -> None:
    rows = tuple(RollRow(VoterRef(n.to_bytes(16, "big")), 0, bytes(32)) for n in range(ROLL_MAX))
    body = RollRows(CONTEST, rows).encode()
    data = encode_document(Document("roll-rows/1", body))
    assert len(pages_of(data, "roll-rows/1", CONTEST)) <= 100
    assert len(RollRows.parse(parse_document(data).body).rows) == ROLL_MAX
