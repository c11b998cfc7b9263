"""A log that was changed, forked or rolled back shows; a checkpoint is witnessed by those alone who are."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.naive_tree import inclusion_path
from wire import checkpoint, merkle
from wire.checkpoint import Checkpoint
from wire.errors import BadSchema, BadSignature, RecordRejected
from wire.ids import CongressId
from wire.merkle import EMPTY_ROOT, Tree, leaf_hash, node_hash, verify_consistency, verify_inclusion
from wire.signers import Ed25519Signer

MakeSigner = Callable[[str], Ed25519Signer]
CONGRESS, ORIGIN = CongressId("c"), "hallward/c/h/00"
SIZE_MAX = 130
LEAVES = [leaf_hash(bytes([number])) for number in range(SIZE_MAX)]


def split(size: int) -> int:
    return max(2**power for power in range(8) if 2**power < size)


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 §2.1.1, as it is written there."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    k = split(len(leaves))
    return node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


def naive_consistency(m: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 9162 §2.1.4.1, as it is written there."""
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*naive_consistency(m, leaves[:k], whole=whole), naive_root(leaves[k:])]
    return [*naive_consistency(m - k, leaves[k:], whole=False), naive_root(leaves[:k])]


@pytest.fixture(scope="module")
def tree() -> Tree:
    return Tree(LEAVES)


@pytest.fixture(scope="module")
def roots() -> list[bytes]:
    return [naive_root(LEAVES[:size]) for size in range(SIZE_MAX + 1)]


def test_roots_and_inclusion_paths_are_those_of_the_rfc_for_every_size(
    tree: Tree, roots: list[bytes]
) -> None:
    for size, root in enumerate(roots):
        assert tree.root(size) == merkle.root_of(LEAVES[:size]) == root
        for index in range(size):
            path = tree.inclusion(index, size)
            verify_inclusion(LEAVES[index], index, size, path, root)
    for size in (1, 2, 63, 64, 65, 130):
        for index in range(size):
            assert tree.inclusion(index, size) == inclusion_path(LEAVES[:size], index)


def test_consistency_paths_are_those_of_the_rfc_for_every_pair_of_sizes(
    tree: Tree, roots: list[bytes]
) -> None:
    for new in range(SIZE_MAX + 1):
        for old in range(new + 1):
            path = tree.consistency(old, new)
            verify_consistency(old, new, roots[old], roots[new], path)
    for new in (1, 2, 7, 8, 9, 64, 100):
        for old in range(1, new + 1):
            assert tree.consistency(old, new) == naive_consistency(old, LEAVES[:new])


def test_a_tree_that_grew_leaf_by_leaf_is_the_tree_made_at_once() -> None:
    grown = Tree()
    for index, leaf in enumerate(LEAVES):
        assert grown.append(leaf) == index
        assert grown.root() == Tree(LEAVES[: index + 1]).root()
    assert grown.size == SIZE_MAX


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3), (0, 131)])
def test_a_proof_that_cannot_be_is_not_made(tree: Tree, old: int, new: int) -> None:
    with pytest.raises(IndexError):
        tree.consistency(old, new)
    with pytest.raises(IndexError):
        tree.inclusion(new, new)


@given(st.data())
def test_a_fork_shows_and_so_does_every_bent_path(data: Any) -> None:
    new = data.draw(st.integers(2, SIZE_MAX))
    old = data.draw(st.integers(1, new))
    changed = data.draw(st.integers(0, old - 1))
    tree = Tree(LEAVES[:new])
    forked = Tree([*LEAVES[:changed], leaf_hash(b"forked"), *LEAVES[changed + 1 : new]])
    path = tree.consistency(old, new)
    bent = [*path, bytes(32)], path[:-1], [bytes(32), *path[1:]], path[::-1]
    attempts = [(old, new, forked.root(old), tree.root(new), path)]
    attempts += [(old, new, tree.root(old), forked.root(new), forked.consistency(old, new))]
    attempts += [(old, new, tree.root(old), tree.root(new), steps) for steps in bent if steps != path]
    attempts += [(new, old, tree.root(new), tree.root(old), path)] if old < new else []
    for attempt in attempts:
        with pytest.raises(BadSchema):
            verify_consistency(*attempt)


@pytest.mark.parametrize(
    ("old", "new", "old_root", "new_root", "path"),
    [
        (0, 0, EMPTY_ROOT, LEAVES[0], []),
        (0, 3, LEAVES[0], LEAVES[1], []),
        (0, 3, EMPTY_ROOT, LEAVES[1], [LEAVES[0]]),
        (3, 3, LEAVES[0], LEAVES[1], []),
        (3, 3, LEAVES[0], LEAVES[0], [LEAVES[0]]),
        (3, 4, LEAVES[0], LEAVES[0], []),
        (4, 4, LEAVES[0], LEAVES[0], [b""]),
        (-1, 4, LEAVES[0], LEAVES[0], []),
        (2, 3, LEAVES[0], LEAVES[0], [LEAVES[0]] * 60),
    ],
)
def test_edges_of_consistency_are_refused(
    old: int, new: int, old_root: bytes, new_root: bytes, path: list[bytes]
) -> None:
    with pytest.raises(BadSchema):
        verify_consistency(old, new, old_root, new_root, path)


def test_a_proof_is_of_the_size_that_is_claimed(tree: Tree, roots: list[bytes]) -> None:
    for claimed in (5, 6, 7, 8, 9):  # as 3, its third leaf could have the hash of the last two
        with pytest.raises(BadSchema):
            verify_consistency(2, claimed, roots[2], roots[4], tree.consistency(2, 4))
    for claimed in (1, 3, 4):
        with pytest.raises(BadSchema):
            verify_inclusion(LEAVES[0], 0, claimed, tree.inclusion(0, 2), roots[2])


