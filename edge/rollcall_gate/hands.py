"""The hands of a simulated gate: what a person, or a fault, does to it.

{"do": "walk", "photos": [paths]}   step before the camera          {"do": "badge", "text": "HW1:…"}
{"do": "keys", "keys": "12E345678E"}   on the PIN pad
{"do": "push", "people": 1}   walk through: open, pass, let go        {"do": "look"}
{"do": "back"}   somebody comes through against the lane
{"do": "hold"} / {"do": "let-go", "people": 1}   stand in the door / walk on and leave it
{"do": "force"}   open it though locked
{"do": "jam"} / {"do": "free"}   the turnstile cannot turn / can again
{"do": "ring"} / {"do": "silence"}   the fire panel
{"do": "cut-wire"} / {"do": "mend-wire"}   the door's hardware fails / works again
{"do": "unplug"} / {"do": "plug-in"}   the camera
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.device.errors import DeviceError
from edge.rollcall_gate.adapters.hardware import Simulated
from edge.rollcall_gate.ports import Crossing

Wish = dict[str, Any]
PEOPLE_MAX = 10


@dataclass(frozen=True, slots=True)
class Hands:
    """look: what a bystander sees."""

    gate: Simulated
    look: Callable[[], dict[str, Any]]

    def answer(self, wish: Wish) -> dict[str, Any]:
        """Fulfil one wish. Raises DeviceError when it is not understood, CameraError for a bad photograph."""
        door, fire, camera = self.gate.door, self.gate.fire, self.gate.camera
        deeds: dict[str, Callable[[Wish], dict[str, Any]]] = {
            "walk": self._walk,
            "badge": self._badge,
            "keys": self._keys,
            "push": self._push,
            "back": lambda _: {"passed": door.pass_through(1, Crossing.BACKWARD)},
            "hold": lambda _: {"open": door.push()},
            "let-go": lambda wish: _done(lambda: door.let_go(_people(wish))),
            "force": lambda _: _done(door.force),
            "jam": lambda _: _done(door.jam),
            "free": lambda _: _done(door.free),
            "ring": lambda _: _done(fire.ring),
            "silence": lambda _: _done(fire.silence),
            "cut-wire": lambda _: _done(door.cut_wire),
            "mend-wire": lambda _: _done(door.mend_wire),
            "unplug": lambda _: _done(camera.unplug),
            "plug-in": lambda _: _done(camera.plug_in),
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
        self.gate.camera.walk([Path(p) for p in photos])
        return {"standing": len(photos)}

    def _push(self, wish: Wish) -> dict[str, Any]:
        passed = self.gate.door.pass_through(_people(wish))
        if passed:
            self.gate.camera.step_aside()  # who has gone through no longer stands before the camera
        return {"passed": passed}

    def _badge(self, wish: Wish) -> dict[str, Any]:
        text = wish.get("text")
        if not isinstance(text, str):
            raise DeviceError("badge needs text: what its code says")
        self.gate.badges.present(text)
        return {"presented": True}

    def _keys(self, wish: Wish) -> dict[str, Any]:
        keys = wish.get("keys")
        if not isinstance(keys, str):
            raise DeviceError("keys needs keys: text of 0 to 9, E and C")
        self.gate.pins.press(keys)
        return {"pressed": len(keys)}


def _people(wish: Wish) -> int:
    people = wish.get("people", 1)
    if type(people) is not int or not 0 <= people <= PEOPLE_MAX:
        raise DeviceError(f"people is {people!r:.40}; it must be an integer of 0 to {PEOPLE_MAX}")
    return people


def _done(deed: Callable[[], None]) -> dict[str, Any]:
    deed()
    return {"done": True}
