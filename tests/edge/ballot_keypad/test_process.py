"""The keypad as a real process: small, quick to start, safe to kill, clean to stop."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from edge.device.adapters.device_folder import read_folder
from edge.device.adapters.sqlite_outbox import SqliteOutboxStore
from edge.device.downlink import Downlink
from edge.device.health import parse_rss_kb
from tests.ballot.board.election import CHARTER, CONGRESS, signer
from tests.ballot.board.election import HALL as SECRET_HALL
from tests.edge.ballot_keypad.secret.hall import DEVICE, Hall
from tests.servers.credentials import HALL, HallKeys
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until
from wire import cbor
from wire.down import BallotNotice, DownMessage, encode_down
from wire.envelope import Purpose, seal
from wire.ids import QuestionId, SittingId
from wire.signers import Ed25519Signer, signer_from_pem

pytestmark = pytest.mark.system

RSS_KB_MAX = 70 * 1024
CPU_S_MAX = 1.0
"""Generous: measured 0.2 s on an idle core, 24 keypads of a demo start at once."""
DESK = Ed25519Signer("desk", ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


class Process:
    """One keypad's folder, and the process that runs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "edge.ballot_keypad", "run", str(self.folder)], stderr=subprocess.PIPE
        )
        wait_until(self.answers, "an answer of the keypad")

    def answers(self) -> bool:
        try:
            return bool(self.look())
        except OSError:
            return False

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=60)
        assert b"Traceback" not in said
        return self.process.returncode

    def wish(self, **wish: str) -> dict[str, object]:
        with socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(10)
            caller.connect(str(self.folder / "state" / "hands.sock"))
            with caller.makefile("rwb") as stream:
                stream.write(json.dumps(wish).encode() + b"\n")
                stream.flush()
                found: dict[str, object] = json.loads(stream.readline())
                return found

    def look(self) -> dict[str, object]:
        return self.wish(do="look")


@pytest.fixture
def keypad(tmp_path: Path, hall_keys: HallKeys) -> Iterator[Process]:
    """A folder as provisioning makes it, without a broker, where an open question is in force."""
    own = hall_keys.credentials("keypad-1")
    desk = DESK.public_key.raw.hex()
    (tmp_path / "device.toml").write_text(
        f'congress = "c1"\nhall = "{HALL}"\ndevice = "keypad-1"\nrole = "keypad"\n'
        f'[broker]\nhost = "127.0.0.1"\nport = {free_port()}\n'
        f'[trust]\ndesk = "{desk}"\nstore = "{desk}"\n[simulated]\nhands = true\n'
    )
    files = {"identity.crt": own.certificate, "ca.crt": own.authority, "identity.key": own.key}
    for name, source in files.items():
        (tmp_path / name).write_bytes(source.read_bytes())
    (tmp_path / "identity.key").chmod(0o600)
    folder = read_folder(tmp_path, "keypad")
    outbox = folder.open_outbox()
    now_ms = time.time_ns() // 1_000_000
    notice = BallotNotice(SittingId("s1"), QuestionId("q1"), "open", "Adopt?", True)
    message = DownMessage(HALL, "all", now_ms, now_ms, now_ms + 3_600_000, notice)
    Downlink(folder.identity, outbox).keep(
        message,
        seal(encode_down(message), Purpose.DOWN, DESK),
        {"twin": cbor.encode({"seat": "A-12", "member": b"m" * 16})},
    )
    outbox.close()
    running = Process(tmp_path)
    yield running
    if running.process is not None and running.process.poll() is None:
        running.end(signal.SIGKILL)


def test_a_vote_survives_kill_9_and_is_not_doubled(keypad: Process) -> None:
    keypad.start()
    assert keypad.look()["state"] == "open"
    keypad.wish(do="press", button="yes")
    told = keypad.wish(do="press", button="ok")
    assert (told["state"], told["choice"]) == ("stored", "yes")
    assert keypad.end(signal.SIGKILL) == -signal.SIGKILL
    keypad.start()
    again = keypad.look()
    assert (again["state"], again["choice"], again["screen"]) == ("stored", "yes", told["screen"])
    assert keypad.end(signal.SIGTERM) == 0
    outbox = read_folder(keypad.folder, "keypad").open_outbox()
    assert (outbox.last_seq, outbox.boot) == (1, 2)
    outbox.close()