def note_of(signer: MakeSigner, size: int = 3) -> str:
    return checkpoint.sign_checkpoint(Checkpoint(ORIGIN, size, LEAVES[0]), signer("store"))


def keys_of(signer: MakeSigner, *names: str) -> dict[str, Any]:
    return {name: signer(name).public_key for name in names}


def test_cosigned_notes_name_their_witnesses_and_stay_the_stores(signer: MakeSigner) -> None:
    note = note_of(signer)
    for name, time_s in (("w-b", 20), ("w-a", 10), ("w-b", 30)):
        note = checkpoint.cosign(note, name, signer(name), time_s)
    lines = note.splitlines()
    assert [line.split(" ")[1] for line in lines[4:]] == [
        ORIGIN, "hallward/c/witness/w-a", "hallward/c/witness/w-b",
    ]  # fmt: skip
    assert checkpoint.verify_checkpoint(note, ORIGIN, signer("store").public_key).size == 3
    assert checkpoint.cosigners(note, CONGRESS, keys_of(signer, "w-a", "w-b")) == {"w-a": 10, "w-b": 30}
    assert checkpoint.cosigners(note, CONGRESS, keys_of(signer, "w-b", "w-c")) == {"w-b": 30}
    assert checkpoint.cosigners(note, CongressId("d"), keys_of(signer, "w-a", "w-b")) == {}
    assert checkpoint.cosigners(note, CONGRESS, {"w-a": signer("w-c").public_key}) == {}


def test_a_cosignature_is_of_one_checkpoint_at_one_time(signer: MakeSigner) -> None:
    note, other = note_of(signer), note_of(signer, size=4)
    line = checkpoint.cosignature(note, "w-a", signer("w-a"), 10)
    moved = checkpoint.with_cosignatures(other, [line])
    key = keys_of(signer, "w-a")
    with pytest.raises(BadSignature):
        checkpoint.cosigners(moved, CONGRESS, key)
    later = checkpoint.cosignature(note, "w-a", signer("w-a"), 11)
    with pytest.raises(BadSchema, match="two cosignatures"):
        checkpoint.cosigners(f"{note}{line}\n{later}\n", CONGRESS, key)
    for time_s in (0, -1, 2**53):
        with pytest.raises(BadSchema):
            checkpoint.cosignature(note, "w-a", signer("w-a"), time_s)


def test_the_store_cannot_pass_for_a_witness_nor_a_witness_for_the_store(signer: MakeSigner) -> None:
    note = note_of(signer)
    own_line = note.splitlines()[-1]
    named = own_line.replace(ORIGIN, "hallward/c/witness/store")
    assert checkpoint.cosigners(f"{note}{named}\n", CONGRESS, keys_of(signer, "store")) == {}
    line = checkpoint.cosignature(note, "w-a", signer("w-a"), 10)
    body = note.rpartition(own_line)[0]
    with pytest.raises(BadSignature):
        checkpoint.verify_checkpoint(f"{body}{line}\n", ORIGIN, signer("w-a").public_key)
    with pytest.raises(BadSchema, match="not signed by its log"):
        checkpoint.with_cosignatures(f"{body}{line}\n", [])


@given(st.data())
def test_a_damaged_cosigned_note_is_refused_or_says_the_same(signer: MakeSigner, data: Any) -> None:
    note = checkpoint.cosign(note_of(signer), "w-a", signer("w-a"), 10)
    at = data.draw(st.integers(0, len(note) - 1))
    letter = data.draw(st.sampled_from("Aa0 /\n\u2014é\ud800"))
    damaged = note[:at] + letter + note[at + 1 :]
    try:
        found = checkpoint.verify_checkpoint(damaged, ORIGIN, signer("store").public_key)
        cosigners = checkpoint.cosigners(damaged, CONGRESS, keys_of(signer, "w-a"))
    except RecordRejected:
        return
    assert found == Checkpoint(ORIGIN, 3, LEAVES[0])
    assert cosigners in ({}, {"w-a": 10})


@pytest.mark.parametrize(
    "damage", ["", "\n\n", "a\n1\nAA==\n\n", "x" * 8193, "a\n1\nAA==\n\n— a\n", "a\n" * 4]
)
def test_whatever_a_note_is_reading_it_gives_a_reason(signer: MakeSigner, damage: str) -> None:
    with pytest.raises(RecordRejected):
        checkpoint.cosigners(damage, CONGRESS, keys_of(signer, "w-a"))
    with pytest.raises(RecordRejected):
        checkpoint.cosign(damage, "w-a", signer("w-a"), 10)


def test_thirty_two_witnesses_fit_a_note(signer: MakeSigner) -> None:
    origin = f"hallward/{'c' * 32}/{'h' * 32}/{'0' * 32}"
    note = checkpoint.sign_checkpoint(Checkpoint(origin, 2**53 - 1, LEAVES[0]), signer("store"))
    names = [f"{number:032}" for number in range(32)]
    lines = [checkpoint.cosignature(note, name, signer(name), 10) for name in names]
    full = checkpoint.with_cosignatures(note, lines)
    assert checkpoint.cosigners(full, CongressId("c" * 32), keys_of(signer, *names)).keys() == set(names)


@pytest.mark.parametrize("size", ["9007199254740992", "9999999999999999", "10000000000000000"])
def test_a_size_that_no_log_can_have_is_refused(signer: MakeSigner, size: str) -> None:
    note = checkpoint.sign_checkpoint(Checkpoint(ORIGIN, int(size), LEAVES[0]), signer("store"))
    with pytest.raises(BadSchema):
        checkpoint.verify_checkpoint(note, ORIGIN, signer("store").public_key)
