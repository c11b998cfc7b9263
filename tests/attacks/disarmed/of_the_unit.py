"""Defences of the unit."""

from typing import Final

from tests.attacks.disarmed.defence import Defence

UNIT: Final = (
    # the unit
    Defence(
        "foreign-key-or-manifest-at-the-unit",
        "edge/ballot_keypad/secret/trust.py",
        "            raise Refused(faults[0])\n        kept",
        "            pass\n        kept",
    ),
    Defence(
        "manifest-changed-after-opening",
        "edge/ballot_keypad/secret/trust.py",
        "if is_fixed and papers.manifest is not None and",
        "if not is_fixed and papers.manifest is not None and",
    ),
    Defence(
        "forged-line-of-the-roll",
        "edge/ballot_keypad/secret/trust.py",
        "if row.session_key != session_key:",
        "if not session_key:",
    ),
    Defence(
        "old-unit-knows-that-it-is-replaced",
        "edge/ballot_keypad/secret/trust.py",
        " if bind.session_key == session_key else None",
        " if not bind.session_key else papers.row",
    ),
    Defence(
        "killed-between-draw-and-cast power-cut-at-the-code",
        "edge/ballot_keypad/secret/question.py",
        "return bool(memory.body)",
        "return True",
    ),
    Defence(
        "disk-image-of-a-unit",
        "edge/ballot_keypad/secret/effects.py",
        "return replace(kept, way_kind=Checked.kind, ",
        "return replace(kept, way=envelope, way_kind=Checked.kind, ",
    ),
    Defence(
        "power-cut-at-the-code",
        "edge/ballot_keypad/secret/effects.py",
        "kept, was_lost=True)",
        "kept, was_lost=False)",
    ),
    Defence(
        "messages-tell-the-choice",
        "edge/ballot_keypad/secret/pace.py",
        "return origin_ms + ((now_ms - origin_ms) // grid_ms + 1) * grid_ms",
        "return now_ms",
    ),
    Defence(
        "choice-beside-the-code",
        "edge/ballot_keypad/display/page.py",
        "if (self.large or self.qr) and self.code:",
        "if not self:",
    ),
    Defence(
        "code-before-the-receipt",
        "edge/ballot_keypad/secret/question.py",
        "if self.state is not State.CODE or context is None:",
        "if context is None:",
    ),
    Defence(
        "unit-dodges-no-check",
        "edge/ballot_keypad/secret/question.py",
        "return bool(memory.way)",
        "return True",
    ),
    Defence(
        "recorded-without-a-leaf receipt-without-a-leaf one-index-for-two-units code-before-the-receipt",
        "edge/ballot_keypad/secret/answer.py",
        "    verify_inclusion(leaf_hash(leaf), answer.index, point.size, _hashes(answer.path), point.root)\n",
        "",
    ),
    Defence(
        "fork-for-one-unit one-index-for-two-units recorded-without-a-leaf",
        "edge/ballot_keypad/secret/answer.py",
        "    verify_consistency(small, large, small_root, large_root, _hashes(answer.consistency))",
        "    return",
    ),
    Defence(
        "forged-beacon",
        "edge/ballot_keypad/secret/answer.py",
        "    verify_inclusion(leaf_hash(answer.beacon), answer.beacon_index, point.size, path, point.root)",
        "    return",
    ),
    Defence(
        "forged-close-at-the-unit",
        "edge/ballot_keypad/secret/answer.py",
        "    verify_inclusion(leaf_hash(answer.closing), answer.closing_index, point.size, path, point.root)",
        "    return",
    ),
    Defence(
        "closed-record-unwitnessed",
        "edge/ballot_keypad/secret/answer.py",
        "is_seen = len(seen_by) >= who.charter.witness_quorum and any(",
        "is_seen = len(seen_by) >= 0 or any(",
    ),
    Defence(
        "late-ballot-is-said-on-the-screen",
        "edge/ballot_keypad/secret/life.py",
        "(_S.CASTING, _E.TOO_LATE): (_S.LATE,",
        "(_S.CASTING, _E.TOO_LATE): (_S.RECORDED,",
    ),
    Defence(
        "closed-by-a-notice-alone",
        "edge/ballot_keypad/secret/question.py",
        "if is_shown and not kept.is_closed and not kept.proof:",
        'if kept.notice == "closed" and not kept.is_closed:',
    ),
    Defence(
        "replayed-notices",
        "edge/ballot_keypad/secret/questions.py",
        "if notice.counter < last.counter or (",
        "if notice.counter < 0 or (",
    ),
    Defence("forged-down-messages", "wire/down.py", "and now_ms > expires_ms:", "and now_ms < 0:"),
)
