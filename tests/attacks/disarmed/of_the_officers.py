"""Defences of the election key, the close, the tally, witnesses, and of whoever verifies."""

from typing import Final

from tests.attacks.disarmed.defence import Defence

OFFICERS: Final = (
    # the election key
    Defence(
        "rogue-trustee-key proof-of-another-ceremony key-record-that-lies",
        "ballot/ceremony/polynomial.py",
        'return c == hs("pok", ceremony_id, i, j, point, commitment)',
        "return True",
    ),
    Defence(
        "opens-something-else",
        "ballot/ceremony/faults.py",
        "if opening.commitment != commitment:",
        "if not opening:",
    ),
    Defence(
        "bad-share-dealt",
        "ballot/ceremony/faults.py",
        "return group.base(share) == point_at(group, opening.points, to)",
        "return True",
    ),
    Defence(
        "wrong-indices",
        "ballot/ceremony/faults.py",
        "if [j for j, _ in dealing.rows] == others:",
        "if others:",
    ),
    Defence("share-at-0", "ballot/ceremony/polynomial.py", "if j < 1:", "if j < 0:"),
    Defence("two-faces", "ballot/ceremony/faults.py", "if len(bodies) > 1:", "if len(bodies) > 9:"),
    Defence(
        "two-views",
        "ballot/ceremony/ending.py",
        "return _other_record(table, own) if own.stage is Stage.RECORDED else None",
        "return None",
    ),
    Defence(
        "false-complaint",
        "ballot/ceremony/faults.py",
        "if share_is_good(group, opening, dealing, accuser, complaint.transport_key):",
        "if not opening:",
    ),
    Defence(
        "missing-trustee foreign-key-or-manifest-at-the-unit",
        "ballot/documents/document.py",
        '"key-record/1": ((Office.TRUSTEES, Quorum.ALL),)',
        '"key-record/1": ((Office.TRUSTEES, Quorum.QUORUM),)',
    ),
    Defence(
        "ceremony-begun-again",
        "ballot/ceremony/step.py",
        "_joined(trustee, table, state.leaving(), beginning, begun=True)",
        "_joined(trustee, table, state, beginning, begun=True)",
    ),
    Defence("charter-of-a-minority", "ballot/documents/charter.py", "2 <= k <= n < 2 * k", "1 <= k <= n"),
    Defence(
        "key-record-that-lies",
        "ballot/ceremony/key_record.py",
        "if record.election_key == IDENTITY or record.election_key != total:",
        "if not total:",
    ),
    Defence(
        "begins-under-another-charter",
        "ballot/ceremony/table.py",
        "if (begin.n, begin.k) != (n, k):",
        "if not begin.n:",
    ),
    Defence(
        "two-shares-on-one-machine",
        "officers/keys/sealed.py",
        "if self._owner_of.setdefault(about.ceremony, about.owner) != about.owner:",
        "if not about.owner:",
    ),
    Defence(
        "stolen-key-file",
        "officers/keys/sealed.py",
        "fields.integer(64 * 1024, 1024 * 1024),",
        "fields.integer(1, 2**22),",
    ),
    Defence(
        "same-salt-twice",
        "officers/keys/sealed.py",
        "            random(SALT_BYTES),",
        "            bytes(SALT_BYTES),",
    ),
    Defence("paper-in-a-trustees-name", "ballot/ceremony/ending.py", " or _forged(table, own)\n", "\n"),
    Defence(
        "charter-bent",
        "ballot/documents/charter.py",
        "if not any(witness.external for witness in charter.witnesses):",
        "if not charter.witnesses:",
    ),
    # close and tally
    Defence(
        "end-left-out dropped-revote-and-end",
        "ballot/board/contest.py",
        "            if voter.enabled\n",
        "            if voter.enabled is None\n",
    ),
    Defence(
        "close-of-another-log",
        "ballot/tally/objections.py",
        "if close.size > closed or root_at(close.size) != close.root:",
        "if not close:",
    ),
    Defence(
        "close-of-a-stale-log",
        "ballot/tally/objections.py",
        "if close.size <= course.opened:",
        "if close.size < 0:",
    ),
    Defence("close-kept-back-and-dated-back", "ballot/tally/objections.py", " if name in external]", "]"),
    Defence(
        "close-kept-back",
        "ballot/tally/objections.py",
        "LATE_MS_MAX: Final = 10_000",
        "LATE_MS_MAX: Final = 10_000_000",
    ),
    Defence(
        "subtotal",
        "officers/tally/decide.py",
        "if proposed is not None and proposed != tally:",
        "if proposed is not None and not tally:",
    ),
    Defence(
        "subtotal-by-shares-of-the-whole moved-share bad-share",
        "ballot/tally/shares.py",
        'if c != hs("dleq", *bound.statement(j, i, share_key, part), t1, t2):',
        "if not t1 + t2:",
    ),
    Defence("too-few-ballots", "ballot/tally/objections.py", "if counted < least:", "if counted < 0:"),
    Defence(
        "voter-twice-in-the-roll",
        "ballot/documents/roll.py",
        "if any(one >= other for one, other in pairwise(voters)):",
        "if any(one > other for one, other in pairwise(voters)):",
    ),
    Defence(
        "second-tally two-quorums",
        "officers/tally/decide.py",
        "if signed_before(memories, tally.key_record_hash, contest.id) - {tally.hash}:",
        "if not tally.hash:",
    ),
    Defence(
        "both-places-restored",
        "officers/tally/decide.py",
        "if {signed.hash for signed in contest.course.tallies} - {tally.hash}:",
        "if not tally.hash:",
    ),
    Defence(
        "truncated-or-forked-board",
        "officers/tally/decide.py",
        "if not head.is_witnessed(reading.board.charter):",
        "if not head.root:",
    ),
    Defence(
        "shares-before-the-tally",
        "officers/tally/decide.py",
        "if signed.leaf >= head.size:",
        "if signed.leaf < 0:",
    ),
    Defence(
        "cancelled-contest",
        "ballot/tally/objections.py",
        "if course.cancelled is not None:",
        "if not course:",
    ),
    Defence(
        "witness-signs-one-tally",
        "officers/witness/witness.py",
        "if self.state.tallies.get(about, tally.hash) != tally.hash:",
        "if not tally.hash:",
    ),
    Defence(
        "stuck-randomness",
        "ballot/tally/shares.py",
        'h64("dleqnonce", scalar_bytes(secret), rand, *said)',
        'h64("dleqnonce", scalar_bytes(secret), rand)',
    ),
    Defence("fewer-than-k-shares", "ballot/tally/shares.py", "if len(rows_of) < k:", "if len(rows_of) < 0:"),
    Defence(
        "foreign-keys-at-the-desk",
        "officers/tally/acts.py",
        "if desk.group.base(secret) != share_key(desk.group, record, number):",
        "if not secret:",
    ),
    Defence(
        "election-of-its-own",
        "officers/tally/reading.py",
        "if header.charter is not None and header.charter != charter.encode():",
        "if header.charter == b'':",
    ),
    # the log
    Defence(
        "witness-signs-two-logs one-index-for-two-units",
        "officers/witness/step.py",
        "Answer.COSIGN if offered.root == state.root else Answer.FORK",
        "Answer.COSIGN",
    ),
    Defence(
        "checkpoint-of-another-key",
        "officers/witness/witness.py",
        "if known is not None and known.store_key != store_key:",
        "if known is not None and not store_key:",
    ),
    Defence(
        "false-witness",
        "officers/witness/witness.py",
        "if not known or known[0].key != self.signer.public_key.raw:",
        "if not known:",
    ),
    # the observers' verifier
    Defence(
        "invented-election record-taken-out log-cut-off altered-leaves another-result "
        "close-nobody-outside-saw verifier-under-o",
        "verifier/verify.py",
        "            self.faults.append(Fault(",
        "            (Fault(",
    ),
    Defence(
        "lists-of-another-length altered-leaves close-nobody-outside-saw",
        "verifier/verify.py",
        "    if not holds:\n        raise Bad(sentence)",
        "    assert True, sentence",
    ),
    Defence("witness-inside-dates-back", "verifier/verify.py", " if who in c.charter.external]", "]"),
    Defence(
        "without-the-minutes",
        "verifier/verify.py",
        "None not in {pinned.charter, pinned.root, pinned.size}",
        "True",
    ),
)
