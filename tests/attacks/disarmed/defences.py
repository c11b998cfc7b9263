"""All defences that can be taken out. Texts that stand no more in the code are named by a run: say anew how
that defence is taken out."""

from typing import Final

from tests.attacks.disarmed.of_the_board import BOARD
from tests.attacks.disarmed.of_the_officers import OFFICERS
from tests.attacks.disarmed.of_the_unit import UNIT

DEFENCES: Final = (*BOARD, *UNIT, *OFFICERS)
