"""A gate of a hall that is updated, and somebody who walks by while a candidate is looked at."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from hallward.demo.hands import NoAnswer
from tests.system.gate import SystemGate
from tests.system.updates.hall import UpdatingHall

WALKS_S = 180.0


class UpdatedGate(SystemGate):
    """Its process is the launcher's, and comes back when it ends."""

    def __init__(self, hall: UpdatingHall, name: str) -> None:
        super().__init__(hall, name)
        self._updating = hall

    def begin(self) -> None:
        self._updating.service.begin(self.name, "gate", self._updating.device(self.name))

    def walk_by(self, photograph: Path) -> None:
        """Nobody waits for a decision."""
        with suppress(NoAnswer):  # while it is started again
            self.do("walk", photos=[str(photograph.resolve())])


def networks(folder: Path) -> Mapping[str, bytes]:
    """What a bundle of models is made of."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def until_walked(
    hall: UpdatingHall, gates: list[UpdatedGate], photograph: Path, over: Callable[[], Any], what: str
) -> None:
    """People walk by all the while."""

    def walked() -> bool:
        for gate in gates:
            gate.walk_by(photograph)
        return bool(over())

    hall.until(walked, what, WALKS_S)
