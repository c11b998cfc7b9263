"""A document is in force when those signed it who must have, with the keys of the pinned charter and over
these very bytes; whatever the fleet does, it has none of those keys."""

from itertools import combinations
from typing import Any

import pytest

from ballot.documents.body import DocumentBody
from ballot.documents.charter import Office
from ballot.documents.document import (
    SIGNED_BY,
    Document,
    encode_document,
    lacking,
    merged,
    parse_document,
    signed_bytes,
    signers,
    with_signature,
)
from ballot.documents.opened import opened
from ballot.errors import BadDocument
from tests.ballot.documents import election
from tests.ballot.documents.election import BODIES, CHARTER, CONTEST, NAMES, changed, in_force, signed, signer
from wire import cbor
from wire.ids import CongressId, ContestId
from wire.signers import Es256Signer

KINDS = [pytest.param(body, id=body.kind) for body in BODIES]
SIGNED = [pytest.param(body, id=body.kind) for body in BODIES if body.kind != "roll-rows/1"]
EVERYBODY = [name for names in NAMES.values() for name in names]


def refused(data: bytes, body: DocumentBody) -> str:
    with pytest.raises(BadDocument) as caught:
        opened(data, CHARTER, body.kind)
    assert caught.value.diagnostics()
    return caught.value.why


@pytest.mark.parametrize("body", KINDS)
def test_just_those_who_must_sign_put_it_in_force(body: DocumentBody) -> None:
    found = opened(in_force(body), CHARTER, type(body), CONTEST)
    assert found.body == body
    assert found.hash == body.hash
    assert found.signers == set(election.SIGNED_BY[body.kind])


@pytest.mark.parametrize("body", SIGNED)
def test_one_signature_less_is_too_few(body: DocumentBody) -> None:
    names = election.SIGNED_BY[body.kind]
    for fewer in combinations(names, len(names) - 1):
        assert refused(encode_document(signed(body, *fewer)), body) == "too-few-signatures"
    assert refused(encode_document(signed(body)), body) == "too-few-signatures"


@pytest.mark.parametrize("body", SIGNED)
def test_all_others_together_cannot_sign_it(body: DocumentBody) -> None:
    offices = {office for office, _ in SIGNED_BY[body.kind]}
    others = [name for office, names in NAMES.items() if office not in offices for name in names]
    assert refused(encode_document(signed(body, *others)), body) == "too-few-signatures"


@pytest.mark.parametrize("body", SIGNED)
def test_signatures_of_others_beside_those_due_take_nothing_away(body: DocumentBody) -> None:
    assert opened(encode_document(signed(body, *EVERYBODY)), CHARTER, body.kind).body == body


@pytest.mark.parametrize("body", SIGNED)
def test_a_foreign_key_under_a_right_name_spoils_it(body: DocumentBody) -> None:
    first, *rest = election.SIGNED_BY[body.kind]
    forged = with_signature(signed(body, *rest), first, signer("thief"))
    assert refused(encode_document(forged), body) == "bad-signature"
    spare = next(name for name in EVERYBODY if name not in election.SIGNED_BY[body.kind])
    enough = with_signature(signed(body, *election.SIGNED_BY[body.kind]), spare, signer("thief"))
    assert refused(encode_document(enough), body) == "bad-signature"


@pytest.mark.parametrize("fleet", ["desk", "store"])
@pytest.mark.parametrize("body", SIGNED)
def test_a_key_of_the_fleet_makes_and_adds_nothing(body: DocumentBody, fleet: str) -> None:
    key = signer(fleet)
    own = with_signature(Document(body.kind, body.encode()), fleet, key)
    assert refused(encode_document(own), body) == "unknown-name"
    beside = with_signature(signed(body, *election.SIGNED_BY[body.kind]), fleet, key)
    assert refused(encode_document(beside), body) == "unknown-name"
    posing = Document(body.kind, body.encode())
    for name in election.SIGNED_BY[body.kind]:
        posing = with_signature(posing, name, key)
    assert refused(encode_document(posing), body) == "bad-signature"


