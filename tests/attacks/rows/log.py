"""Witnesses of two logs, and signatures that are not in their one form."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from officers.witness.state import load
from officers.witness.witness import Witness
from tests.attacks.row import ACCEPTED, Rows, codes, honest, refusal
from tests.attacks.rows.receipts import DESK_SIGNER, STORE_SIGNER, cast, noted, witness_in
from tests.ballot.board.election import (
    CHARTER,
    CLOSED_S,
    CONGRESS,
    HALL,
    STORE_ID,
    WITNESSES,
    signer,
)
from tests.officers.tally.trustee import Script
from verifier import verify
from wire import cbor
from wire.checkpoint import cosign, cosigners, origin, verify_checkpoint
from wire.envelope import Purpose, seal
from wire.envelope import verify as verify_envelope
from wire.ids import STORE, StoreId
from wire.keys import Alg, PublicKey, public_key
from wire.merkle import Tree, leaf_hash
from wire.signers import Es256Signer

ROWS = Rows()


# -- witnesses -------------------------------------------------------------------------------------------


@ROWS.attack(
    "issue; hv1 14",
    "fleet with the store's key",
    "has a witness sign two logs: a fork at one size, a larger one or the close, a rollback, a new store id",
    by="officers.witness.step.step",
    said="not signed",
)
def witness_signs_two_logs() -> str:
    def tree(size: int, history: str = "a") -> Tree:
        return Tree(leaf_hash(f"{history}{index}".encode()) for index in range(size))

    with tempfile.TemporaryDirectory() as name:
        one = witness_in(Path(name))
        honest(one.cosign(HALL, noted(tree(9)), []), "the first is signed")
        lies: list[tuple[str, Sequence[bytes]]] = [
            (noted(tree(9, "b")), []),
            (noted(tree(12, "b")), tree(12, "b").consistency(9)),
            (noted(tree(12, "b")), tree(12).consistency(9)),
            (noted(tree(12)), []),
            (noted(tree(12)), [bytes(32)] * 40),
            (noted(tree(5)), []),
            (noted(tree(5, "c"), store_id=StoreId(bytes(16))), []),
        ]
        found = [one.cosign(HALL, *lie) for lie in lies]
        again = witness_in(Path(name))  # the same, killed and started again
        found += [again.cosign(HALL, *lie) for lie in lies]
        honest(again.cosign(HALL, noted(tree(12)), tree(12).consistency(9)), "the true log goes on")
    return ACCEPTED if any(found) else "not signed"


@ROWS.attack(
    "issue; hv1 14",
    "stolen broker, anyone",
    "offers a witness a checkpoint that the hall's store did not sign, or the store's key exchanged",
    by="officers.witness.witness.Witness.cosign",
    said="bad-note, other-store-key",
)
def checkpoint_of_another_key() -> str:
    tree = Tree([leaf_hash(b"1")])
    with tempfile.TemporaryDirectory() as name:
        one = witness_in(Path(name))
        found = [refusal(lambda: one.cosign(HALL, noted(tree, DESK_SIGNER), []))]
        found.append(refusal(lambda: one.cosign(HALL, "hallward/c1/hall-1/zz\n1\n\n\n", [])))
        return codes([*found, refusal(lambda: one.knows(HALL, DESK_SIGNER.public_key.raw))])


@ROWS.attack(
    "hv1 14",
    "fleet",
    "has an outsider, or one witness in another's name, sign as a witness",
    by="wire.checkpoint.cosigners",
    said="bad-schema, bad-signature, no witness, not-a-witness",
)
def false_witness() -> str:
    note = noted(Tree([leaf_hash(b"1")]))
    keys = {name: signer(name).public_key for name in WITNESSES}
    stranger = cosign(note, "w-stranger", signer("w-stranger"), CLOSED_S)
    inside = cosign(note, "w-inside", signer("w-inside"), CLOSED_S)
    line = inside.splitlines()[-1]
    later = inside.replace(line, line[:-60] + ("A" if line[-60] != "A" else "B") + line[-59:])
    found = [refusal(lambda: cosigners(later, CONGRESS, keys))]
    found.append(refusal(lambda: cosigners(inside + line + "\n", CONGRESS, keys)))
    with tempfile.TemporaryDirectory() as name:
        found.append(
            refusal(
                lambda: Witness(CHARTER, "w-press", signer("desk"), load(Path(name)), Script(), lambda: 1)
            )
        )
    return codes([*found, "no witness" if cosigners(stranger, CONGRESS, keys) == {} else ACCEPTED])


# -- hv1 23 ----------------------------------------------------------------------------------------------


def everywhere(envelope: bytes, kid: str, key: PublicKey, purpose: Purpose = Purpose.RECORD) -> str:
    """Ours and the observers' verifier, who must both refuse."""
    mine = refusal(lambda: verify_envelope(envelope, purpose, kid, key))
    try:
        read = verify.read_envelope(0, envelope)
        good = read.kid == kid and verify.ed25519(key.raw, read.message, read.signature)
    except verify.Bad:
        good = False
    if (mine == ACCEPTED) != good:
        return f"DISAGREE: {mine} / {good}"
    return mine


