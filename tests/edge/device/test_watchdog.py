"""A device that hangs is started again: what a supervisor hears, in the pure rule, in the loop, from a
process."""

import os
import queue
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.device.adapters.mqtt_link import BrokerAddress, MqttLink
from edge.device.adapters.systemd_notify import SystemdNotify
from edge.device.freshness import ALIVE, READY, STOPPING, Freshness, Lifeline
from tests.servers.brokers import BrokerFactory
from tests.servers.credentials import HALL, HallKeys
from tests.servers.ports import free_port
from wire import topics
from wire.ids import DeviceId

PATIENCE_S: Final = 30.0


class Ear:
    """A supervisor's socket: `hears` waits for the next message."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(PATIENCE_S)
        self.socket.bind(address.replace("@", "\0", 1))

    def hears(self) -> str:
        return self.socket.recv(4096).decode()

    def hears_until(self, words: str) -> list[str]:
        """Everything before these words."""
        heard = []
        while (said := self.hears()) != words:
            heard.append(said)
        return heard

    def empty(self) -> None:
        """Forget what was said until now."""
        self.socket.setblocking(False)
        try:
            while True:
                self.socket.recv(4096)
        except BlockingIOError:
            self.socket.settimeout(PATIENCE_S)


@pytest.fixture
def address(tmp_path: Path) -> str:
    return str(tmp_path / "notify")


@pytest.fixture
def ear(address: str) -> Iterator[Ear]:
    found = Ear(address)
    yield found
    found.socket.close()


# -- the rule ----------------------------------------------------------------------------------------------


class Hand:
    ms = 0

    def __call__(self) -> int:
        return self.ms


def test_a_source_is_stale_only_beyond_its_own_limit_and_fresh_again_when_it_beats() -> None:
    now = Hand()
    fresh = Freshness(now)
    fresh.expect("camera", 2000)
    beat_link = fresh.expect("link", 60_000)
    assert fresh.alive(2000) == ()
    assert fresh.alive(2001) == ("camera",)
    assert fresh.alive(60_001) == ("camera", "link")
    now.ms = 60_001
    fresh.beat("camera")
    assert fresh.alive(60_001) == ("link",)
    beat_link()
    assert fresh.alive(60_001) == ()


def test_a_beat_that_nobody_expects_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        Freshness(Hand()).beat("camera")


def test_ready_is_said_once_and_alive_every_period_while_every_source_is_fresh() -> None:
    now = Hand()
    fresh = Freshness(now)
    fresh.expect("camera", 3000)
    line = Lifeline(fresh, 5000)
    said: dict[int, list[str]] = {}
    for now.ms in range(0, 20_001, 500):
        if now.ms <= 10_000:
            fresh.beat("camera")
        words = list(line.step(now.ms, "connected"))
        if words:
            said[now.ms] = words
    assert said == {
        0: [READY, "STATUS=connected", ALIVE],
        5_000: [ALIVE],
        10_000: [ALIVE],
        13_500: ["STATUS=hangs: camera"],
    }
    fresh.beat("camera")
    assert list(line.step(20_000, "connected")) == ["STATUS=connected", ALIVE]


def test_a_supervisor_that_asks_for_no_watchdog_gets_none() -> None:
    line = Lifeline(Freshness(Hand()), None)
    assert [*line.step(0, "connected"), *line.step(99_000, "connected")] == [READY, "STATUS=connected"]


# -- the socket --------------------------------------------------------------------------------------------


def test_it_speaks_to_a_path_and_to_an_abstract_name(tmp_path: Path) -> None:
    for address in (str(tmp_path / "notify"), f"@hallward-test-{os.getpid()}"):
        ear = Ear(address)
        SystemdNotify({"NOTIFY_SOCKET": address}, 1).say("STATUS=đang chờ")
        assert ear.hears() == "STATUS=đang chờ"
        ear.socket.close()


@pytest.mark.parametrize(
    ("environment", "watchdog_ms"),
    [
        ({"WATCHDOG_USEC": "15000000", "WATCHDOG_PID": "7"}, 5000),
        ({"WATCHDOG_USEC": "15000000"}, 5000),
        ({"WATCHDOG_USEC": "15000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({}, None),
    ],
)
def test_it_beats_three_times_in_the_time_that_systemd_waits_if_that_is_meant_for_this_process(
    environment: dict[str, str], watchdog_ms: int | None
) -> None:
    assert SystemdNotify({"NOTIFY_SOCKET": "/run/n", **environment}, 7).watchdog_ms == watchdog_ms


@pytest.mark.parametrize("name", ["", "@", "vsock:2:1", "relative"])
def test_without_a_socket_that_it_can_speak_to_it_is_silent(name: str) -> None:
    found = SystemdNotify({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "15000000"}, 7)
    found.say(READY)
    assert found.watchdog_ms is None


def test_a_supervisor_that_has_gone_or_reads_nothing_stops_nobody(tmp_path: Path) -> None:
    SystemdNotify({"NOTIFY_SOCKET": str(tmp_path / "gone")}, 7).say(READY)
    deaf = Ear(str(tmp_path / "deaf"))
    line = SystemdNotify({"NOTIFY_SOCKET": str(tmp_path / "deaf")}, 7)
    for _ in range(2000):  # more than a socket's queue holds
        line.say(ALIVE)
    deaf.socket.close()


# -- the link's thread -------------------------------------------------------------------------------------


def test_a_link_that_finds_no_broker_is_alive_all_the_same(hall_keys: HallKeys) -> None:
    own = hall_keys.credentials("keypad-1")
    link = MqttLink(
        BrokerAddress("127.0.0.1", free_port(), own.authority, own.certificate, own.key), ["t"], lambda: 0.0
    )
    said: queue.SimpleQueue[str] = queue.SimpleQueue()
    link.beat = lambda: said.put("beat")
    link.start(lambda event: said.put(type(event).__name__))
    turns = [said.get(timeout=PATIENCE_S) for _ in range(5)]
    link.close()
    assert turns == ["beat", "LinkDown", "beat", "beat", "LinkDown"]  # before each try, before each wait


@pytest.mark.broker
def test_a_link_that_is_connected_and_hears_nothing_beats_every_second(
    start_broker: BrokerFactory, hall_keys: HallKeys
) -> None:
    broker = start_broker("nats")
    broker.start(["keypad-1"])
    own = hall_keys.credentials("keypad-1")
    address = BrokerAddress("127.0.0.1", broker.port, own.authority, own.certificate, own.key)
    link = MqttLink(address, topics.device_filters(HALL, DeviceId("keypad-1")))
    said: queue.SimpleQueue[str] = queue.SimpleQueue()
    link.beat = lambda: said.put("beat")
    link.start(lambda event: said.put(type(event).__name__))
    while said.get(timeout=PATIENCE_S) != "LinkUp":
        continue
    idle = [said.get(timeout=PATIENCE_S) for _ in range(2)]
    link.close()
    assert idle == ["beat", "beat"]
    assert link.round_trip_ms is not None


# -- a process ---------------------------------------------------------------------------------------------

PROGRAM: Final = """
import sys, threading, time
from pathlib import Path
from edge.device.start import run_folder
from tests.edge.device.conftest import Recorder

