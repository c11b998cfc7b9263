"""A device with slots on a real disk, a launcher, and a release to take: everything that keeps its state can
have its power cut, and is then opened again from what lies on the disk."""

import hashlib
import io
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from edge.device import launch
from edge.device.adapters.bundle_archive import held_in
from edge.device.adapters.launch_file import LaunchFile
from edge.device.adapters.parts_folder import PartsFolder
from edge.device.adapters.slots_folder import SlotsFolder
from edge.device.errors import NotNow, UpdateRefused
from edge.device.runtime import DeviceRuntime
from edge.device.updating.ports import Shadow, Wanted
from edge.device.updating.updating import Facts, Updating
from edge.device.updating.works import Tools
from tests.edge.conftest import Device, Fleet
from wire.bundle import INDEX, Bundle, BundledFile, encode_bundle
from wire.down import FreezeNotice, TimeNotice, Twin
from wire.ids import SittingId
from wire.updates import About, Order, Update, encode_order

HARDWARE = "test-unit"
SITTING = SittingId("s1")


def bundle(component: str, counter: int, files: Mapping[str, bytes], version: str = "") -> bytes:
    index = encode_bundle(
        Bundle(
            component,
            version or f"v{counter}",
            counter,
            {name: BundledFile(len(data), hashlib.sha256(data).digest()) for name, data in files.items()},
        )
    )
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in [(INDEX, index), *sorted(files.items())]:
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o644
            archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()


FILES = {
    "firmware": ("edge/ballot_keypad/__main__.py", "edge/ballot_keypad/keypad.py", "wire/ids.py"),
    "models": ("detector.tflite", "golden.json"),
    "config": ("settings.toml",),
}


def release(component: str, counter: int) -> bytes:
    """Files of a few hundred bytes, others in each release."""
    return bundle(
        component, counter, {name: f"{name} of {counter}\n".encode() * 40 for name in FILES[component]}
    )


def about(component: str, counter: int, minimum: int = 0) -> About:
    return About(component, f"v{counter}", counter, minimum, (HARDWARE,), {}, "", None, {})


@dataclass
class Release:
    """Catalogue and Source at once. Hands: `away`, `refuses`, `spoils` (how often other bytes come), `slow`
    (how often half of what is left comes, and then nothing)."""

    data: bytes
    about: About
    step: Callable[[str], None] = lambda _: None
    away: bool = False
    refuses: str = ""
    spoils: int = 0
    patch: bytes | None = None
    asked: int = 0
    fetched: int = 0
    breaks_at: int | None = None
    slow: int = 0
    version: Mapping[str, int] = field(default_factory=lambda: {"image/timestamp": 7, "director/targets": 3})

    def wanted(self, order: Order, floors: Mapping[str, int], now_ms: int) -> Wanted:
        self.asked += 1
        if self.away:
            raise NotNow("waits for the network")
        if self.refuses:
            raise UpdateRefused(self.refuses, "by hand")
        digest = hashlib.sha256(self.data).digest()
        path = f"{self.about.component}/v{self.about.counter}.tar"
        return Wanted(path, len(self.data), digest, self.about, self.version)

    def fetch(self, wanted: Wanted, into: Path, begin: int, limit_s: float) -> None:
        if self.away:
            raise NotNow("waits for the network")
        half = (len(self.data) + begin) // 2
        for first, last in ((begin, half), (half, len(self.data))):
            self.step(f"fetch from {first}")
            piece = self.data[first:last]
            if self.spoils:
                piece = bytes(len(piece))
            with into.open("r+b" if into.exists() else "wb") as stream:
                stream.seek(first)
                stream.write(piece)
            self.fetched += len(piece)
            if self.breaks_at is not None and last >= self.breaks_at:
                self.breaks_at = None
                raise NotNow("waits for the network")
            if self.slow:
                self.slow -= 1
                raise UpdateRefused("slow", "by hand")
        self.spoils = max(0, self.spoils - 1)

    def delta(self, base: bytes, archive: Path, wanted: Wanted, into: Path) -> bool:
        if self.patch is None or hashlib.sha256(archive.read_bytes()).digest() != base:
            return False
        self.step("write from a delta")
        into.write_bytes(self.patch)
        return True


class Beside:
    """A shadow that has its readings at the third look."""

    def __init__(self, fault: str) -> None:
        self.looks = 0
        self.fault = fault
        self.is_open = True

    def readings(self) -> Mapping[str, int] | None:
        self.looks += 1
        if self.looks < 3:
            return None
        if self.fault:
            raise UpdateRefused(self.fault, "by hand", {"frames": 200, "agree-ppm": 500_000})
        return {"frames": 200, "agree-ppm": 1_000_000}

    def close(self) -> None:
        self.is_open = False


@dataclass
class Candidate:
    """Subject. Hands: what is wrong with the releases of a counter."""

    runtime: DeviceRuntime
    faults: "Faults"
    counter: int

    def self_test(self, component: str, folder: Path) -> Mapping[str, int]:
        if self.faults.self_test:
            raise UpdateRefused(self.faults.self_test, "by hand")
        return {"memory-kb": 1000}

    def shadow(self, component: str, folder: Path) -> Shadow | None:
        if component != "models":
            return None
        self.faults.shadows.append(Beside(self.faults.shadow))
        return self.faults.shadows[-1]

    def is_well(self) -> Mapping[str, int]:
        if self.faults.unwell == self.counter:
            raise UpdateRefused("self-test", "by hand")
        if self.faults.silent == self.counter or not self.runtime.is_connected:
            raise NotNow("waits for the network")
        return {"boots": 1}


@dataclass
class Faults:
    """crashes, unwell, silent: the counter of the release that does so. self_test, shadow: a cause."""

    crashes: int = -1
    unwell: int = -1
    silent: int = -1
    self_test: str = ""
    shadow: str = ""
    shadows: list[Beside] = field(default_factory=list)


