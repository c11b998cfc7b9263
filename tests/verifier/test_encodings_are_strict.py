"""CBOR, trees and checkpoints: the verifier against the vectors of the wire, which others wrote."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import verify
from wire import cbor
from wire.errors import RecordRejected

VECTORS = Path(__file__).parents[2] / "wire" / "vectors" / "v1"
CBOR = json.loads((VECTORS / "cbor.json").read_text())
LOG = json.loads((VECTORS / "log.json").read_text())
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=300)
    | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize("vector", CBOR["good"], ids=lambda vector: vector["hex"][:20])
def test_what_the_wire_reads_is_read(vector: dict[str, Any]) -> None:
    verify.decode(bytes.fromhex(vector["hex"]))


@pytest.mark.parametrize("vector", CBOR["bad"], ids=lambda vector: vector["why"] + vector["hex"][:12])
def test_what_the_wire_refuses_is_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(verify.Bad):
        verify.decode(bytes.fromhex(vector["hex"]))


@given(values)
def test_both_encoders_write_the_same(value: Any) -> None:
    assert verify.encode(value) == cbor.encode(value)


@given(st.binary(max_size=40))
def test_any_bytes_are_an_item_in_its_one_form_or_bad(data: bytes) -> None:
    try:
        theirs = cbor.decode(data, 64)
    except RecordRejected:
        with pytest.raises(verify.Bad):
            verify.decode(data)
    else:
        assert verify.decode(data) == theirs


def test_roots_are_those_of_the_wire() -> None:
    tree = verify.Tree([bytes.fromhex(leaf) for leaf in LOG["leaves"]])
    assert [tree.root(size).hex() for size in range(len(LOG["roots"]))] == LOG["roots"]
    assert tree.root(len(LOG["leaves"]) + 1) == b""


KEYS = {LOG["note"].split("\n")[0]: ("", bytes.fromhex(LOG["store_key"]))}


def test_a_checkpoint_of_the_wire_is_read_and_verifies() -> None:
    assert verify.read_note(LOG["note"], KEYS) == (9, bytes.fromhex(LOG["roots"][9]), {})
    with pytest.raises(verify.Bad):
        verify.read_note(
            LOG["note"], {origin: ("", bytes([1]) + key[1:]) for origin, (_, key) in KEYS.items()}
        )


@pytest.mark.parametrize(
    "wrong",
    [
        lambda note: note.replace("\n9\n", "\n09\n"),
        lambda note: note.replace("\n9\n", "\n8\n"),
        lambda note: note.replace("\n9\n", "\n+9\n"),
        lambda note: note.replace("=\n", "\n", 1),
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note[:-1],
        lambda note: note.replace("\u2014", "-"),
        lambda note: note.replace("hall-a", "hall-b", 1),
        lambda note: note + "\u2014 x !\n",
        lambda note: note + note.split("\n")[-2] + "\n",
    ],
)
def test_a_checkpoint_in_another_form_is_none(wrong: Any) -> None:
    with pytest.raises(verify.Bad):
        verify.read_note(wrong(LOG["note"]), KEYS)


@pytest.mark.parametrize("left", [[], [1], [1, 2, 3]])
def test_lists_of_two_lengths_are_never_paired(left: list[int]) -> None:
    with pytest.raises(verify.Bad):
        list(verify.both(left, [1, 2]))