ED_ORDER = 2**252 + 27742317777372353535851937790883648493
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@ROWS.attack(
    "hv1 23",
    "fleet, broker",
    "changes a leaf without breaking its signature: headers outside, a tag, bytes behind, a longer head",
    by="wire.envelope.verify",
    said="bad-encoding, bad-schema, bad-signature, unknown-signer",
)
def mutable_envelope() -> str:
    key = STORE_SIGNER.public_key
    good = seal(b"payload", Purpose.RECORD, STORE_SIGNER)
    honest(everywhere(good, STORE, key) == ACCEPTED, "as it was signed")
    protected, unprotected, payload, signature = cbor.decode(good, 1000)
    head = cbor.decode(protected, 64)
    mutants = [
        cbor.encode([protected, {5: 1}, payload, signature]),
        b"\xd2" + good,
        good + b"\0",
        good[:1] + b"\x58" + bytes([len(protected)]) + good[2:] if len(protected) < 24 else good[:-1],
        cbor.encode([cbor.encode({**head, 5: 1}), unprotected, payload, signature]),
        cbor.encode([cbor.encode({1: head[1], 4: b"desk"}), unprotected, payload, signature]),
        cbor.encode([protected, unprotected, payload, signature, None]),
        cbor.encode([protected, unprotected, payload + b"\0", signature]),
    ]
    return codes(everywhere(mutant, STORE, key) for mutant in mutants)


@ROWS.attack(
    "hv1 23",
    "fleet, unit",
    "writes a signature in a second form: S + L, R of small order, high s of ES256, or under a weak key",
    by="wire.keys.PublicKey.verify",
    said="bad-schema, bad-signature",
)
def second_form_of_a_signature() -> str:
    key = STORE_SIGNER.public_key
    good = seal(b"payload", Purpose.RECORD, STORE_SIGNER)
    chip = Es256Signer("keypad-2", ec.derive_private_key(2**200 + 7, ec.SECP256R1()))
    other = seal(b"payload", Purpose.RECORD, chip)

    def ours(envelope: bytes) -> str:
        return refusal(lambda: verify_envelope(envelope, Purpose.RECORD, "keypad-2", chip.public_key))

    def changed(envelope: bytes, signature: bytes) -> bytes:
        return envelope[:-64] + signature

    honest(ours(other) == ACCEPTED, "a chip's own")
    r, s = good[-64:-32], int.from_bytes(good[-32:], "little")
    high = (P256_ORDER - int.from_bytes(other[-32:], "big")).to_bytes(32, "big")
    found = [everywhere(changed(good, r + (s + ED_ORDER).to_bytes(32, "little")), STORE, key)]
    found.append(ours(changed(other, other[-64:-32] + high)))
    for point in (bytes(32), b"\1" + bytes(31), (2**255 - 20).to_bytes(32, "little")):
        found.append(everywhere(changed(good, point + good[-32:]), STORE, key))
        found.append(everywhere(changed(good, point + bytes(32)), STORE, PublicKey(Alg.EDDSA, point)))
        found.append(refusal(lambda point=point: public_key(Alg.EDDSA, point)))  # type: ignore[misc]
    return codes(found)


@ROWS.attack(
    "hv1 23; issue",
    "fleet",
    "uses a signature of one purpose for another, or for another congress's log",
    by="wire.envelope.verify",
    said="bad-signature, unknown-signer",
)
def signature_for_another_purpose() -> str:
    election, unit, entry = cast()
    key = unit.signer.public_key
    found = [refusal(lambda: verify_envelope(entry, Purpose.RECORD, unit.signer.kid, key))]
    found.append(refusal(lambda: verify_envelope(entry, Purpose.CARRIED, unit.signer.kid, key)))
    note = noted(election.tree)
    elsewhere = origin(CONGRESS, type(HALL)("hall-2"), STORE_ID)
    return codes([*found, refusal(lambda: verify_checkpoint(note, elsewhere, STORE_SIGNER.public_key))])