@pytest.mark.parametrize("body", SIGNED)
def test_a_signature_is_over_the_kind_and_every_byte_of_the_body(body: DocumentBody) -> None:
    document = signed(body, *election.SIGNED_BY[body.kind])
    for at in range(0, len(document.body), 7):
        twin = document.body[:at] + bytes([document.body[at] ^ 1]) + document.body[at + 1 :]
        with pytest.raises(BadDocument, match="does not verify"):
            signers(Document(document.kind, twin, document.signatures), CHARTER)
    with pytest.raises(BadDocument, match="does not verify"):
        signers(Document("other/1", document.body, document.signatures), CHARTER)
    assert signed_bytes(document.kind, document.body) == cbor.encode(
        ["hallvote-eg-ristretto255-sha512-v1", "sign", document.kind, document.body]
    )


def test_rows_of_a_roll_are_signed_by_nobody() -> None:
    assert refused(encode_document(signed(election.ROWS, "c-hoa")), election.ROWS) == "unsigned-kind"


def test_a_tally_needs_a_witness_from_outside() -> None:
    inside = election.CHARTER
    charter = changed(
        inside,
        witnesses=tuple(changed(each, external=each.name == "w-oanh") for each in inside.witnesses),
    )
    data = encode_document(signed(election.TALLY, "t-an", "t-binh", "w-minh", "w-nga"))
    assert opened(data, inside, "tally/1")
    with pytest.raises(BadDocument, match="external") as caught:
        opened(data, charter, "tally/1")
    assert caught.value.why == "no-external-witness"


def test_a_share_is_signed_by_the_very_trustee_it_is_of() -> None:
    for other in ("t-an", "t-chi"):
        assert refused(encode_document(signed(election.SHARE, other)), election.SHARE) == "too-few-signatures"
    fourth = changed(election.SHARE, trustee=4)
    assert refused(encode_document(signed(fourth, "t-an")), fourth) == "too-few-signatures"


@pytest.mark.parametrize("body", KINDS)
def test_a_document_of_another_kind_congress_or_contest_is_refused(body: DocumentBody) -> None:
    data = in_force(body)
    other = "close/1" if body.kind != "close/1" else "cancel/1"
    with pytest.raises(BadDocument) as caught:
        opened(data, CHARTER, other)
    assert caught.value.why == "other-kind"
    if hasattr(body, "contest"):
        with pytest.raises(BadDocument) as caught:
            opened(data, CHARTER, body.kind, ContestId(bytes(16)))
        assert caught.value.why == "other-contest"
    if hasattr(body, "congress"):
        moved = changed(body, congress=CongressId("congress-2031"))
        assert refused(in_force(moved), moved) == "other-congress"
    if hasattr(body, "charter_hash"):
        moved = changed(body, charter_hash=bytes(32))
        assert refused(in_force(moved), moved) == "other-charter"


def test_a_key_record_of_fewer_trustees_than_the_charter_has_is_refused() -> None:
    two = changed(
        election.KEY_RECORD,
        n=2,
        commitments=election.KEY_RECORD.commitments[:2],
        proofs=election.KEY_RECORD.proofs[:2],
    )
    assert refused(in_force(two), two) == "other-charter"


def signatures(document: Document) -> list[Any]:
    return [list(pair) for pair in document.signatures]


def test_names_ascend_and_nobody_signs_twice() -> None:
    document = signed(election.MANIFEST, "b-dung", "b-giang")
    one, other = signatures(document)
    for bad in ([other, one], [one, one], [one, one, other], [one, other, other]):
        with pytest.raises(BadDocument) as caught:
            parse_document(cbor.encode([document.kind, document.body, bad]))
        assert caught.value.why == "signature-order"
    twice = Document(document.kind, document.body, (*document.signatures, document.signatures[0]))
    with pytest.raises(BadDocument):
        signers(twice, CHARTER)


