"""Thousands of devices claimed by one batch: plan imported, every one of them claimed, registered, certified.

Real fleet, real desk, a TLS connection per device; the devices are this process. A step is linear when the
last quarter of the devices took no longer for it than the first, within what two shared cores wander.
"""

import http.client
import re
import ssl
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

from bench.errors import BenchError
from bench.rows import Row, at_most, median, told
from tests.provisioning.desk.scripted_device import ScriptedDevice
from tests.system.provisioning.site import Site
from wire.enrol import MEDIA_TYPE

HANDS: Final = 4
"""Devices whose button is pressed at the same time."""
SEATS_A_ROW: Final = 40
SLOWER_MAX: Final = 1.5
"""Last quarter against first: a quadratic step would be several times slower."""
PATIENCE_S: Final = 60.0
_TOKEN: Final = re.compile(r"^token (\S+)$", re.MULTILINE)


@dataclass(slots=True)
class Took:
    """Seconds, per device in the order in which they began: one list a step."""

    steps: dict[str, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))

    def of(self, step: str) -> list[float]:
        return [seconds for _, seconds in sorted(self.steps[step])]

    def slower(self, step: str) -> float:
        """Median of the last quarter over that of the first."""
        found = self.of(step)
        quarter = max(1, len(found) // 4)
        return median(found[-quarter:]) / median(found[:quarter])


def measure(count: int, kind: str = "nats") -> list[Row]:
    """count: devices, at least 8. Raises BenchError when one is not claimed."""
    site = Site(kind)
    try:
        site.start()
        return _measured(site, count)
    finally:
        site.stop()


def _measured(site: Site, count: int) -> list[Row]:
    serials = [f"BULK-{number:05}" for number in range(count)]
    rows = [_planned(n, serial) for n, serial in enumerate(serials)]
    plan_s = _timed(lambda: site.plan(rows))
    again_s = _timed(lambda: site.plan(rows))
    words = [
        "provision",
        "batch",
        "new",
        "--authority",
        str(site.authority_folder),
        "--hall",
        site.config.hall,
    ]
    said = _TOKEN.search(site.hallward(*words, "--count", str(count), "--hours", "1"))
    if said is None:
        raise BenchError("the batch has no token")
    took, began_s = Took(), time.monotonic()
    with ThreadPoolExecutor(HANDS) as hands:
        work = [hands.submit(_claim, site, took, n, serial, said[1]) for n, serial in enumerate(serials)]
        for each in work:
            each.result()
    all_s = time.monotonic() - began_s
    found = [line for line in site.api.get("/api/devices") if line["state"] == "active" and line["place_id"]]
    if len(found) != count:
        raise BenchError(f"{len(found)} of {count} devices stand at their places")
    head = f"{count} devices in bulk"
    steps = [
        row
        for step in took.steps
        for row in (
            told(f"{head}: {step}, median", median(took.of(step)) * 1000, "ms"),
            at_most(f"{head}: {step}, last quarter against first", took.slower(step), "times", SLOWER_MAX),
        )
    ]
    return [
        told(f"{head}: plan imported", plan_s, "s"),
        told(f"{head}: the same plan imported again", again_s, "s"),
        told(f"{head}: all claimed, registered and certified", all_s, "s"),
        *steps,
    ]


def _planned(number: int, serial: str) -> str:
    """A line of the plan: forty seats a row."""
    row, seat = divmod(number, SEATS_A_ROW)
    return f"seat-{number},keypad,row {row} seat {seat},{row},{row}-{seat},{seat * 100},{row * 100},{serial}"


def _claim(site: Site, took: Took, number: int, serial: str, token: str) -> None:
    with closing(_Line(site)) as line:
        device = ScriptedDevice(serial, line.post, token=token, sealing_key=None)
        clock = _Clock(took, number)
        device.hello()
        _until(lambda: device.status is not None and device.status.state == "placed", device)
        clock.step("hello to placed")
        device.press()
        _until(lambda: device.status is not None and device.status.state == "granted", device)
        clock.step("press to certificate")
        device.installed(device.grant())
        clock.step("grant to installed")


def _until(holds: Callable[[], bool], device: ScriptedDevice) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline_s:
            raise BenchError(f"{device.serial} is not claimed: {device.status}")
        time.sleep(0.02)
        device.poll()


class _Clock:
    def __init__(self, took: Took, number: int) -> None:
        self._took, self._number, self._since_s = took, number, time.monotonic()

    def step(self, name: str) -> None:
        now_s = time.monotonic()
        self._took.steps[name].append((self._number, now_s - self._since_s))
        self._since_s = now_s


class _Line:
    """One TLS connection to the desk."""

    def __init__(self, site: Site) -> None:
        context = ssl.create_default_context(cafile=str(site.root / "root.crt"))
        self._to = http.client.HTTPSConnection("127.0.0.1", site.desk_port, timeout=30, context=context)

    def post(self, path: str, body: bytes) -> bytes:
        self._to.request("POST", path, body, {"Content-Type": MEDIA_TYPE})
        answer = self._to.getresponse()
        content = answer.read()
        if answer.status != http.client.OK:
            raise BenchError(f"{path}: {answer.status} {content[:200]!r}")
        return content

    def close(self) -> None:
        self._to.close()


def _timed(act: Callable[[], object]) -> float:
    began_s = time.monotonic()
    act()
    return time.monotonic() - began_s
