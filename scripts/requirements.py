"""Pin every role's dependencies: requirements/{role}-py{311,313}.txt from the extras of pyproject.toml.

Each file holds exact versions with the hashes of every published archive, resolved for 64-bit Debian 12 and
newer on x86 and on Arm; no download address, no path. The whole (`dev`) is resolved first and constrains the
roles, so that one version of a library serves the whole house. A version that is pinned already stays, unless
pyproject.toml forbids it: what a change of pyproject.toml brings is all that changes. `--upgrade` takes the
newest of everything instead. Needs `uv` (part of `dev`) and a network.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeAlias

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "requirements"
ROLES: Final = (
    "keypad",
    "gate",
    "enrol",
    "fleet",
    "officers",
    "provisioning",
    "models",
    "release",
    "hardware",
)
PYTHONS: Final = {"py311": "3.11", "py313": "3.13"}
MACHINES: Final = {"x86_64": "x86_64-manylinux_2_36", "aarch64": "aarch64-manylinux_2_36"}
# What builds our own package and the few dependencies published as source only; installed before everything.
BUILD: Final = "pip\nsetuptools>=77\nwheel\n"

Pins: TypeAlias = dict[str, str]  # "name==version" -> its hash lines, joined


def resolve(
    arguments: Sequence[str], python: str, machine: str, preferred: Path | None, scratch: Path
) -> Pins:
    """One resolution by uv, as pins; versions and hashes in the file `preferred` stay where they can.

    Raises CalledProcessError, after uv has said why.
    """
    output = scratch / f"{machine}.txt"
    output.unlink(missing_ok=True)
    if preferred is not None:
        shutil.copyfile(preferred, output)  # uv prefers what the file that it is to write already names
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--generate-hashes", "--no-header"),
        *("--no-annotate", "--no-emit-index-url", "--allow-unsafe", "--output-file", str(output)),
        *("--python-version", python, "--python-platform", MACHINES[machine], *arguments),
    ]
    subprocess.run(command, cwd=ROOT, check=True)
    return parsed(output.read_text(encoding="utf-8"))


def parsed(text: str) -> Pins:
    """The pins of a requirement file as uv writes it."""
    pins: Pins = {}
    name = ""
    for entry in text.replace(" \\\n", "\n").split("\n"):
        if "==" in entry:
            name = entry.strip()
            pins[name] = ""
        elif entry.strip().startswith("--hash="):
            pins[name] += f" \\\n    {entry.strip()}"
    return pins


def merged(per_machine: dict[str, Pins]) -> str:
    """The text of one requirement file; what only one machine needs carries a marker that says so."""
    lines = []
    for name in sorted(set().union(*per_machine.values())):
        machines = [machine for machine, pins in per_machine.items() if name in pins]
        marker = "" if len(machines) == len(per_machine) else f' ; platform_machine == "{machines[0]}"'
        lines.append(f"{name}{marker}{per_machine[machines[0]][name]}\n")
    return "".join(lines)


def main(words: Sequence[str]) -> int:
    """Write all files; exit status 1 when a resolution fails, naming it."""
    parser = argparse.ArgumentParser(prog="requirements.py", description="Pin every role's dependencies.")
    parser.add_argument("--upgrade", action="store_true", help="the newest of everything, not what is pinned")
    upgrade: bool = parser.parse_args(words).upgrade
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        build = scratch / "build.in"
        build.write_text(BUILD, encoding="utf-8")
        for tag, python in PYTHONS.items():
            whole = FOLDER / f"dev-{tag}.txt"
            sources = {"dev": ["pyproject.toml", "--extra", "dev", str(build)]}
            sources |= {role: ["pyproject.toml", "--extra", role, "-c", str(whole)] for role in ROLES}
            sources["build"] = [str(build), "-c", str(whole)]
            for role, arguments in sources.items():
                print(f"pinning {role} for Python {python} …", flush=True)
                written = FOLDER / f"{role}-{tag}.txt"
                preferred = None if upgrade or not written.exists() else written
                try:
                    pins = {
                        machine: resolve(arguments, python, machine, preferred, scratch)
                        for machine in MACHINES
                    }
                except subprocess.CalledProcessError:
                    print(
                        f"The dependencies of {role} for Python {python} could not be resolved (see above)."
                    )
                    return 1
                written.write_text(merged(pins), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
