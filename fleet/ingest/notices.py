"""Says each thing once: to the log when it begins, and when it is over. The thousandth forged record is
only counted.
"""

import logging
from typing import Final

SUBJECTS_MAX: Final = 500

log: Final = logging.getLogger("hallward.ingest")


class Notices:
    """subject: what the sentence is about. Beyond SUBJECTS_MAX subjects nothing new is said until one is
    over.
    """

    def __init__(self) -> None:
        self._said: set[str] = set()

    def say(self, subject: str, sentence: str) -> None:
        if subject not in self._said and len(self._said) < SUBJECTS_MAX:
            self._said.add(subject)
            log.warning("%s", sentence)

    def over(self, subject: str, sentence: str) -> None:
        """Say that it is over, if it was said to have begun."""
        if subject in self._said:
            self._said.remove(subject)
            log.info("%s", sentence)
