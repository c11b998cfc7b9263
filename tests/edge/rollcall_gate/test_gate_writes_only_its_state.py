"""A read-only root is no matter to a gate: whatever it writes lies in the state folder of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.edge.rollcall_gate.rig import CONGRESS, DESK, GATE, REGISTRAR, SEALING_KEY, STORE
from tests.servers.credentials import HALL, HallKeys
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until

pytestmark = pytest.mark.system


@pytest.fixture
def root(tmp_path: Path, hall_keys: HallKeys, gate_models) -> Path:
    """Everything a gate could reach: its folder `device`, and empty places where programs like to write."""
    device = tmp_path / "device"
    for name in ("device", "home", "temporary", "cwd"):
        (tmp_path / name).mkdir()
    own = hall_keys.credentials(GATE)
    trust = {"desk": DESK, "store": STORE, "registrar": REGISTRAR}
    keys = "\n".join(f'{name} = "{signer.public_key.raw.hex()}"' for name, signer in trust.items())
    (device / "device.toml").write_text(
        f'congress = "{CONGRESS}"\nhall = "{HALL}"\ndevice = "{GATE}"\nrole = "gate"\n'
        f'[broker]\nhost = "127.0.0.1"\nport = {free_port()}\n[trust]\n{keys}\n[simulated]\nhands = true\n'
        f'[gate]\nmodels = "{gate_models.embedder.parent}"\n',
        "utf-8",
    )
    sealing = SEALING_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    files = {
        "identity.crt": own.certificate.read_bytes(),
        "ca.crt": own.authority.read_bytes(),
        "identity.key": own.key.read_bytes(),
        "state/sealing.key": sealing,
    }
    (device / "state").mkdir(mode=0o700)
    for name, content in files.items():
        (device / name).write_bytes(content)
        (device / name).chmod(0o600)
    return tmp_path


@pytest.fixture
def gate(root: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Running where it may write nowhere but below `root`, as far as a program asks its environment."""
    process = subprocess.Popen(
        [sys.executable, "-m", "edge.rollcall_gate", "run", str(root / "device")],
        cwd=root / "cwd",
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).resolve().parents[3]),
            "PYTHONDONTWRITEBYTECODE": "1",  # as in hallward-gate.service
            "HOME": str(root / "home"),
            "XDG_CACHE_HOME": str(root / "home" / "cache"),
            "TMPDIR": str(root / "temporary"),
        },
        stderr=subprocess.PIPE,
    )
    yield process
    process.kill()
    process.communicate()


def tree(root: Path) -> dict[str, tuple[int, int]]:
    """Path -> (size, time of the last change in ns) of everything but what lies in the state folder."""
    found = {}
    for path in root.rglob("*"):
        place = path.relative_to(root)
        if place.parts[:2] != ("device", "state"):
            stat = path.lstat()
            changes = stat.st_mtime_ns if path.is_file() else 0
            found[str(place)] = (stat.st_size if path.is_file() else 0, changes)
    return found


def hands(folder: Path, **wish: object) -> dict[str, object]:
    with socket.socket(socket.AF_UNIX) as hand:
        hand.settimeout(10)
        hand.connect(str(folder / "state" / "hands.sock"))
        hand.sendall(json.dumps(wish).encode() + b"\n")
        found: dict[str, object] = json.loads(hand.makefile().readline())
        return found


def test_a_gate_that_ran_changed_nothing_but_its_state(root: Path, gate: subprocess.Popen[bytes]) -> None:
    before = tree(root)
    folder = root / "device"

    def answers() -> bool:
        assert gate.poll() is None, gate.stderr.read() if gate.stderr else ""
        try:
            return "view" in hands(folder, do="look")
        except OSError:
            return False

    wait_until(answers, "an answer of the gate", timeout_s=60)
    gate.send_signal(signal.SIGTERM)
    _, said = gate.communicate(timeout=60)
    assert gate.returncode == 0, said
    assert tree(root) == before
    assert (folder / "state" / "outbox.db").exists()
