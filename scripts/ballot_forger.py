"""Ballots that lie, made by someone who knows every formula: what verifiers must refuse.

For vectors and tests. Nothing here is random: the same label makes the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ballot.context import Context
from ballot.group import BASE, IDENTITY, ORDER, Group, Scalar, scalar_bytes
from ballot.hashing import hs
from ballot.proofs import Place, challenge_of
from wire import cbor

P: Final = 2**255 - 19


class Forger:
    """Proves what it can, and answers for the rest as if it were true."""

    def __init__(self, group: Group, context: Context, place: Place, label: str) -> None:
        self._group, self._context, self._place, self._label = group, context, place, label
        self._drawn = 0

    def parts(
        self,
        plain: Sequence[int],
        blindings: Sequence[Scalar] | None = None,
        bit_255_of: Sequence[int] = (),
    ) -> list[Any]:
        """[1, v, g, seq, ciphertexts, c, proofs] of any integers. Where a sum is none of the values of its
        proof, the first branch is answered as if it were true.

        bit_255_of: 0 for the first α, 1 for the first β, to be set before the proof is made: some libraries
        ignore that bit.
        """
        drawn = list(blindings) if blindings is not None else [self._draw() for _ in plain]
        ciphertexts = [self._sealed(r, m) for r, m in zip(drawn, plain, strict=True)]
        for half in bit_255_of:
            first = bytearray(ciphertexts[0])
            first[31 + 32 * half] |= 0x80
            ciphertexts[0] = bytes(first)
        made = [
            self._proof(
                proof.values,
                sum(weight * plain[index] for index, weight in proof.terms),
                sum(weight * drawn[index] for index, weight in proof.terms) % ORDER,
            )
            for proof in self._context.shape.proofs
        ]
        c = challenge_of(self._context, self._place, ciphertexts, [proof.commitments for proof in made])
        return self._body(ciphertexts, c, [proof.answer(c) for proof in made])

    def weak(self) -> list[Any]:
        """For three options of which one is to be chosen: a ballot of (random, 1, 0). Every verifier takes it
        whose challenge leaves out the ciphertexts (weak Fiat-Shamir), which stand in it as an empty list.

        A2 of branch 0 of the first proof, and of the sum, hold t·B. Once c is known, the first plaintext is
        set to -t/c; the challenge of its other branch is 0.
        """
        group, key, t = self._group, self._context.election_key, self._draw()
        drawn = [self._draw() for _ in range(3)]
        u = [self._draw() for _ in range(3)]
        branch, other, total = (
            group.base(scalar) + group.add(group.mul(scalar, key), group.base(more))
            for scalar, more in zip(u, (t, 0, t), strict=True)
        )
        true = [self._proof((0, 1), 1, drawn[1]), self._proof((0, 1), 0, drawn[2])]
        commitments = [branch + other, *(proof.commitments for proof in true), total]
        c = challenge_of(self._context, self._place, [], commitments)
        plain = (-t * pow(c, -1, ORDER) % ORDER, 1, 0)
        ciphertexts = [self._sealed(r, m) for r, m in zip(drawn, plain, strict=True)]
        proofs = [
            scalar_bytes(c) + scalar_bytes(u[0] + c * drawn[0]) + scalar_bytes(u[1]),
            *(proof.answer(c) for proof in true),
            scalar_bytes(u[2] + c * sum(drawn)),
        ]
        return self._body(ciphertexts, c, proofs)

    def _sealed(self, r: Scalar, m: int) -> bytes:
        group = self._group
        return group.base(r) + group.add(group.mul(r, self._context.election_key), group.base(m))

    def _proof(self, values: Sequence[int], value: int, blinding: Scalar) -> "_Proof":
        group, key = self._group, self._context.election_key
        true = values.index(value) if value in values else 0
        commitments, answers = b"", []
        for branch, shown in enumerate(values):
            u, c = self._draw(), self._draw() if branch != true else 0
            commitments += group.base(u) + group.add(group.mul(u, key), group.base(c * (shown - value)))
            answers.append((u, c))
        return _Proof(commitments, blinding, true, answers)

    def _body(self, ciphertexts: list[bytes], c: Scalar, proofs: list[bytes]) -> list[Any]:
        place = self._place
        return [1, place.voter, place.generation, place.seq, ciphertexts, scalar_bytes(c), proofs]

    def _draw(self) -> Scalar:
        self._drawn += 1
        return hs("forger", self._label, self._drawn)


@dataclass(frozen=True, slots=True)
class _Proof:
    """answers: (u, c) of every branch, c 0 at the true one."""

    commitments: bytes
    blinding: Scalar
    true: int
    answers: list[tuple[Scalar, Scalar]]

    def answer(self, c: Scalar) -> bytes:
        challenges = [given for _, given in self.answers]
        challenges[self.true] = (c - sum(challenges)) % ORDER
        responses = [
            u + given * self.blinding for (u, _), given in zip(self.answers, challenges, strict=True)
        ]
        return b"".join(scalar_bytes(scalar) for scalar in (*challenges[:-1], *responses))


def alterations(honest: bytes) -> dict[str, bytes]:
    """Of a good ballot of three options: everything that is decoded, typed, sized or placed wrongly."""
    whole: list[Any] = cbor.decode(honest, len(honest))
    version, voter, generation, seq, ciphertexts, c, proofs = whole

    def made(**changed: Any) -> bytes:
        parts = {"version": version, "voter": voter, "generation": generation, "seq": seq}
        parts |= {"ciphertexts": ciphertexts, "c": c, "proofs": proofs}
        return cbor.encode(list((parts | changed).values()))

    longer, shorter = honest[:1] + b"\x18\x01" + honest[2:], honest[:-1]
    return {
        "empty": b"",
        "null": cbor.encode(None),
        "a map": cbor.encode({0: 1}),
        "cut short": shorter,
        "a byte behind it": honest + b"\x00",
        "a longer head than needed": longer,
        "an element less": cbor.encode(whole[:-1]),
        "an element more": cbor.encode([*whole, None]),
        "version 2": made(version=2),
        "version true": made(version=True),
        "another voter inside": made(voter=bytes(16)),
        "voter of 15 bytes": made(voter=voter[:-1]),
        "voter as text": made(voter="v" * 16),
        "another generation inside": made(generation=generation + 1),
        "generation false": made(generation=False),
        "generation -1": made(generation=-1),
        "another seq inside": made(seq=seq + 1),
        "seq true": made(seq=True),
        "seq 0": made(seq=0),
        "seq 2^32": made(seq=2**32),
        "a ciphertext less": made(ciphertexts=ciphertexts[:-1]),
        "a ciphertext more": made(ciphertexts=[*ciphertexts, ciphertexts[0]]),
        "a ciphertext of 63 bytes": made(ciphertexts=[ciphertexts[0][:-1], *ciphertexts[1:]]),
        "a ciphertext as array": made(ciphertexts=[list(ciphertexts[0]), *ciphertexts[1:]]),
        "ciphertexts null": made(ciphertexts=None),
        "c as array of integers": made(c=list(c)),
        "c as integer": made(c=1),
        "c of 33 bytes": made(c=c + b"\x00"),
        "a proof less": made(proofs=proofs[:-1]),
        "a proof more": made(proofs=[*proofs, proofs[-1]]),
        "a proof of 128 bytes": made(proofs=[proofs[0] + bytes(32), *proofs[1:]]),
        "a proof of 64 bytes": made(proofs=[proofs[0][:-32], *proofs[1:]]),
        "a proof null": made(proofs=[None, *proofs[1:]]),
    }


def swaps(honest: bytes) -> dict[str, bytes]:
    """Of a good ballot of three options: well typed, with numbers in it that must not be."""
    version, voter, generation, seq, ciphertexts, c, proofs = cbor.decode(honest, len(honest))
    alpha, beta = ciphertexts[0][:32], ciphertexts[0][32:]

    def made(first: bytes = ciphertexts[0], challenge: bytes = c, proof: bytes = proofs[0]) -> bytes:
        rest = [[first, *ciphertexts[1:]], challenge, [proof, *proofs[1:]]]
        return cbor.encode([version, voter, generation, seq, *rest])

    return {
        "alpha the identity": made(IDENTITY + beta),
        "beta the identity": made(alpha + IDENTITY),
        "alpha negative": made(_negative(alpha) + beta),
        "beta negative": made(alpha + _negative(beta)),
        "alpha with bit 255": made(alpha[:-1] + bytes([alpha[-1] | 0x80]) + beta),
        "alpha no point": made(b"\x01" + bytes(31) + beta),
        "beta not below p": made(alpha + (P + 2).to_bytes(32, "little")),
        "c plus the order": made(challenge=_above(c)),
        "c0 plus the order": made(proof=_above(proofs[0][:32]) + proofs[0][32:]),
        "z1 plus the order": made(proof=proofs[0][:64] + _above(proofs[0][64:])),
        "alpha and beta exchanged": made(beta + alpha),
        "one more in alpha": made(BASE + beta),
        "ciphertexts exchanged": cbor.encode(
            [version, voter, generation, seq, [ciphertexts[1], ciphertexts[0], ciphertexts[2]], c, proofs]
        ),
        "proofs exchanged": cbor.encode(
            [version, voter, generation, seq, ciphertexts, c, [proofs[1], proofs[0], *proofs[2:]]]
        ),
    }


def _negative(point: bytes) -> bytes:
    """The same element by the other square root, which is not the canonical encoding."""
    return (P - int.from_bytes(point, "little")).to_bytes(32, "little")


def _above(scalar: bytes) -> bytes:
    return (int.from_bytes(scalar, "little") + ORDER).to_bytes(32, "little")
