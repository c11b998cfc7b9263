"""Whoever is refused something reads why in their own language: every refusal of the fleet stands in a table
with both, and is raised with the facts that its sentences name."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Final

import pytest

import fleet
from fleet import sheet
from fleet.api import errors, faults
from fleet.api.errors import ApiError
from fleet.api.refusing import Refusals
from fleet.dashboard.rollout_words import ROLLOUT_WORDS
from fleet.dashboard.secret_words import SECRET_WORDS
from fleet.dashboard.words import WORDS
from fleet.freeze import refusals as freezing
from fleet.places import plan_words, swap_words
from fleet.votes import seat_plan_words

ROOT: Final = Path(fleet.__file__).parent
KINDS: Final = frozenset(
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, ApiError)
)
BY_RULES: Final = frozenset({"fleet.votes.refusals", "fleet.secret.refusals", "fleet.secret.following"})
"""Where a refusal of the rules of voting becomes one of the API: both sentences are the rules' own."""
OTHERWISE: Final = ("fleet.rollout", "fleet.freeze", "fleet.ddi", "fleet.updates")
"""Rollouts and the freeze have tables of their own shape (tests/fleet/rollout/test_rollouts_page.py); what
serves files is read by devices alone, which show nothing of it."""
RAISERS: Final = ("refused", "conflict")
OURS: Final = frozenset({"seats", "labels"})
"""Of whoever raises, not of the sentence."""
NOT_OF_A_BODY: Final = frozenset({"a member has 16 bytes"})
"""A mistake of ours."""


def _modules() -> Iterator[str]:
    for found in pkgutil.walk_packages(fleet.__path__, "fleet."):
        if ".migrations" not in found.name and not found.name.endswith("__main__"):
            yield found.name


ROOMS: Final[Mapping[str, Refusals]] = {
    name: module.refused
    for name in _modules()
    if name.endswith(".refusals")
    and isinstance(getattr(module := importlib.import_module(name), "refused", None), Refusals)
}
TABLES: Final = {
    **{name: room.said for name, room in ROOMS.items()},
    **{each.__name__: each.SAID for each in (faults, freezing, plan_words, seat_plan_words, sheet)},
    "fleet.places.swap_words": swap_words.WORDS,
}


def facts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def bare(sentence: str) -> str:
    """What is left of it without the facts."""
    return "".join(text for text, _, _, _ in Formatter().parse(sentence)).strip(" .:;,()")


def tree(name: str) -> ast.Module:
    path = ROOT.joinpath(*name.split(".")[1:])
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text(encoding="utf-8"))


def calls(module: ast.Module, *names: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]


def imported(module: ast.Module, *names: str) -> set[str]:
    """Modules from which this one takes one of these names."""
    return {
        node.module or ""
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and {each.name for each in node.names} & set(names)
    }


def test_the_tables_are_found() -> None:
    assert {
        f"fleet.{room}.refusals" for room in ("accounts", "api", "devices", "lane", "people", "places")
    } | {f"fleet.{room}.refusals" for room in ("secret", "sittings", "votes")} == set(ROOMS)


@pytest.mark.parametrize("table", TABLES)
def test_every_sentence_stands_in_both_languages_with_the_same_facts(table: str) -> None:
    for key, (vi, en) in TABLES[table].items():
        assert vi.strip(), key
        assert en.strip(), key
        assert facts(vi) == facts(en), key
        assert all(name.isidentifier() for name in facts(en)), key
        if bare(en):
            assert not bare(vi).isascii(), f"{key}: {vi}"
            assert bare(en).replace("“", "").replace("”", "").replace("…", "").isascii(), f"{key}: {en}"


@pytest.mark.parametrize("table", ROOMS)
def test_a_refusal_is_a_whole_sentence(table: str) -> None:
    for key, (vi, en) in ROOMS[table].said.items():
        for sentence in (vi, en):
            assert sentence.endswith((".", "}", ".)")), key
            assert sentence[0].isupper() or sentence[0] == "{" or ": " in sentence, key


def test_nothing_is_refused_but_by_a_sentence_of_a_table() -> None:
    written = [
        f"{name}: {ast.unparse(call)}"
        for name in _modules()
        if name not in BY_RULES and not name.startswith(OTHERWISE)
        for module in (tree(name),)
        if "fleet.api.errors" in imported(module, *KINDS)
        for call in calls(module, *KINDS)
    ]
    assert written == []


def test_every_refusal_is_raised_with_the_facts_that_its_sentence_names() -> None:
    raised = 0
    for name in _modules():
        module = tree(name)
        rooms = [ROOMS[each] for each in imported(module, *RAISERS) if each in ROOMS]
        if name.startswith(OTHERWISE) or name in ROOMS or not rooms:
            continue
        (room,) = rooms
        for call in calls(module, *RAISERS):
            key = call.args[0 if ast.unparse(call.func) == "conflict" else 1]
            assert isinstance(key, ast.Constant), ast.unparse(call)
            given = {word.arg for word in call.keywords} - OURS
            assert facts(room.said[str(key.value)][1]) == given, ast.unparse(call)
            raised += 1
    assert raised > 150


def test_the_own_sentences_of_bodies_are_said_in_vietnamese() -> None:
    own = [
        str(call.args[0].value)
        for name in _modules()
        if name.endswith((".routes", ".types", ".views", "_routes")) and not name.startswith(OTHERWISE)
        for call in calls(tree(name), "ValueError")
        if isinstance(call.args[0], ast.Constant)
    ]
    assert "must be base64" in own
    for sentence in set(own) - NOT_OF_A_BODY:
        told = faults.of_body(
            {"loc": ("body", "x"), "type": "value_error", "msg": f"Value error, {sentence}"}
        )
        assert told.en == f"x: {sentence}."
        assert sentence not in told.vi
        assert not told.vi.isascii()


@pytest.mark.parametrize("table", ROOMS)
def test_no_sentence_is_left_over(table: str) -> None:
    written = {
        node.value
        for name in _modules()
        if name != table
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(ROOMS[table].said) - written == set()


def test_what_a_page_says_of_itself_has_words() -> None:
    static = ROOT / "dashboard" / "static"
    said = {
        key
        for file in static.glob("*.js")
        for key in re.findall(r'word: "([a-z-]+)"', file.read_text("utf-8"))
    }
    assert {"saved", "unreachable"} <= said
    assert said <= {*WORDS, *ROLLOUT_WORDS, *SECRET_WORDS}


def test_no_page_shows_a_sentence_in_a_language_of_its_own_choice() -> None:
    """Which of both sentences is shown is decided in one place."""
    static = ROOT / "dashboard" / "static"
    shown = [
        f"{file.name}: {line.strip()}"
        for file in static.glob("*.js")
        if file.name != "server.js"
        for line in file.read_text("utf-8").splitlines()
        if re.search(r"\.sentence(_vi)?\b", line)
    ]
    assert shown == []
