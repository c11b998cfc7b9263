"""The folder that `balena push` builds a fleet from: the compose file and, beside it, what that kind needs.

The builder sends the whole folder away, and compose may not reach above it. So the sources are copied into
it: a keypad's image holds no gate, no fleet and no test, and nothing that somebody left in the working tree.
"""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from provisioning.errors import ConfigError

TEMPLATES: Final = Path(__file__).with_name("templates")
ROOT: Final = Path(__file__).resolve().parents[3]
PROGRAMS: Final = {"keypad": "edge/ballot_keypad", "gate": "edge/rollcall_gate"}
KINDS: Final = tuple(PROGRAMS)
_SHARED: Final = ("ballot", "durable", "edge/device", "wire")
_KEPT: Final = (".py", ".toml", ".json", ".md", ".service")
_NEVER: Final = ("__pycache__", "vectors")


def write_project(
    folder: Path, kind: str, root: Path = ROOT, update_roots: Mapping[str, bytes] | None = None
) -> None:
    """Whole or not at all; a project written earlier is replaced. root: of the repository. update_roots: by
    name of the file; None: its devices have updates from nobody but balena.

    Raises ConfigError when the folder holds something else, or the program was installed without its sources.
    """
    if folder.exists() and any(folder.iterdir()) and not _is_ours(folder):
        raise ConfigError(f"{folder} holds something else: name a folder that is empty or not there")
    scratch = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        for target, source in _files(kind, root):
            path = scratch / target
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, path)
        for name, content in (update_roots or {}).items():
            (scratch / kind / name).write_bytes(content)
        if folder.exists():
            shutil.rmtree(folder)
        scratch.rename(folder)
    except OSError as err:
        shutil.rmtree(scratch, ignore_errors=True)
        raise ConfigError(
            f"{folder} cannot be written: {err.strerror}, {err.filename}; this needs the whole repository"
        ) from err


def _is_ours(folder: Path) -> bool:
    names = {path.name for path in folder.iterdir()}
    return {"balena.yml", "docker-compose.yml"} <= names and names - set(KINDS) == {
        "balena.yml",
        "docker-compose.yml",
    }


def _files(kind: str, root: Path) -> Iterator[tuple[str, Path]]:
    """(name in the project, where it comes from)."""
    for name in ("balena.yml", "docker-compose.yml"):
        yield name, TEMPLATES / kind / name
    yield f"{kind}/Dockerfile.template", TEMPLATES / kind / "Dockerfile.template"
    yield f"{kind}/life.py", TEMPLATES / "life.py"
    requirements = [f"requirements/{role}-py311.txt" for role in ("build", kind)]
    for name in ("pyproject.toml", "edge/__init__.py", *requirements):
        yield f"{kind}/{name}", root / name
    for part in (*_SHARED, PROGRAMS[kind]):
        for source in sorted((root / part).rglob("*")):
            if source.suffix in _KEPT and not set(_NEVER) & set(source.parts) and source.is_file():
                yield f"{kind}/{source.relative_to(root)}", source
