"""calibration.toml beside device.toml: what `hallward gate calibrate` measured before this camera."""

import tomllib
from pathlib import Path
from typing import Final

from edge.device.adapters.whole_file import PUBLIC, write_whole
from edge.device.config import Section
from edge.device.errors import ConfigError
from edge.rollcall_gate.trial.calibration import Calibration
from edge.rollcall_gate.who.presentation import PadThresholds

BYTES_MAX: Final = 4_096
_AGAIN: Final = "what `hallward gate calibrate` writes; run it again, or remove the file for the defaults"


def load_calibration(path: Path) -> Calibration | None:
    """None when the site was not calibrated. Raises ConfigError for anything else in its place."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as err:
        raise ConfigError(f"{path} cannot be read ({err.strerror})") from err
    try:
        if len(data) > BYTES_MAX:
            raise ValueError
        top = Section(str(path), "", tomllib.loads(data.decode()))
        lower = top.integer("attack_below_permille", 0, 1000)
        upper = top.integer("bona_fide_from_permille", lower, 1000)
        return Calibration(
            top.text("network", "the SHA-256 of a network"),
            PadThresholds(lower / 1000, upper / 1000),
            top.integer("people", 0, 10**9),
            top.integer("attacks", 0, 10**9),
            top.integer("bpcer_asked_ppm", 0, 10**6) / 1e6,
            top.integer("bpcer_suspected_ppm", 0, 10**6) / 1e6,
            top.integer("apcer_ppm", 0, 10**6) / 1e6 if "apcer_ppm" in top.values else None,
        )
    except (ValueError, tomllib.TOMLDecodeError) as err:
        raise ConfigError(f"{path} is not {_AGAIN}") from err


def save_calibration(path: Path, calibration: Calibration) -> None:
    """Whole or not at all. Raises StoreError."""
    thresholds = calibration.thresholds
    lines = [
        "# Made by `hallward gate calibrate`; the gate reads it when it starts.",
        f'network = "{calibration.network}"',
        f"attack_below_permille = {round(thresholds.attack_below * 1000)}",
        f"bona_fide_from_permille = {round(thresholds.bona_fide_from * 1000)}",
        f"people = {calibration.people}",
        f"attacks = {calibration.attacks}",
        f"bpcer_asked_ppm = {round(calibration.bpcer_asked * 1e6)}",
        f"bpcer_suspected_ppm = {round(calibration.bpcer_suspected * 1e6)}",
    ]
    if calibration.apcer is not None:
        lines.append(f"apcer_ppm = {round(calibration.apcer * 1e6)}")
    write_whole(path, ("\n".join(lines) + "\n").encode(), PUBLIC)
