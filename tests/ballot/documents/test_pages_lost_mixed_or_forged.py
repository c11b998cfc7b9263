"""A document arrives whole or not at all, whatever order and company its pages come in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.documents.document import DOCUMENT_BYTES_MAX
from ballot.documents.pages import Assembly, Whole, pages_of
from ballot.errors import BadDocument
from tests.ballot.documents.election import CONTEST, changed
from wire.ids import ContestId
from wire.voting import DocumentPage

LONG, OTHER = bytes(range(250)) * 130, b"other" * 5000
PAGES, OTHERS = pages_of(LONG, "manifest/1", CONTEST), pages_of(OTHER, "key-record/1", None)
WHOLE = Whole("manifest/1", CONTEST, LONG)


def fed(*pages: DocumentPage, unfinished_max: int | None = None) -> list[Whole]:
    assembly = Assembly(unfinished_max)
    return [found for page in pages if (found := assembly.feed(page)) is not None]


def test_pages_are_those_that_the_wire_takes() -> None:
    assert [page.page for page in PAGES] == [0, 1, 2]
    for page in (*PAGES, *OTHERS):
        assert DocumentPage.parsed(page.values()) == page
    assert b"".join(page.chunk for page in PAGES) == LONG
    assert pages_of(b"x" * 12_000, "close/1", CONTEST)[0].pages == 1
    with pytest.raises(BadDocument) as caught:
        pages_of(bytes(DOCUMENT_BYTES_MAX + 1), "roll-rows/1", CONTEST)
    assert caught.value.why == "too-long"


def test_a_document_takes_force_with_its_last_page() -> None:
    assert fed(*PAGES) == [WHOLE]
    assert fed(*PAGES[:-1]) == []
    assert fed(*PAGES[1:]) == []


def test_pages_that_come_early_count_once_they_are_repeated_in_their_turn() -> None:
    first, second, third = PAGES
    assert fed(second, third, first) == []
    assert fed(first, third, second) == []
    assert fed(first, third, first, second, third) == [WHOLE]


def test_doubled_pages_change_nothing() -> None:
    first, second, third = PAGES
    assert fed(first, first, second, first, second, third) == [WHOLE]
    assert fed(*PAGES, *PAGES) == [WHOLE, WHOLE]


def test_documents_mixed_page_by_page_arrive_each_as_it_is() -> None:
    mixed = [page for pair in zip(PAGES, OTHERS, strict=True) for page in pair]
    assert fed(*mixed) == [WHOLE, Whole("key-record/1", None, OTHER)]


@pytest.mark.parametrize(
    "changes",
    [
        {"document_kind": "close/1"},
        {"contest": ContestId(bytes(16))},
        {"pages": 4},
        {"document_kind": "key-record/1", "contest": None},
    ],
)
def test_a_page_of_another_document_under_its_hash_spoils_it(changes: dict[str, object]) -> None:
    assembly = Assembly()
    assembly.feed(PAGES[0])
    with pytest.raises(BadDocument) as caught:
        assembly.feed(changed(PAGES[1], **changes))
    assert caught.value.why == "page-mismatch"
    assert [assembly.feed(page) for page in PAGES] == [None, None, WHOLE]


def test_a_foreign_chunk_or_hash_is_no_document_and_the_right_pages_still_are() -> None:
    assembly = Assembly()
    foreign = changed(PAGES[1], chunk=b"foreign")
    assert assembly.feed(PAGES[0]) is assembly.feed(foreign) is None
    with pytest.raises(BadDocument) as caught:
        assembly.feed(PAGES[2])
    assert caught.value.why == "page-hash"
    assert [assembly.feed(page) for page in PAGES] == [None, None, WHOLE]
    with pytest.raises(BadDocument):
        assembly.feed(changed(pages_of(b"one", "close/1", CONTEST)[0], document_hash=bytes(32)))


def test_a_flood_of_beginnings_is_bounded_on_a_unit_and_forgets_nothing_in_a_log() -> None:
    beginnings = [changed(PAGES[0], document_hash=bytes([n]) * 32) for n in range(40)]
    assert fed(PAGES[0], *beginnings, *PAGES[1:], unfinished_max=16) == []
    assert fed(PAGES[0], *beginnings, *PAGES[1:], unfinished_max=41) == [WHOLE]
    assert fed(PAGES[0], *beginnings, *PAGES[1:]) == [WHOLE]


@given(st.lists(st.sampled_from([*PAGES, *OTHERS]), max_size=30))
def test_in_whatever_order_pages_come_only_whole_documents_arrive(order: list[DocumentPage]) -> None:
    assembly = Assembly()
    found = [assembly.feed(page) for page in [*order, *PAGES, *OTHERS]]
    arrived = [whole for whole in found if whole is not None]
    assert {whole.data for whole in arrived} == {LONG, OTHER}