def test_sigterm_ends_it_cleanly_and_quickly(keypad: Process) -> None:
    keypad.start()
    assert keypad.end(signal.SIGTERM) == 0
    assert not (keypad.folder / "state" / "hands.sock").exists()


def test_a_second_process_on_the_same_folder_is_refused_and_the_first_lives_on(keypad: Process) -> None:
    keypad.start()
    second = subprocess.run(
        [sys.executable, "-m", "edge.ballot_keypad", "run", str(keypad.folder)],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert b"another process uses this device's folder" in second.stderr
    assert b"Traceback" not in second.stderr
    assert keypad.look()["state"] == "open"


def test_it_is_small_and_quick_to_start(keypad: Process) -> None:
    keypad.start()
    assert keypad.process is not None
    proc = Path("/proc") / str(keypad.process.pid)
    rss_kb = parse_rss_kb((proc / "status").read_text())
    fields = (proc / "stat").read_text().rpartition(")")[2].split()
    cpu_s = (int(fields[11]) + int(fields[12])) / 100
    assert rss_kb is not None
    assert rss_kb <= RSS_KB_MAX
    assert cpu_s <= CPU_S_MAX


def test_it_loads_nothing_of_the_other_roles(tmp_path: Path) -> None:
    program = "import sys, edge.ballot_keypad.app, edge.device.adapters.mqtt_link; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=60)
    loaded = {name.partition(b".")[0] for name in done.stdout.split()}
    foreign = b"fleet hallward models officers provisioning verifier numpy cv2 sqlalchemy asyncio"
    assert b"wire" in loaded
    assert not set(foreign.split()) & loaded


def test_a_secret_question_comes_back_in_a_real_process_and_it_stays_small(
    tmp_path: Path, hall_keys: HallKeys
) -> None:
    """A vote was sealed on a simulated device; the power went; the real firmware starts on what was kept."""
    own = hall_keys.credentials(DEVICE)
    hall = Hall()
    hall.device_key = signer_from_pem(DEVICE, own.key.read_bytes())
    (tmp_path / "state").mkdir(mode=0o700)
    hall.seat.open_store = lambda: SqliteOutboxStore(tmp_path / "state" / "outbox.db")
    hall.open().seat.press("ok", "yes", "ok").wait()
    assert hall.seat.state == "code"
    hall.seat.kill()
    hall.seat.runtime.outbox.close()
    offices = "".join(f'{name} = "{signer(name).public_key.raw.hex()}"\n' for name in ("desk", "store"))
    (tmp_path / "device.toml").write_text(
        f'congress = "{CONGRESS}"\nhall = "{SECRET_HALL}"\ndevice = "{DEVICE}"\nrole = "keypad"\n'
        f'[broker]\nhost = "127.0.0.1"\nport = {free_port()}\n'
        f"[trust]\n{offices}[simulated]\nhands = true\n"
    )
    files = {"identity.crt": own.certificate, "ca.crt": own.authority, "identity.key": own.key}
    for name, source in files.items():
        (tmp_path / name).write_bytes(source.read_bytes())
    (tmp_path / "identity.key").chmod(0o600)
    (tmp_path / "charter").write_bytes(CHARTER.encode())
    running = Process(tmp_path)
    running.start()
    try:
        told = running.look()
        assert (told["kind"], told["state"]) == ("secret", "committing")
        assert "NOT CAST, please choose again" in str(told["screen"])
        assert running.process is not None
        status = Path(f"/proc/{running.process.pid}/status").read_text(encoding="ascii")
        assert (parse_rss_kb(status) or RSS_KB_MAX + 1) <= RSS_KB_MAX
    finally:
        assert running.end(signal.SIGTERM) == 0
