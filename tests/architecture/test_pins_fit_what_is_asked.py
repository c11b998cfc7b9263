"""The pinned versions are those that pyproject.toml asks for, and stay when they are pinned again."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts import requirements
from scripts.requirements import MACHINES, PYTHONS, ROLES, ROOT, Pins

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]


def asked_for(extra: str, python: str) -> list[Requirement]:
    """What pyproject.toml wants for an extra, the extras that it names included, on one Python."""
    found = []
    for text in (*PROJECT["dependencies"], *EXTRAS[extra]):
        requirement = Requirement(text)
        if requirement.name == PROJECT["name"]:
            found += [wanted for inner in requirement.extras for wanted in asked_for(inner, python)]
        elif requirement.marker is None or requirement.marker.evaluate({"python_version": python}):
            found.append(requirement)
    return found


def pinned(role: str, tag: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{role}-{tag}.txt").read_text(encoding="ascii")
    return dict(re.findall(r"^([^\s=]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("tag", PYTHONS)
@pytest.mark.parametrize("role", [*ROLES, "dev"])
def test_every_pin_is_within_the_bounds(role: str, tag: str) -> None:
    pins = pinned(role, tag)
    wanted = asked_for(role, PYTHONS[tag])
    assert len(wanted) >= len(PROJECT["dependencies"])
    assert not [
        f"{requirement} and {pins.get(canonicalize_name(requirement.name), 'nothing')}"
        for requirement in wanted
        if not requirement.specifier.contains(
            pins.get(canonicalize_name(requirement.name), "0"), prereleases=True
        )
    ]


def test_every_extra_is_pinned_but_the_camera_that_comes_with_the_system() -> None:
    assert set(EXTRAS) == {*ROLES, "dev", "camera"}
    assert not [
        file.name for file in requirements.FOLDER.glob("*.txt") if "picamera2" in file.read_text("ascii")
    ]


@pytest.mark.parametrize(("words", "kept"), [([], True), (["--upgrade"], False)])
def test_what_is_pinned_is_preferred_unless_an_upgrade_is_asked_for(
    words: list[str], kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path | None] = []

    def resolve(
        _arguments: Sequence[str], _python: str, _machine: str, preferred: Path | None, _scratch: Path
    ) -> Pins:
        seen.append(preferred)
        return {"a==1": " \\\n    --hash=sha256:0"}

    monkeypatch.setattr(requirements, "FOLDER", tmp_path)
    monkeypatch.setattr(requirements, "resolve", resolve)
    (tmp_path / "gate-py311.txt").write_text("a==1 \\\n    --hash=sha256:0\n", encoding="ascii")
    assert requirements.main(words) == 0
    assert seen.count(tmp_path / "gate-py311.txt") == len(MACHINES) * kept
    assert set(seen) <= {None, tmp_path / "gate-py311.txt"}


def test_a_pin_of_one_machine_says_so_and_keeps_its_hashes() -> None:
    text = "b==2 \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\n"
    pins = requirements.parsed(text)
    assert requirements.merged(dict.fromkeys(MACHINES, pins)) == text
    assert requirements.merged({"x86_64": pins, "aarch64": {}}) == text.replace(
        "b==2", 'b==2 ; platform_machine == "x86_64"'
    )
