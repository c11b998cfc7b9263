"""Every attack of the table is carried out, and stopped by what must stop it (HV-1 rules 1 to 24)."""

import pkgutil
import re

import pytest

from tests.attacks.page import PAGE, written
from tests.attacks.row import Attack
from tests.attacks.table import ATTACKS, RULES

pytestmark = pytest.mark.slow


def marked(attack: Attack) -> object:
    marks = [pytest.mark.slow] if attack.slow else []
    if attack.finding:
        marks.append(pytest.mark.xfail(strict=True, reason=attack.finding))
    return pytest.param(attack, id=attack.id, marks=marks)


@pytest.mark.parametrize("attack", [marked(attack) for attack in ATTACKS])
def test_an_attack_ends_in_the_answer_of_the_table(attack: Attack) -> None:
    assert attack.carry_out() == attack.said


def test_every_rule_has_a_row() -> None:
    named = {int(number) for attack in ATTACKS for number in re.findall(r"hv1 (\d+)", attack.source)}
    assert named == set(RULES)


def test_what_stops_an_attack_is_there() -> None:
    for attack in ATTACKS:
        assert pkgutil.resolve_name(_with_colon(attack.by)), attack.id


def test_attacks_have_names_of_their_own() -> None:
    assert len({attack.id for attack in ATTACKS}) == len(ATTACKS)


def test_the_page_is_what_the_command_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == written()


def _with_colon(name: str) -> str:
    """`a.b.Class.method` -> `a.b:Class.method`: the module ends where its file does."""
    parts = name.split(".")
    for at in range(len(parts) - 1, 0, -1):
        module = PAGE.parents[1].joinpath(*parts[:at]).with_suffix(".py")
        if module.is_file():
            return f"{'.'.join(parts[:at])}:{'.'.join(parts[at:])}"
    raise AssertionError(f"{name} is no part of the product")
