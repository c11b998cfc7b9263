"""A release of networks from the order to the record, on the real update machine, real slots and real TFLite
files: a bad one leaves the gate as it was, a good one is what it loads from then on."""

import hashlib
import time
from itertools import cycle
from pathlib import Path

import pytest

from edge.device import launch
from edge.device.adapters.launch_file import LaunchFile
from edge.device.adapters.parts_folder import PartsFolder
from edge.device.adapters.slots_folder import SlotsFolder
from edge.device.runtime import DeviceRuntime
from edge.device.updating.updating import Facts, Updating
from edge.device.updating.works import Tools
from models.places import package_folder, shipped_photographs
from tests.edge.conftest import Device, Fleet
from tests.edge.device.updating.unit import HARDWARE, Quiet, Release, Unit, about, bundle
from tests.edge.rollcall_gate.updates.a_gate import FEW, AGate
from tests.edge.rollcall_gate.updates.conftest import Made
from tests.edge.rollcall_gate.updates.live_frames import walking_past
from tests.models.gate_models import ready_cache
from wire.updates import Update

pytestmark = pytest.mark.slow
WITHIN_S = 60


class GateUnit(Unit):
    """A unit that is a gate: its networks are loaded from the slots at each start, and people walk past."""

    def __init__(self, tmp: Path, device: Device, fleet: Fleet) -> None:
        self.gate = AGate(tmp)
        super().__init__(tmp, device, fleet, "models")
        self.golden = package_folder(ready_cache())
        self.gate.connected, self.gate.camera.frames = True, 1
        self.networks: dict[str, bytes] = {}
        self.people = cycle(walking_past(shipped_photographs(ready_cache()), FEW.frames))

    def offers(self, folder: Path, counter: int) -> None:
        """The next release is of this folder."""
        files = {file.name: file.read_bytes() for file in folder.iterdir()}
        self.release = Release(bundle("models", counter, files), about("models", counter))

    def start(self, *, connected: bool = True) -> None:
        self.slot = launch.choose(self.update, "gate", self.burn)
        parts = self.gate.parts()
        self.networks = parts.pipeline.networks

        def build(runtime: DeviceRuntime) -> Quiet:
            tools = Tools(
                catalogue=self.release,
                source=self.release,
                slots={"models": SlotsFolder(self.update / "slots" / "models", "models", self.golden)},
                parts=PartsFolder(self.update / "parts"),
                guard=LaunchFile(self.update, self.burn),
                subject=self.gate.subject(parts),
                can_launch=True,
                monotonic_ms=runtime.clock.monotonic_ms,
            )
            self.updating = Updating(
                runtime, tools, Facts(HARDWARE, "", self.slot), aside=lambda work: work()
            )
            return Quiet(runtime)

        self.device.start(build, connected=connected)
        self.repeat()

    def until_done(self) -> None:
        end_s = time.monotonic() + WITHIN_S
        while not self.is_done:
            assert time.monotonic() < end_s, self.status
            watcher = self.gate.camera.watcher
            if watcher is not None:
                watcher.__self__.look(next(self.people))  # its thread would be too slow for this clock
            self.run(1_000)

    @property
    def last(self) -> Update:
        return [r.body for r in self.fleet.records if isinstance(r.body, Update)][-1]


@pytest.fixture
def unit(tmp_path: Path, device: Device, fleet: Fleet) -> GateUnit:
    return GateUnit(tmp_path, device, fleet)


@pytest.mark.parametrize(
    ("name", "cause", "shows"),
    [
        ("slower", "latency", "latency-after-us"),
        ("disagreeing", "disagrees", "agree-ppm"),
        ("everybody_is_one", "disagrees", "frames"),
        ("wrong_golden", "golden-outputs", "self-test-ms"),
    ],
)
def test_a_bad_one_is_refused_with_its_cause_and_the_old_ones_go_on(
    unit: GateUnit, made: Made, name: str, cause: str, shows: str
) -> None:
    unit.offers(made(name), 1)
    unit.start()
    before = unit.networks
    unit.says("install", 1)
    unit.until_done()
    assert unit.said == [("refused", cause)]
    if shows != "self-test-ms":
        assert shows in unit.last.readings
    assert unit.status == f"rejected: {cause}"
    assert unit.slots().in_force() == launch.GOLDEN
    assert unit.gate.camera.watcher is None
    unit.restart()
    assert unit.networks == before


def test_a_good_one_is_what_the_gate_loads_from_then_on_and_can_be_called_back(
    unit: GateUnit, made: Made
) -> None:
    unit.offers(made("other_embedder"), 1)
    unit.start()
    old = unit.networks
    unit.says("install", 1)
    unit.until_done()
    assert unit.said == [("shadowed", ""), ("committed", "")]
    assert unit.last.readings["agree-ppm"] == 1_000_000
    assert unit.slots().in_force() == "a"
    expected = hashlib.sha256((made("other_embedder") / "embedder.tflite").read_bytes()).digest()
    assert unit.networks["embedder"] == expected != old["embedder"]
    unit.says("back", 2)
    unit.until_done()
    assert unit.said[-1] == ("returned", "withdrawn")
    assert unit.networks == old
