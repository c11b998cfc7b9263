"""What is put to the vote does not change under the people who vote on it: while a sitting is frozen, a
question keeps the text under which this unit has met it first (DESIGN §9).

The desk itself could say another one, by mistake or with a stolen key. Then the unit shows the text that it
knows, takes no choice on it, and says so; that a question is held, closed or certified it obeys all the same.
"""

import hashlib
import logging
from dataclasses import replace
from typing import Final

from edge.device.errors import StoreError
from edge.device.runtime import DeviceRuntime
from wire import cbor
from wire.down import BallotNotice
from wire.ids import SittingId
from wire.records import Alarm

TEXTS: Final = "keypad/texts"
"""Name of the kept value: the sitting, and (question, text) of those met in it."""
QUESTIONS_MAX: Final = 100
_BYTES_MAX: Final = 128 * 1024
_TAKES_CHOICES: Final = ("prepared", "open")
_log: Final = logging.getLogger("hallward.keypad")


class FrozenTexts:
    """Of the sitting that is frozen. It outlives restarts."""

    def __init__(self, runtime: DeviceRuntime) -> None:
        self._runtime = runtime
        kept = runtime.outbox.value(TEXTS)
        sitting, texts = cbor.decode(kept, _BYTES_MAX) if kept is not None else ("", [])
        self._sitting: SittingId = SittingId(sitting)
        self._texts: dict[str, str] = dict(texts)

    def checked(self, notice: BallotNotice) -> BallotNotice:
        """The notice as it may be shown and obeyed."""
        if self._runtime.lease.sitting != notice.sitting:
            return notice
        if notice.sitting != self._sitting:
            self._sitting, self._texts = notice.sitting, {}
        known = self._texts.get(notice.question)
        if known == notice.text:
            return notice
        if known is None or not self._runtime.is_frozen:
            self._learn(notice)
            return notice
        digest = hashlib.sha256(notice.text.encode()).hexdigest()[:16]
        self._runtime.alarm(Alarm("question-text-changed", f"{notice.question}: refused the text {digest}"))
        state = "held" if notice.state in _TAKES_CHOICES else notice.state
        return replace(notice, text=known, state=state)

    def _learn(self, notice: BallotNotice) -> None:
        self._texts[notice.question] = notice.text
        while len(self._texts) > QUESTIONS_MAX:
            del self._texts[next(iter(self._texts))]
        try:
            self._runtime.outbox.keep(
                {TEXTS: cbor.encode([self._sitting, [*map(list, self._texts.items())]])}
            )
        except StoreError as err:
            _log.error("%s", err.diagnostics())  # it holds until the next start