def without_form() -> list[tuple[str, Any]]:
    document = signed(election.MANIFEST, "b-dung", "b-giang")
    kind, body, names = document.kind, document.body, signatures(document)
    return [
        ("two items", [kind, body]),
        ("four items", [kind, body, names, None]),
        ("swapped", [body, kind, names]),
        ("signatures as a map", [kind, body, {}]),
        ("no signatures", [kind, body, None]),
        ("body not in bytes", [kind, cbor.decode(body, 100_000), names]),
        ("short signature", [kind, body, [[name, signature[:-1]] for name, signature in names]]),
        ("long signature", [kind, body, [[name, signature + b"x"] for name, signature in names]]),
        ("no name", [kind, body, [[name.upper(), signature] for name, signature in names]]),
        ("no signature", [kind, body, [[name] for name, _ in names]]),
        ("33 signatures", [kind, body, [[f"n{at}", names[0][1]] for at in range(10, 43)]]),
        ("long kind", ["x" * 33, body, names]),
        ("kind a number", [1, body, names]),
        ("null", None),
    ]


@pytest.mark.parametrize("parts", [pytest.param(parts, id=what) for what, parts in without_form()])
def test_what_is_no_document_is_refused_in_words(parts: Any) -> None:
    with pytest.raises(BadDocument) as caught:
        parse_document(cbor.encode(parts))
    assert caught.value.why == "not-a-document"
    assert caught.value.vi
    assert caught.value.en


@pytest.mark.parametrize("body", KINDS)
def test_every_truncation_and_a_trailing_byte_are_refused(body: DocumentBody) -> None:
    data = in_force(body)
    for end in range(0, len(data), 11):
        with pytest.raises(BadDocument):
            parse_document(data[:end])
    with pytest.raises(BadDocument, match="follow the item"):
        parse_document(data + b"\0")


def test_signatures_are_gathered_from_copies_in_any_order() -> None:
    one, other = signed(election.MANIFEST, "b-ha"), signed(election.MANIFEST, "b-dung", "b-ha")
    assert merged(one, other) == merged(other, one) == signed(election.MANIFEST, "b-ha", "b-dung")
    assert merged(one, other).hash == one.hash
    assert parse_document(encode_document(other)) == other
    (lack,) = lacking("manifest/1", one.names, CHARTER)
    assert (lack.office, lack.have, lack.need) == (Office.BOARD, 1, 2)
    assert lacking("manifest/1", other.names, CHARTER) == []


def test_copies_that_differ_are_not_merged() -> None:
    one = signed(election.MANIFEST, "b-ha")
    with pytest.raises(BadDocument) as caught:
        merged(one, signed(changed(election.MANIFEST, title="khác"), "b-dung"))
    assert caught.value.why == "not-the-same"
    forged = with_signature(Document(one.kind, one.body), "b-ha", signer("thief"))
    with pytest.raises(BadDocument) as caught:
        merged(one, forged)
    assert caught.value.why == "already-signed"


def test_more_signatures_than_a_document_holds_are_refused() -> None:
    document = Document("roll/1", election.ROLL.encode())
    for number in range(32):
        document = with_signature(document, f"n{number:02}", signer("c-hoa"))
    with pytest.raises(BadDocument) as caught:
        with_signature(document, "z", signer("c-hoa"))
    assert caught.value.why == "too-many-signatures"


def test_officers_sign_with_ed25519(chip: Es256Signer) -> None:
    with pytest.raises(BadDocument) as caught:
        with_signature(signed(election.ROLL), "c-hoa", chip)
    assert caught.value.why == "not-ed25519"


def test_kinds_nobody_knows_have_no_signers() -> None:
    with pytest.raises(BadDocument) as caught:
        lacking("decree/1", ["chair"], CHARTER)
    assert caught.value.why == "not-a-document"
