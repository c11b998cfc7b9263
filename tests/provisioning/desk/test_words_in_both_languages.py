"""Every sentence of the desk stands in both languages, and whoever says it gives what it names."""

import ast
from pathlib import Path
from string import Formatter

import provisioning.desk
from provisioning.desk.words import SAY

ROOT = Path(provisioning.desk.__file__).parent
NOT_FACTS = frozenset({"status"})


def facts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_every_sentence_has_both_languages_and_names_the_same_facts() -> None:
    for key, (vi, en) in SAY.items():
        assert vi.strip(), key
        assert en.strip(), key
        assert not vi.isascii(), key
        # what a typed code lacks is said in English alone; the Vietnamese sentence says what a code is
        assert facts(vi) == facts(en) - ({"sentence"} if key == "wrong-code" else set()), key


def test_every_refusal_is_raised_with_the_facts_that_its_sentence_names() -> None:
    raised = [
        call
        for file in ROOT.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("Refused", "said")
        and isinstance(call.args[0], ast.Constant)
    ]
    assert len(raised) > 20
    for call in raised:
        assert isinstance(call.args[0], ast.Constant)
        given = {word.arg for word in call.keywords} - NOT_FACTS
        assert facts(SAY[str(call.args[0].value)][1]) == given, ast.unparse(call)
