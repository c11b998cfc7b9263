"""A shadow run watches the camera: also before a sitting, and never at the lane's expense."""

from dataclasses import dataclass, field, replace

import numpy as np

from edge.rollcall_gate.app import organs_of
from edge.rollcall_gate.frames import Frame
from edge.rollcall_gate.senses import Senses
from edge.rollcall_gate.who.decide import Sample
from tests.edge.rollcall_gate.rig import Rig


@dataclass
class Film:
    """A frame at each read."""

    given: int = 0

    def read(self) -> Frame:
        self.given += 1
        return Frame(np.zeros((4, 4, 3), np.uint8), self.given)

    def close(self) -> None: ...


@dataclass
class Looking:
    """Implements the part of Lookout that the senses ask."""

    looked: list[int] = field(default_factory=list)

    def look(self, frame: Frame, resting: int | None = None) -> Sample:
        self.looked.append(frame.captured_ms)
        return Sample()

    def forget(self) -> None: ...


def senses_of(rig: Rig, film: Film, lane: Looking) -> Senses:
    organs = replace(organs_of(rig.simulated.hardware), camera=film)
    return Senses(organs, lane, rig.gate, rig.runtime.post, lambda: None)  # type: ignore[arg-type]  # see Looking


def test_before_a_sitting_the_camera_is_read_for_the_shadow_run_alone() -> None:
    rig, film, lane, shown = Rig(), Film(), Looking(), list[int]()
    senses = senses_of(rig, film, lane)
    senses.round()
    assert film.given == 0
    senses.watcher = lambda frame: shown.append(frame.captured_ms)
    for _ in range(3):
        senses.round()
    assert shown == [1, 2, 3]
    assert senses.frames == 3
    assert lane.looked == []
    senses.watcher = None
    senses.round()
    assert film.given == 3


def test_in_a_sitting_it_sees_what_the_lane_sees_and_takes_no_frame_from_it() -> None:
    rig, film, lane, shown = Rig(), Film(), Looking(), list[int]()
    rig.open_sitting()
    senses = senses_of(rig, film, lane)
    senses.watcher = lambda frame: shown.append(frame.captured_ms)
    senses.round()
    senses.round()  # the loop has not taken the first sample yet: nothing is read
    assert film.given == 1
    assert shown == lane.looked == [1]
