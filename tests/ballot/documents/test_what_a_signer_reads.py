"""Before they sign, people read what they sign: all that it says, in both languages, and its fingerprint."""

import unicodedata

import pytest

from ballot.documents.bodies import Result
from ballot.documents.body import DocumentBody
from ballot.documents.charter import OFFICE
from ballot.documents.describe import KIND, describe, shape_words, utc
from ballot.documents.document import SIGNED_BY, Document
from ballot.documents.faults import FAULTS
from ballot.documents.visible import visible
from ballot.errors import BadDocument
from ballot.seeds import fingerprint
from ballot.shape import Relation, Shape, at_most, each_of, one_of
from tests.ballot.documents.election import BODIES, CONTEST, MANIFEST, changed, signed

EACH = [pytest.param(body, id=body.kind) for body in BODIES]


@pytest.mark.parametrize("body", EACH)
def test_every_document_is_said_in_both_languages_with_its_fingerprint(body: DocumentBody) -> None:
    document = signed(body, "b-ha") if SIGNED_BY[body.kind] else signed(body)
    vi, en, both = (describe(document, language) for language in ("vi", "en", "vi+en"))
    assert len(vi) == len(en) == len(both) >= 4
    assert vi[0].startswith(KIND[body.kind][0])
    assert en[0].startswith(KIND[body.kind][1])
    assert both[0] == f"{' / '.join(KIND[body.kind])}: {body.kind}"
    for lines in (vi, en, both):
        assert any(fingerprint(document.hash) in line for line in lines)
        assert all("{" not in line and "None" not in line for line in lines)
    if hasattr(body, "contest"):
        assert any(CONTEST.hex() in line for line in en)


def test_a_manifest_is_said_whole() -> None:
    text = "\n".join(describe(signed(MANIFEST)))
    for word in (
        MANIFEST.title, *MANIFEST.labels, "10", "chọn từ 1 đến 2", "or blank", "12 đại biểu",
        fingerprint(MANIFEST.key_record_hash), fingerprint(MANIFEST.charter_hash), "một lần", "hơn 1/2",
    ):  # fmt: skip
        assert word in text
    assert "until the close" in "\n".join(describe(signed(changed(MANIFEST, revote="until-close"))))


def test_what_may_be_chosen_is_said_of_every_shape() -> None:
    assert shape_words(one_of(("yes", "no", "abstain")))[0][1] == "choose just 1 of 3 (yes, no, abstain)"
    assert shape_words(at_most(15, [f"c{n}" for n in range(20)]))[0][1].endswith("c19), or blank")
    assert [en for _, en in shape_words(each_of(("p1", "p2")))] == [
        "choose 0 to 1 of 2 (p1-for, p1-against)",
        "choose 0 to 1 of 2 (p2-for, p2-against)",
    ]
    odd = Shape(("a", "b"), (Relation(((0, 2), (1, 3)), 2, 5, 0),))
    assert shape_words(odd) == [("2 ≤ 2·a + 3·b ≤ 5",) * 2]


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "1970-01-01 00:00:00 UTC"),
        (951_782_400_000, "2000-02-29 00:00:00 UTC"),
        (1_709_251_199_999, "2024-02-29 23:59:59 UTC"),
        (1_790_000_000_000, "2026-09-21 14:13:20 UTC"),
        (4_107_542_399_000, "2100-02-28 23:59:59 UTC"),
        (4_107_542_400_000, "2100-03-01 00:00:00 UTC"),
    ],
)
def test_a_time_is_said_as_people_say_it(ms: int, text: str) -> None:
    assert utc(ms) == text


def test_a_kind_nobody_knows_is_not_to_be_signed() -> None:
    lines = describe(Document("decree/1", b"\x80"), "en")
    assert "do not sign" in lines[0]
    with pytest.raises(BadDocument):
        describe(Document("close/1", b"\x80"))


def test_every_kind_fault_and_office_has_both_languages() -> None:
    assert KIND.keys() == SIGNED_BY.keys()
    for table in (KIND, FAULTS, OFFICE):
        for vi, en in table.values():
            assert vi
            assert en
            assert vi != en


@pytest.mark.parametrize(
    "hidden", ["\x1b[2J", "\r", "\n", "\u202e", "\u200b", "\x00", "\x9b1A", "\u2028", "\ue000"]
)
def test_nothing_in_a_document_moves_the_cursor_or_hides_from_who_signs(hidden: str) -> None:
    labels = (f"An{hidden}  2: Bình", *MANIFEST.labels[1:])
    lines = describe(signed(changed(MANIFEST, labels=labels, title=f"Bầu{hidden}Không bầu")))
    assert not any(hidden in line for line in lines)
    assert sum(f"<U+{ord(hidden[0]):04X}>" in line for line in lines) == 2


def test_vietnamese_is_shown_as_it_is_typed() -> None:
    text = "Nguyễn Thị Ánh Tuyết — “Đặng”, 1/2 ‖ ữ"
    assert visible(text) == text
    assert visible(unicodedata.normalize("NFD", text)) == unicodedata.normalize("NFD", text)


def test_a_result_is_said_with_its_facts_its_tally_and_how_a_tie_was_decided() -> None:
    result = next(body for body in BODIES if isinstance(body, Result))
    text = "\n".join(describe(signed(changed(result, order=(2, 1, 3)), "b-ha")))
    for word in ("summoned 19", "returned ?", "2, 1, 3", fingerprint(result.tally_hash), result.hall):
        assert word in text
    with pytest.raises(BadDocument):
        describe(signed(changed(result, facts=b"\x80"), "b-ha"))
