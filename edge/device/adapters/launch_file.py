"""The launcher's paper, as the firmware writes it: launch.json, and how often it was started in vain."""

from pathlib import Path

from edge.device.adapters.bundle_archive import Step
from edge.device.errors import StoreError
from edge.device.launch import PAPER, STARTS, STARTS_MAX, TRIES_MAX, Trial, remove, write_file, write_trial


class LaunchFile:
    """Implements TrialGuard over state/update. step: told before each durable step."""

    def __init__(self, update: Path, step: Step = lambda _: None) -> None:
        self._update = update
        self._step = step

    def arm(self, component: str, slot: str, back: str) -> None:
        try:
            self._update.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_trial(self._update, Trial(component, slot, back, TRIES_MAX), self._step)
        except OSError as err:
            raise StoreError(f"{PAPER} cannot be written ({err.strerror}); nothing was switched") from err

    def disarm(self) -> None:
        self._remove(PAPER)

    def was_well(self) -> None:
        """The firmware in force works: starts in vain are counted anew."""
        self._remove(STARTS)

    def give_up(self) -> None:
        try:
            write_file(self._update / STARTS, str(STARTS_MAX).encode(), self._step)
        except OSError as err:
            raise StoreError(f"{STARTS} cannot be written ({err.strerror})") from err

    def _remove(self, name: str) -> None:
        try:
            if (self._update / name).exists():
                remove(self._update / name, self._step)
        except OSError as err:
            raise StoreError(f"{name} cannot be deleted ({err.strerror})") from err
