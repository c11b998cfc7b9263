"""The bytes of a charter and of one document of each kind. What officers signed is read for years."""

import json
from pathlib import Path
from typing import Any

import pytest

from ballot.documents.bodies import BODIES
from ballot.documents.charter import parse_charter
from ballot.documents.document import encode_document, parse_document
from ballot.documents.opened import opened
from tests.ballot.documents import election
from wire import cbor

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "documents.json").read_text())
CHARTER = parse_charter(bytes.fromhex(GOLDEN["charter"]))
EACH = [pytest.param(case, id=case["kind"]) for case in GOLDEN["documents"]]


def test_every_kind_stands_among_them() -> None:
    assert {case["kind"] for case in GOLDEN["documents"]} == BODIES.keys()
    assert CHARTER.fingerprint == GOLDEN["fingerprint"]
    assert CHARTER == election.CHARTER


@pytest.mark.parametrize("case", EACH)
def test_documents_open_and_encode_to_the_same_bytes(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["document"])
    found = opened(data, CHARTER, case["kind"], election.CONTEST)
    assert found.signers == set(case["signers"])
    assert found.hash.hex() == found.body.hash.hex() == case["hash"]
    assert encode_document(parse_document(data)) == data
    (sample,) = [body for body in election.BODIES if body.kind == case["kind"]]
    assert found.body == sample


def test_a_document_is_three_items_and_its_body_names_its_kind() -> None:
    for case in GOLDEN["documents"]:
        data = bytes.fromhex(case["document"])
        kind, body, signatures = cbor.decode(data, len(data))
        assert cbor.decode(body, len(body))[0] == kind == case["kind"]
        assert [name for name, _ in signatures] == sorted(case["signers"])
