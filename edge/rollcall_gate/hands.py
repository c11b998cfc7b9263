"""The hands of a simulated gate: what a person, or a fault, does to it.

{"do": "walk", "photos": [paths]}   step before the camera          {"do": "badge", "text": "HW1:…"}
{"do": "push"}   walk through: open, pass, let go                     {"do": "look"}
{"do": "hold"} / {"do": "let-go"}   stand in the door / leave it      {"do": "force"}   open it though
locked {"do": "cut-wire"} / {"do": "mend-wire"}   the door's hardware fails / works again
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.device.errors import DeviceError
from edge.rollcall_gate.adapters.simulated_camera import SimulatedCamera
from edge.rollcall_gate.adapters.simulated_door import SimulatedDoor
from edge.rollcall_gate.adapters.simulated_panel import SimulatedBadgeReader

Wish = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hands:
    """look: what a bystander sees."""

    camera: SimulatedCamera
    door: SimulatedDoor
    badges: SimulatedBadgeReader
    look: Callable[[], dict[str, Any]]

    def answer(self, wish: Wish) -> dict[str, Any]:
        """Fulfil one wish. Raises DeviceError when it is not understood, CameraError for a bad photograph."""
        deeds: dict[str, Callable[[Wish], dict[str, Any]]] = {
            "walk": self._walk,
            "badge": self._badge,
            "push": lambda _: self._push(),
            "hold": lambda _: {"open": self.door.push()},
            "let-go": lambda _: _done(self.door.let_go),
            "force": lambda _: _done(self.door.force),
            "cut-wire": lambda _: _done(self.door.cut_wire),
            "mend-wire": lambda _: _done(self.door.mend_wire),
            "look": lambda _: self.look(),
        }
        deed = deeds.get(str(wish.get("do")))
        if deed is None:
            raise DeviceError(f"do is {wish.get('do')!r:.40}; it must be one of {', '.join(deeds)}")
        return deed(wish)

    def _walk(self, wish: Wish) -> dict[str, Any]:
        photos = wish.get("photos")
        if not isinstance(photos, list) or not photos or not all(isinstance(p, str) for p in photos):
            raise DeviceError("walk needs photos: a list of paths")
        self.camera.walk([Path(p) for p in photos])
        return {"standing": len(photos)}

    def _push(self) -> dict[str, Any]:
        passed = self.door.pass_through()
        if passed:
            self.camera.step_aside()  # who has gone through no longer stands before the camera
        return {"passed": passed}

    def _badge(self, wish: Wish) -> dict[str, Any]:
        text = wish.get("text")
        if not isinstance(text, str):
            raise DeviceError("badge needs text: what its code says")
        self.badges.present(text)
        return {"presented": True}


def _done(deed: Callable[[], None]) -> dict[str, Any]:
    deed()
    return {"done": True}