class Crash(Exception):
    """The process has ended by itself."""


class Unit:
    """`component` is what is updated here. step: the fuse of everything durable."""

    def __init__(self, tmp: Path, device: Device, fleet: Fleet, component: str) -> None:
        self.device, self.fleet, self.component = device, fleet, component
        self.update = tmp / "state" / "update"
        self.golden = tmp / "golden"
        for name in FILES[component]:
            path = self.golden / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"golden\n")
        self.step: Callable[[str], None] = lambda _: None
        self.faults = Faults()
        self.release = Release(release(component, 1), about(component, 1))
        self.order: Order | None = None
        self.starts: list[str] = []
        self._said: list[bytes] = []
        self.one_by_one = False
        """A work is done in the next step of `run`, not at once."""
        self._works: list[Callable[[], None]] = []
        device.disk.step = self.burn

    def burn(self, what: str) -> None:
        self.step(what)

    # -- the fleet -------------------------------------------------------------------------------------------

    def says(
        self, act: str, generation: int, *, rollout: str = "r1", begin: int = 0, end: int = 2**50
    ) -> Order:
        order = Order(rollout, generation, self.component, act, begin, end)
        self.order = order
        self.desire(encode_order(order))
        return order

    def desire(self, value: bytes) -> None:
        name = self.device.identity.device
        self._said = [self.fleet.envelope(Twin({"update": value}), name)]
        self.repeat()

    def freeze(self, frozen: bool, expires_in_ms: int = 3_600_000) -> None:
        self.fleet.say(FreezeNotice(SITTING, frozen), expires_in_ms=expires_in_ms)
        self.device.settle()

    def repeat(self) -> None:
        """What the fleet says again and again: the time, and what is desired."""
        self.fleet.say(TimeNotice(self.fleet.clock.wall))
        for envelope in self._said:
            self.fleet.publish(envelope)
        self.device.settle()

    # -- the device ------------------------------------------------------------------------------------------

    def slots(self) -> SlotsFolder:
        root = self.update / "slots" / self.component
        return SlotsFolder(root, self.component, self.golden, step=self.burn)

    def start(self, *, connected: bool = True) -> None:
        """As the service does: launcher, then the firmware that it chose."""
        self.slot = launch.choose(self.update, "keypad", self.burn)
        slots = self.slots()
        found = slots.holds(self.slot if self.component == "firmware" else slots.in_force())
        assert found is not None
        self.starts.append(self.slot)
        self.running = self.slot if self.component == "firmware" else slots.in_force()
        if self.faults.crashes == found.counter:
            raise Crash

        def build(runtime: DeviceRuntime) -> Quiet:
            tools = Tools(
                catalogue=self.release,
                source=self.release,
                slots={self.component: slots},
                parts=PartsFolder(self.update / "parts"),
                guard=LaunchFile(self.update, self.burn),
                subject=Candidate(runtime, self.faults, found.counter),
                can_launch=True,
                monotonic_ms=runtime.clock.monotonic_ms,
            )
            self.updating = Updating(runtime, tools, Facts(HARDWARE, "", self.slot), aside=self._aside)
            return Quiet(runtime)

        self.release.step = self.burn
        self.device.start(build, connected=connected)
        self.repeat()

    def _aside(self, work: Callable[[], None]) -> None:
        if self.one_by_one:
            self._works.append(work)
        else:
            work()

    def restart(self) -> None:
        self.device.kill()
        self._works.clear()
        for _ in range(20):
            try:
                self.start()
            except Crash:
                continue
            return
        raise AssertionError("it does not start any more")

    def run(self, ms: int = 600_000, step_ms: int = 1_000, *, restarts: bool = True) -> None:
        """Time passes, with the restarts that it asks for, until its order is done."""
        while ms > 0 and not self.is_done:
            self.device.pass_ms(step_ms, step_ms)
            ms -= step_ms
            if self._works:
                self._works.pop(0)()
                self.device.settle()
            if self.updating.restarts and restarts:
                self.restart()

    @property
    def is_done(self) -> bool:
        job = self.updating.job
        return job.is_idle and job.order == self.order and not self.updating.restarts

    # -- what came of it -------------------------------------------------------------------------------------

    @property
    def counter(self) -> int:
        """Of the release that is started now."""
        slots = self.slots()
        found = slots.holds(slots.in_force())
        assert found is not None
        return found.counter

    @property
    def said(self) -> list[tuple[str, str]]:
        bodies = [record.body for record in self.fleet.records]
        return [(body.step, body.cause) for body in bodies if isinstance(body, Update)]

    @property
    def status(self) -> object:
        return self.fleet.births[-1].reported.get("update")

    def assert_whole(self, *allowed: int) -> None:
        """What would be started is golden or a release, file by file, and one of these."""
        slots = self.slots()
        slot = slots.in_force()
        if slot != launch.GOLDEN:
            folder = slots.folder(slot)
            assert folder is not None
            found = held_in(folder)
            assert found is not None
            assert found.sha256 == hashlib.sha256(release(self.component, found.counter)).digest()
        assert self.counter in allowed
        for name in FILES[self.component]:
            assert (self.golden / name).read_bytes() == b"golden\n"


class Quiet:
    """A firmware that does nothing else."""

    def __init__(self, runtime: DeviceRuntime) -> None:
        self.runtime = runtime

    twin_keys = ()
    commands: frozenset[str] = frozenset()
    secret_open = False

    def on_start(self) -> None: ...

    def on_down(self, message: object) -> None: ...

    def on_receipt(self, marked_seq: int) -> None: ...

    def on_command(self, command: object) -> None: ...

    def on_tick(self) -> None: ...
