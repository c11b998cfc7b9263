"""The virtual environment of a checkout: pinned, hashed, and only rebuilt when the pins changed.

Standard library only. Each step can be interrupted and run again. Whatever goes wrong ends in one sentence
that says what to do, and the log of the installer beside it.
"""

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
STAMP: Final = "hallward-setup.stamp"
LOG: Final = "hallward-setup.log"
TESTED: Final = ((3, 11), (3, 13))

FAILED: Final = "The installation failed"
# What the installer's own words mean, most telling first.
MEANINGS: Final = (
    (
        ("DO NOT MATCH THE HASHES",),
        "A downloaded package is not the one that was pinned, so nothing was installed",
    ),
    (
        ("No space left on device", "Disk quota exceeded"),
        "The disk is full: make room (about 1.5 GB is needed)",
    ),
    (("Read-only file system", "Permission denied"), "This folder cannot be written: check who owns it"),
    (
        (
            *("Temporary failure in name resolution", "Name or service not known", "Network is unreachable"),
            *("Failed to establish a new connection", "Connection refused", "Connection reset", "timed out"),
            *("ProxyError", "No route to host", "NewConnectionError", "Failed to resolve"),
        ),
        "The package index cannot be reached: check the network of this machine",
    ),
    (
        ("No matching distribution found",),
        "A pinned package is not published for this machine or this Python",
    ),
)


class SetupFailed(Exception):
    """One sentence for the person at the terminal, and the exit status to leave with."""

    def __init__(self, sentence: str, status: int = 1) -> None:
        super().__init__(sentence)
        self.status = status


def pins_tag(version: tuple[int, int]) -> str:
    """Which requirement files serve a Python: 3.11 has its own (tflite-runtime), newer ones share."""
    return "py311" if version < (3, 12) else "py313"


def fingerprint(files: Sequence[Path], version: str) -> str:
    """Hex SHA-256 over a Python's version and the contents of `files`: equal means there is nothing to do."""
    digest = hashlib.sha256(version.encode())
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def meaning_of(installer_output: str) -> str:
    """The sentence for a failed installation, from what the installer printed."""
    for signs, sentence in MEANINGS:
        if any(sign in installer_output for sign in signs):
            return sentence
    errors = [line for line in installer_output.splitlines() if line.startswith("ERROR")]
    return f"{FAILED} ({errors[-1]})" if errors else FAILED


def require_venv() -> None:
    """Make sure that this Python can make virtual environments; Debian ships that part separately."""
    if importlib.util.find_spec("ensurepip") is not None:
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing the system package {package} …", flush=True)
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", package]):
            if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
                raise SetupFailed(
                    f"`{' '.join(command)}` failed: check the network, then type `make setup` again."
                )
        importlib.invalidate_caches()
        return
    raise SetupFailed(
        f"Python's venv module is missing: type `sudo apt install {package}`, then `make setup` again."
    )


def make_venv(folder: Path) -> Path:
    """A virtual environment made by this very Python, and its python; one of another version is replaced."""
    python = folder / "bin" / "python"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    question = "import sys; print('%d.%d' % sys.version_info[:2])"
    if python.exists():
        found = subprocess.run(
            [python, "-c", question], capture_output=True, text=True, check=False
        ).stdout.strip()
        if found == version:
            return python
    require_venv()
    print(f"making {folder.name} with Python {version} …", flush=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", folder], capture_output=True, text=True, check=False
    )
    if made.returncode:
        said = (made.stdout + made.stderr).strip()
        reason = meaning_of(said)
        if reason == FAILED:
            reason = said.splitlines()[-1] if said else FAILED
        raise SetupFailed(
            f"{folder} could not be made ({reason}): remove what is in its way, then `make setup`"
        )
    return python


def install(python: Path, what: str, arguments: Sequence[str], log: Path, expected: int = 0) -> None:
    """Run pip with a line of progress. `expected` is how many packages will be named. Raises SetupFailed."""
    command = [
        *(str(python), "-m", "pip", "install", "--no-input", "--retries", "3", "--progress-bar", "off"),
        *("--disable-pip-version-check", "--no-build-isolation", "--root-user-action", "ignore", *arguments),
    ]
    live = sys.stdout.isatty()
    seen, output = 0, []
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        for line in pip.stdout or ():
            output.append(line)
            if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                seen += 1
                name = line.split("Collecting ")[-1].split("satisfied: ")[-1].split("==")[0].strip()
                if live:
                    print(f"\r\033[K{what}: {seen} of {expected}: {name}", end="", flush=True)
            elif line.startswith("Installing collected packages"):
                print("\r\033[K" * live + f"{what}: unpacking …", flush=True)
    text = "".join(output)
    with log.open("a", encoding="utf-8") as file:
        file.write(text)
    if pip.returncode:
        if live:
            print()
        raise SetupFailed(
            f"{meaning_of(text)}. Then type `make setup` again. (Details: {log.relative_to(ROOT)})"
        )


def prepare(folder: Path) -> None:
    """Everything `make setup` promises, into `folder`. Raises SetupFailed or OSError."""
    tag = pins_tag(sys.version_info[:2])
    tools, everything = (ROOT / "requirements" / f"{name}-{tag}.txt" for name in ("build", "dev"))
    wanted = fingerprint((tools, everything, ROOT / "pyproject.toml"), sys.version)
    stamp = folder / STAMP
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    if sys.version_info[:2] not in TESTED:
        print(
            "Note: Hallward is tested on Python 3.11 and 3.13; this one is used with the pins of 3.13.",
            flush=True,
        )
    python = make_venv(folder)
    stamp.unlink(missing_ok=True)
    log = folder / LOG
    log.write_text("", encoding="utf-8")
    count = everything.read_text(encoding="utf-8").count("==")
    install(python, "tools", ["--require-hashes", "-r", str(tools)], log, expected=4)
    print(f"installing {count} pinned packages, hashes checked …", flush=True)
    install(python, "packages", ["--require-hashes", "-r", str(everything)], log, expected=count)
    install(python, "hallward", ["--no-deps", "-e", "."], log, expected=1)
    stamp.write_text(wanted, encoding="utf-8")
    print("ready.", flush=True)


def set_up(arguments: Sequence[str]) -> int:
    """Command line of `scripts/setup.py`. Exit status: 0 ready, 1 with one sentence on what to do."""
    parser = argparse.ArgumentParser(
        prog="setup.py", description="Make the virtual environment of this checkout."
    )
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", help="where (default: .venv)")
    folder: Path = parser.parse_args(arguments).venv.resolve()
    try:
        prepare(folder)
    except SetupFailed as err:
        print(err, file=sys.stderr)
        return err.status
    except OSError as err:
        sentence = meaning_of(str(err))
        where = f" ({err.filename})" if err.filename else ""
        reason = f"{sentence}{where}" if not sentence.startswith(FAILED) else str(err)
        print(f"{reason}. Then type `make setup` again.", file=sys.stderr)
        return 1
    return 0
