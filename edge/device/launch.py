"""What starts a firmware: `python -m edge.device.launch ROLE FOLDER`.

Part of the operating system's image, not of what it starts, and of the standard library alone: a broken
firmware must not be needed to get rid of it. It starts what `slots/firmware/current` points to, or what came
with the image (golden) when there is no such link. A candidate on trial, of whatever component, has a paper,
launch.json: it may be started so often; each start is counted down, durably, before it is made; when none is
left, the link is put back, and the old firmware says what came of it. A committed firmware that ended ten
times without once having been well for a minute is not started: then golden is, whatever its age.

What is started finds in its environment HALLWARD_SLOT, which one it is, and HALLWARD_GOLDEN, where golden
lies.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

MODULES: Final = {"gate": "edge.rollcall_gate", "keypad": "edge.ballot_keypad"}
GOLDEN: Final = "golden"
SLOTS: Final = ("a", "b")
COMPONENTS: Final = ("firmware", "models", "config")
TRIES_MAX: Final = 3
PAPER_BYTES_MAX: Final = 4096
STARTS_MAX: Final = 10
"""Starts in a row of a committed firmware after none of which it was well."""
PAPER: Final = "launch.json"
STARTS: Final = "starts"
LINK: Final = "current"
SLOT_VARIABLE: Final = "HALLWARD_SLOT"
GOLDEN_VARIABLE: Final = "HALLWARD_GOLDEN"
EXIT_USAGE: Final = 2
Step = Callable[[str], None]


def _no_step(_: str) -> None:
    """Nobody cuts the power."""


@dataclass(frozen=True, slots=True)
class Trial:
    """component: what is on trial in `slot`. back: what was in force before. tries: starts that are left."""

    component: str
    slot: str
    back: str
    tries: int


# -- the paper and the links; the firmware writes them with the same code ------------------------------------


def read_trial(update: Path) -> Trial | None:
    """None: nothing is on trial. A paper that nobody can read is none: what is linked is started."""
    try:
        found = json.loads(_read(update / PAPER))
        trial = Trial(found["component"], found["slot"], found["back"], found["tries"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    known = trial.component in COMPONENTS and trial.slot in SLOTS and trial.back in (*SLOTS, GOLDEN)
    return trial if known and type(trial.tries) is int and 0 <= trial.tries <= TRIES_MAX else None


def _read(path: Path) -> bytes:
    """Empty: it is no file; whoever opened a pipe would wait for ever. Raises OSError."""
    if not path.is_file():
        return b""
    with path.open("rb") as stream:
        return stream.read(PAPER_BYTES_MAX)


def write_trial(update: Path, trial: Trial, step: Step = _no_step) -> None:
    """Raises OSError; then the paper is what it was."""
    words = {
        "component": trial.component,
        "slot": trial.slot,
        "back": trial.back,
        "tries": trial.tries,
    }
    write_file(update / PAPER, json.dumps(words).encode(), step)


def remove(path: Path, step: Step = _no_step) -> None:
    """Durably. Raises OSError."""
    step(f"remove {path.name}")
    path.unlink(missing_ok=True)
    step(f"removed {path.name}")
    sync_folder(path.parent)


def in_force(slots: Path) -> str:
    """slots: of one component. Golden when the link is absent, or leads nowhere."""
    try:
        slot = str((slots / LINK).readlink())
    except OSError:
        return GOLDEN
    folder = slots / slot
    return slot if slot in SLOTS and folder.is_dir() and not folder.is_symlink() else GOLDEN


def point(slots: Path, slot: str, step: Step = _no_step) -> None:
    """From the next start on, this one: one atomic rename. Raises OSError."""
    link, unfinished = slots / LINK, slots / f".{LINK}.new"
    if slot == GOLDEN:
        remove(link, step)
        return
    unfinished.unlink(missing_ok=True)
    step(f"link {slot}")
    unfinished.symlink_to(slot)
    step(f"switch to {slot}")
    unfinished.replace(link)
    step(f"switched to {slot}")
    sync_folder(slots)


def write_file(path: Path, content: bytes, step: Step = _no_step) -> None:
    """Whole or not at all. Raises OSError."""
    unfinished = path.with_name(f".{path.name}.new")
    step(f"write {path.name}")
    with unfinished.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    step(f"rename {path.name}")
    unfinished.replace(path)
    step(f"renamed {path.name}")
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# -- the choice --------------------------------------------------------------------------------------------


def choose(update: Path, role: str, step: Step = _no_step) -> str:
    """Which firmware this start is of: `a`, `b` or `golden`. Counts, and puts back what had its tries. A
    firmware in force has its starts counted, too, while something else is on trial."""
    slots = update / "slots" / "firmware"
    trial = read_trial(update)
    slot = in_force(slots) if trial is None else _with_trial(update, trial, step)
    is_on_trial = trial is not None and (trial.component, trial.slot) == ("firmware", slot)
    if slot != GOLDEN and not is_on_trial and not _counted(update, step):
        return GOLDEN
    entry = slots / slot / MODULES[role].replace(".", "/") / "__main__.py"
    return slot if slot == GOLDEN or entry.is_file() else GOLDEN


def _with_trial(update: Path, trial: Trial, step: Step) -> str:
    slots = update / "slots"
    try:
        if trial.tries > 0:
            write_trial(update, replace(trial, tries=trial.tries - 1), step)
        else:
            point(slots / trial.component, trial.back, step)
            remove(update / PAPER, step)
    except OSError:
        if trial.component == "firmware":
            return trial.back  # a start that cannot be counted is none of a candidate
    return in_force(slots / "firmware")


def _counted(update: Path, step: Step) -> bool:
    """False: this firmware had its starts."""
    path = update / STARTS
    try:
        starts = _number(path)
        if starts >= STARTS_MAX:
            return False
        write_file(path, str(starts + 1).encode(), step)
    except OSError:
        return True  # a full disk is no reason to start an old firmware
    return True


def _number(path: Path) -> int:
    """What nobody can read is counted anew. Raises OSError."""
    found = _read(path)
    return int(found) if found.isdigit() and len(found) <= 2 else 0


def environment_of(update: Path, slot: str, golden: Path, present: Mapping[str, str]) -> dict[str, str]:
    """Of the firmware: with its slot in front of everything else that could be imported."""
    found = {**present, SLOT_VARIABLE: slot, GOLDEN_VARIABLE: str(golden)}
    if slot != GOLDEN:
        before = present.get("PYTHONPATH")
        own = str((update / "slots" / "firmware" / slot).absolute())
        found["PYTHONPATH"] = f"{own}{os.pathsep}{before}" if before else own
        found["PYTHONSAFEPATH"] = "1"  # else the folder where this was called would come first
    return found


def main(words: Sequence[str]) -> int:  # noqa: RET503  # execve never returns
    """Becomes the firmware; returns only, with 2, when the words are wrong."""
    if len(words) != 2 or words[0] not in MODULES:
        sys.stderr.write(f"usage: python -m edge.device.launch {' | '.join(MODULES)} FOLDER\n")
        return EXIT_USAGE
    role, folder = words
    update = Path(folder) / "state" / "update"
    slot = choose(update, role)
    golden = Path(__file__).resolve().parents[2]
    environment = environment_of(update, slot, golden, os.environ)
    command = [sys.executable, "-m", MODULES[role], "run", folder]
    os.execve(sys.executable, command, environment)  # noqa: S606  # a fixed module of ours, no shell


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
