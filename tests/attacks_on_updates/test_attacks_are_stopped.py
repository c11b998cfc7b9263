"""Every attack of the table ends as the table says, leaves what ran before, and the device updatable."""

import importlib
import pkgutil

import pytest

from tests.attacks_on_updates.page import PAGE, written
from tests.attacks_on_updates.row import Attack, carried_out
from tests.attacks_on_updates.table import ATTACKS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("attack", [pytest.param(attack, id=attack.id) for attack in ATTACKS])
def test_an_attack_ends_in_the_answer_of_the_table(attack: Attack) -> None:
    assert carried_out(attack).verdict == attack.said


def test_what_stops_an_attack_is_there() -> None:
    for attack in ATTACKS:
        assert pkgutil.resolve_name(_with_colon(attack.by)) is not None, attack.id


def test_attacks_have_names_of_their_own() -> None:
    assert len({attack.id for attack in ATTACKS}) == len(ATTACKS)


def test_the_page_is_what_the_command_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == written()


def _with_colon(name: str) -> str:
    """`a.b.Class.method` -> `a.b:Class.method`."""
    parts = name.split(".")
    for at in range(len(parts) - 1, 0, -1):
        try:
            importlib.import_module(".".join(parts[:at]))
        except ImportError:
            continue
        return f"{'.'.join(parts[:at])}:{'.'.join(parts[at:])}"
    raise AssertionError(f"there is no {name}")
