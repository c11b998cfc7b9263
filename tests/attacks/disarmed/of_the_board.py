"""Defences of ballots, signatures and the board."""

from typing import Final

from tests.attacks.disarmed.defence import Defence

_SIGNED_BY_NOBODY: Final = (
    "entries-nobody-may-sign forged-receipt false-witness documents-by-the-fleet bind-made-by-the-fleet "
    "broker-sends-upwards mutable-envelope signature-for-another-purpose second-form-of-a-signature "
    "close-not-of-the-chair witness-signs-one-tally closed-record-unwitnessed "
    "foreign-key-or-manifest-at-the-unit forged-down-messages "
    "stolen-database-signs-nothing forged-close-at-the-unit"
)
_UNPROVED: Final = (
    "two-in-one over-limit under-limit negative moved-ballot another-shape pieces-of-two-ballots "
    "one-bit-of-every-byte known-answers junk-copy-first moved-between-seats moved-between-rounds"
)
_TOO_FEW: Final = (
    "bind-made-by-the-fleet documents-by-the-fleet close-not-of-the-chair missing-trustee "
    "manifest-changed foreign-key-or-manifest-at-the-unit"
)

BOARD: Final = (
    # the ballot
    Defence(
        "weak-fiat-shamir",
        "ballot/proofs.py",
        "list(ciphertexts), list(commitments)",
        "[], list(commitments)",
    ),
    Defence(_UNPROVED, "ballot/verify.py", "commitments) != challenge:", "commitments) == -1:"),
    Defence("identity-points", "ballot/group.py", "is_point(point) and point != IDENTITY", "is_point(point)"),
    Defence("non-canonical-encodings", "ballot/adapters/libsodium.py", " and data[-1] < 0x80", ""),
    Defence("type-confusion", "ballot/verify.py", "if type(value) is not int or not least", "if not least"),
    Defence(
        "lists-of-another-length", "ballot/verify.py", "is not list or len(value) != length", "is not list"
    ),
    Defence("shapes-that-give-votes-away", "ballot/shape.py", "if not 1 <= lo <= k:", "if lo < 0:"),
    Defence("one-seed-two-ballots", "ballot/prove.py", "generation, seq, chosen)", "generation, seq)"),
    Defence("seed-of-another-length", "ballot/prove.py", "if len(seed) != SEED_BYTES:", "if len(seed) < 0:"),
    Defence("ground-seed", "ballot/seeds.py", 'h64("seed", local, nonce, ', 'h64("seed", local, '),
    Defence(
        "length-and-work-tell-the-choice",
        "ballot/prove.py",
        "in (true, *(branch for branch in branches if branch != true)):",
        "in branches:",
    ),
    Defence("twin-under-one-code", "ballot/seeds.py", "CODE_SYMBOLS: Final = 12", "CODE_SYMBOLS: Final = 2"),
    # signatures
    Defence(
        _SIGNED_BY_NOBODY,
        "wire/keys.py",
        "except BadSignatureError:\n                raise",
        "except BadSignatureError:\n                return\n                raise",
    ),
    Defence("second-form-of-a-signature", "wire/keys.py", "0 < s <= _P256_ORDER // 2", "0 < s < _P256_ORDER"),
    Defence("mutable-envelope", "wire/envelope.py", " or parts[1] != {} or type(parts[1]) is not dict:", ":"),
    Defence(
        "signature-for-another-purpose",
        "wire/envelope.py",
        "+ cbor.encode(purpose.aad)",
        '+ cbor.encode(b"")',
    ),
    Defence(
        _TOO_FEW,
        "ballot/documents/document.py",
        "for lack in lacking(document.kind, names, charter):",
        "for lack in ():",
    ),
    # the board
    Defence(
        "speaks-for-another-voter", "wire/board.py", "if kid_of(voter) != verified.signer:", "if not voter:"
    ),
    Defence(
        "swap-after-a-cast second-vote",
        "ballot/board/contest.py",
        'return "already-cast" if voter.casts and not self.course.revote else None',
        "return None",
    ),
    Defence(
        "old-unit-returns",
        "ballot/board/contest.py",
        "if entry.generation != voter.generation or key != voter.key:",
        "if key is None:",
    ),
    Defence(
        "spare-repeats-a-seq",
        "ballot/board/chain.py",
        "self.n == 0 and (seq == 1 if generation == 0 else seq > used)",
        "self.n == 0",
    ),
    Defence(
        "bind-out-of-order",
        "ballot/board/course.py",
        "if bind.generation != voter.generation + 1:",
        "if not bind:",
    ),
    Defence("copied-ballot", "ballot/board/contest.py", 'code = "copied"', "code = None"),
    Defence(
        "moved-between-rounds",
        "ballot/board/contest.py",
        "if (entry.congress, entry.contest) != (self.course.congress, self.id):",
        "if not entry:",
    ),
    Defence(
        "replay",
        "ballot/board/contest.py",
        "            return Repeat(entry_hash, *self._answered[entry_hash])\n        try:",
        "            pass\n        try:",
    ),
    Defence(
        "dropped-or-reordered-entry dropped-checked dropped-revote-and-end",
        "ballot/board/contest.py",
        "if not chain.follows(entry):",
        "if not chain:",
    ),
    Defence(
        "flood-of-refusals",
        "ballot/board/contest.py",
        "if voter.refusals >= REFUSALS_MAX:",
        "if voter.refusals < 0:",
    ),
    Defence(
        "twin-is-cast",
        "ballot/board/contest.py",
        "if hash_of(body.body) != chain.pending.body_hash:",
        "if not body.body:",
    ),
    Defence(
        "cast-without-prepared cast-after-checked reboot-at-the-check",
        "ballot/board/contest.py",
        'return "not-prepared"\n        if hash_of',
        "return None\n        if hash_of",
    ),
    Defence(
        "checked-after-cast reboot-at-the-check",
        "ballot/board/contest.py",
        'return "already-cast" if body.seq in chain.cast else "not-prepared"',
        "return None",
    ),
    Defence(
        "ninth-prepared", "ballot/board/contest.py", "PREPARED_MAX: Final = 8", "PREPARED_MAX: Final = 99"
    ),
    Defence(
        "check-of-another-seed",
        "ballot/board/work.py",
        "if hash_of(body) == work.body_hash else",
        "if body else",
    ),
    Defence(
        "local-chosen-after-the-beacon",
        "ballot/board/contest.py",
        "if committed.value != commitment(voter.ref, self.id, body.seq, body.local):",
        "if not committed.value:",
    ),
    Defence(
        "out-of-time",
        "ballot/board/contest.py",
        'return "after-close" if course.closed is not None or course.cancelled is not None else None',
        "return None",
    ),
    Defence(
        "ghost-revote",
        "ballot/board/voter.py",
        "max(self.casts, key=lambda cast: (cast.generation, cast.seq), default=None)",
        "next(iter(self.casts), None)",
    ),
)