def build(folder, runtime):
    beat = runtime.freshness.expect("camera", 400)
    hung = threading.Event()
    def look():
        while not hung.wait(0.05):
            beat()
        sys.stdin.readline()
        hung.clear()
        look()
    def hear():
        sys.stdin.readline()
        hung.set()
    threading.Thread(target=look, daemon=True).start()
    threading.Thread(target=hear, daemon=True).start()
    return Recorder(runtime)

run_folder(Path(sys.argv[1]), "keypad", build)
"""
"""A keypad with one more source, `camera`: the first line on stdin hangs it, the second lets it go on."""


@pytest.fixture
def folder(tmp_path: Path, hall_keys: HallKeys) -> Path:
    own = hall_keys.credentials("keypad-1")
    trust = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    (tmp_path / "device.toml").write_text(
        f'congress = "c1"\nhall = "{HALL}"\ndevice = "keypad-1"\nrole = "keypad"\n'
        f'[broker]\nhost = "127.0.0.1"\nport = {free_port()}\n[trust]\ndesk = "{trust}"\nstore = "{trust}"\n'
    )
    for name, source in {
        "identity.crt": own.certificate,
        "ca.crt": own.authority,
        "identity.key": own.key,
    }.items():
        (tmp_path / name).write_bytes(source.read_bytes())
    (tmp_path / "identity.key").chmod(0o600)
    return tmp_path


Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(address: str, ear: Ear) -> Iterator[Start]:
    running: list[subprocess.Popen[bytes]] = []

    def make(*words: str, watchdog_usec: int) -> subprocess.Popen[bytes]:
        running.append(
            subprocess.Popen(
                [sys.executable, *words],
                stdin=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, "NOTIFY_SOCKET": address, "WATCHDOG_USEC": str(watchdog_usec)},
            )
        )
        return running[-1]

    yield make
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.system
def test_ready_once_alive_again_and_again_and_stopping_at_sigterm(
    start: Start, ear: Ear, folder: Path
) -> None:
    keypad = start("-m", "edge.ballot_keypad", "run", str(hands(folder)), watchdog_usec=900_000)
    assert ear.hears() == READY
    for _ in range(3):
        assert READY not in ear.hears_until(ALIVE)
    keypad.send_signal(signal.SIGTERM)
    assert READY not in ear.hears_until(STOPPING)
    assert keypad.wait(PATIENCE_S) == 0


@pytest.mark.system
def test_a_part_that_hangs_ends_the_watchdog_and_one_that_goes_on_revives_it(
    start: Start, ear: Ear, folder: Path
) -> None:
    device = start("-c", PROGRAM, str(folder), watchdog_usec=900_000)
    assert device.stdin is not None
    ear.hears_until(READY)
    ear.hears_until(ALIVE)
    device.stdin.write(b"hang\n")
    device.stdin.flush()
    ear.hears_until("STATUS=hangs: camera")
    ear.empty()
    ear.socket.settimeout(2.0)  # more than two times what a supervisor of this process waits
    with pytest.raises(TimeoutError):
        ear.hears()
    ear.socket.settimeout(PATIENCE_S)
    device.stdin.write(b"go on\n")
    device.stdin.flush()
    assert ear.hears().startswith("STATUS=")
    assert ear.hears() == ALIVE


@pytest.mark.system
def test_a_process_that_is_ended_by_its_watchdog_says_where_it_hung(
    start: Start, ear: Ear, folder: Path
) -> None:
    device = start("-c", PROGRAM, str(folder), watchdog_usec=900_000)
    assert device.stdin is not None
    ear.hears_until(READY)
    device.stdin.write(b"hang\n")
    device.stdin.flush()
    # As systemd does: not before it hangs. A thread that was just importing could not be written down safely.
    ear.hears_until("STATUS=hangs: camera")
    device.send_signal(signal.SIGABRT)
    _, said = device.communicate(timeout=PATIENCE_S)
    assert b"Fatal Python error: Aborted" in said
    assert b"in look" in said, said.decode()
    assert device.returncode == -signal.SIGABRT


def hands(folder: Path) -> Path:
    """The same device on simulated hardware."""
    with (folder / "device.toml").open("a") as text:
        text.write("[simulated]\nhands = true\n")
    return folder


def test_a_firmware_hears_of_its_source_in_the_loop_that_asks(device, recorder) -> None:
    runtime = device.start(recorder)
    beat = runtime.freshness.expect("camera", 1000)
    device.pass_ms(900)
    beat()
    device.pass_ms(900)
    assert runtime.freshness.alive(runtime.clock.monotonic_ms()) == ()
    device.pass_ms(600)
    assert runtime.freshness.alive(runtime.clock.monotonic_ms()) == ("camera",)


def test_what_a_firmware_holds_is_said_in_its_next_birth_beside_the_twins_keys(
    device, fleet, recorder
) -> None:
    runtime = device.start(recorder)
    runtime.holds["embedder"] = "abcd"
    device.pass_ms(1000)
    assert [birth.reported for birth in fleet.births] == [{}]
    device.link.cut()
    device.link.heal()
    device.settle()
    assert fleet.births[-1].reported == {"embedder": "abcd"}
