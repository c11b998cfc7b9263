"""When a process that died is started again: a pure rule; a hall recovers by itself and never spins."""

from dataclasses import dataclass
from typing import Final

FIRST_DELAY_S: Final = 0.2
DELAY_S_MAX: Final = 10.0
STEADY_S: Final = 60.0
EXIT_CONFIG: Final = 78


@dataclass(frozen=True, slots=True)
class History:
    """deaths: in a row, without a steady life between them."""

    deaths: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """delay_s: start again after this long; None: never, somebody has to change something first."""

    history: History
    delay_s: float | None


def after_death(history: History, lived_s: float, exit_code: int) -> Verdict:
    """The first restart is nearly at once, further ones double up to DELAY_S_MAX; a steady life forgets."""
    deaths = 1 if lived_s >= STEADY_S else history.deaths + 1
    if exit_code == EXIT_CONFIG:
        return Verdict(History(deaths), None)
    return Verdict(History(deaths), min(DELAY_S_MAX, FIRST_DELAY_S * 2 ** min(deaths - 1, 10)))
