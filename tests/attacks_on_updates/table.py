"""All rows of the table, by attacker, in the order in which they are printed."""

from typing import Final

from tests.attacks_on_updates.row import Attack
from tests.attacks_on_updates.rows import bundles, clocks, network, officers, online, patches

SUBJECTS: Final[dict[str, list[Attack]]] = {
    "The network": [*network.ROWS, *patches.ROWS],
    "Time": clocks.ROWS,
    "The fleet's keys": [*online.IMAGE_ROWS, *online.DIRECTOR_ROWS],
    "The officers' keys": officers.ROWS,
    "What was signed": bundles.ROWS,
}
ATTACKS: Final = [attack for rows in SUBJECTS.values() for attack in rows]
