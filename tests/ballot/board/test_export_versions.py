"""The file of an export: version 2 carries charter and cosigned checkpoints, version 1 is still read."""

import pytest

from ballot.hall_log.format import Closing, Header, encode_closing, encode_header, parse_closing, parse_header
from wire import cbor
from wire.errors import BadSchema

HEADER = Header("c1", "hall-1", bytes(16), bytes(32), bytes(32), b"charter")


def test_header_and_closing_come_back_as_they_were_written() -> None:
    closing = Closing("note", (), ("one", "two"))
    assert parse_header(cbor.decode(encode_header(HEADER), 1000)) == HEADER
    assert parse_closing(cbor.decode(encode_closing(closing), 1000)) == closing


def test_a_file_of_the_first_version_is_read_without_a_charter() -> None:
    first = ["hallward-log/1", "c1", "hall-1", bytes(16), bytes(32), bytes(32)]
    assert parse_header(first) == Header("c1", "hall-1", bytes(16), bytes(32), bytes(32))
    assert parse_closing(["closing", "note", []]) == Closing("note", ())


@pytest.mark.parametrize(
    "header",
    [
        ["hallward-log/2", "c1", "hall-1", bytes(16), bytes(32), bytes(32)],
        ["hallward-log/1", "c1", "hall-1", bytes(16), bytes(32), bytes(32), None],
        ["hallward-log/3", "c1", "hall-1", bytes(16), bytes(32), bytes(32), None],
        ["hallward-log/2", "c1", "hall-1", bytes(16), bytes(32), bytes(32), "charter"],
        [[], "c1"],
        None,
    ],
)
def test_a_header_of_another_form_is_refused(header: object) -> None:
    with pytest.raises(BadSchema):
        parse_header(header)


@pytest.mark.parametrize("cosigned", [None, "note", [1], [b"x"], {}])
def test_cosigned_notes_of_another_type_are_refused(cosigned: object) -> None:
    with pytest.raises(BadSchema):
        parse_closing(["closing", "note", [], cosigned])
