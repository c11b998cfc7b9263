"""What a document says is read in one form alone, each field within its range."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballot.documents.bodies import BODIES as KINDS
from ballot.documents.body import DocumentBody
from ballot.documents.document import SIGNED_BY, parse_document
from ballot.errors import BadDocument
from tests.ballot.documents.election import BODIES, CONTEST, ROWS, SHARE, VOTER, changed
from wire import cbor
from wire.errors import RecordRejected

EACH = [pytest.param(body, id=body.kind) for body in BODIES]


def refused(kind: str, values: list[Any]) -> None:
    with pytest.raises(BadDocument) as caught:
        KINDS[kind].parse(cbor.encode([kind, *values]))
    assert caught.value.why == "bad-body"
    assert caught.value.diagnostics()


def test_every_kind_has_signers_and_a_sample() -> None:
    ceremony = {kind for kind in SIGNED_BY if kind.startswith("ceremony") or kind == "complaint/1"}
    assert KINDS.keys() == SIGNED_BY.keys() - ceremony == {body.kind for body in BODIES}


@pytest.mark.parametrize("body", EACH)
def test_a_body_comes_back_from_its_one_encoding(body: DocumentBody) -> None:
    data = body.encode()
    assert type(body).parse(data) == body
    assert cbor.decode(data, len(data))[0] == body.kind
    for other in KINDS.values():
        if other.kind != body.kind:
            with pytest.raises(BadDocument):
                other.parse(data)


@pytest.mark.parametrize("body", EACH)
def test_no_field_is_missing_added_or_of_another_type(body: DocumentBody) -> None:
    values = body.values()
    refused(body.kind, values[:-1])
    refused(body.kind, [*values, None])
    for at in range(len(values)):
        for wrong in (-1, True, "?" * 9000, {}, [[]], [None]):
            refused(body.kind, [*values[:at], wrong, *values[at + 1 :]])


@pytest.mark.parametrize("body", EACH)
def test_every_truncation_and_a_trailing_byte_are_refused(body: DocumentBody) -> None:
    data = body.encode()
    for end in range(0, len(data), 13):
        with pytest.raises(BadDocument):
            type(body).parse(data[:end])
    with pytest.raises(BadDocument):
        type(body).parse(data + b"\0")


@pytest.mark.parametrize(
    ("kind", "at", "value"),
    [
        ("key-record/1", 3, 2),
        ("key-record/1", 3, 10),
        ("key-record/1", 4, 3),
        ("key-record/1", 4, 0),
        ("key-record/1", 6, [[bytes(32)] * 2] * 2),
        ("key-record/1", 6, [[bytes(32)] * 2] * 2 + [[bytes(32)]]),
        ("key-record/1", 6, [[bytes(31)] * 2] * 3),
        ("key-record/1", 7, [[bytes(64)] * 2] * 4),
        ("key-record/1", 7, [[bytes(63)] * 2] * 3),
        ("key-record/1", 8, bytes(33)),
        ("roll/1", 2, 0),
        ("roll/1", 2, 20_001),
        ("roll-rows/1", 1, []),
        ("roll-rows/1", 1, [[VOTER, 1, None]]),
        ("roll-rows/1", 1, [[VOTER, 0]]),
        ("roll-rows/1", 1, [[VOTER, 0, bytes(31)]]),
        ("roll-rows/1", 1, [[VOTER, 0, None], [VOTER, 0, None]]),
        ("roll-rows/1", 1, [[VOTER, 0, None], [bytes(16), 0, None]]),
        ("bind/1", 3, 0),
        ("bind/1", 3, 2**32),
        ("bind/1", 4, bytes(31)),
        ("bind/1", 5, "ế" * 67),
        ("manifest/1", 5, "ế" * 334),
        ("manifest/1", 7, ["a", "b", "c"]),
        ("manifest/1", 7, ["a", "b", "c", "d", "e"]),
        ("manifest/1", 7, ["a", "b", "c", "x" * 201]),
        ("manifest/1", 11, 0),
        ("manifest/1", 12, ["rule/2"]),
        ("manifest/1", 13, 1),
        ("manifest/1", 14, "always"),
        ("close/1", 3, 0),
        ("close/1", 5, 2**53),
        ("disposition/1", 2, [[None]]),
        ("disposition/1", 2, [[VOTER, "x" * 201]]),
        ("tally/1", 5, 0),
        ("tally/1", 7, 2**32),
        ("share/1", 5, 0),
        ("share/1", 5, 10),
        ("share/1", 6, [[bytes(32)] * 2]),
        ("share/1", 6, [[bytes(32)] * 3] * 131),
        ("result/1", 5, []),
        ("result/1", 5, [0] * 131),
        ("result/1", 6, "x" * 8193),
    ],
)
def test_a_value_beyond_its_range_is_refused(kind: str, at: int, value: Any) -> None:
    (body,) = [body for body in BODIES if body.kind == kind]
    values = body.values()
    refused(kind, [*values[:at], value, *values[at + 1 :]])


def test_an_impossible_body_is_refused_where_it_is_made() -> None:
    for wrong in (changed(SHARE, trustee=0), changed(ROWS, rows=()), changed(ROWS, contest=b"c")):
        with pytest.raises(BadDocument) as caught:
            wrong.encode()
        assert caught.value.why == "bad-body"


def test_a_body_over_its_limit_is_not_decoded() -> None:
    with pytest.raises(BadDocument) as caught:
        KINDS["manifest/1"].parse(bytes(65_537))
    assert caught.value.why == "too-long"
    with pytest.raises(BadDocument) as caught:
        parse_document(bytes(1_200_001))
    assert caught.value.why == "too-long"


json_like = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(max_size=20)
    | st.just(CONTEST),
    lambda inner: st.lists(inner, max_size=8),
    max_leaves=20,
)


@settings(max_examples=200)
@given(json_like, st.sampled_from(BODIES), st.data())
def test_whatever_was_signed_reading_it_gives_a_body_or_a_reason(
    value: Any, sample: DocumentBody, data: Any
) -> None:
    values = sample.values()
    at = data.draw(st.integers(0, len(values) - 1))
    for parts in ([sample.kind, *values[:at], value, *values[at + 1 :]], [sample.kind, value], value):
        try:
            body = cbor.encode(parts)
        except RecordRejected:
            continue
        try:
            found = type(sample).parse(body)
        except BadDocument:
            continue
        assert found.encode() == body


@given(st.binary(max_size=120))
def test_garbage_never_crashes_a_reader(data: bytes) -> None:
    with pytest.raises(BadDocument):
        parse_document(data)
    for kind in KINDS.values():
        with pytest.raises(BadDocument):
            kind.parse(data)
