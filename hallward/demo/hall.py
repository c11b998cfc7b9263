"""The demo's hall: folders, ports, processes and hands of one fleet, two gates and its keypads."""

import fcntl
import json
import re
import secrets
import shutil
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from hallward.demo.api import Api
from hallward.demo.cable import Cable
from hallward.demo.children import Children, run_to_end
from hallward.demo.hands import Hands
from wire.errors import HallError

HALL: Final = "demo-hall"
CONGRESS: Final = "demo-congress"
HOST: Final = "127.0.0.1"
GATES: Final = ("gate-1", "gate-2")
MARKER: Final = "this-is-a-hallward-demo"
_CODE: Final = re.compile(r"one-time code ([0-9A-Z-]+)")


class InUse(HallError):
    """Another demo runs there."""

    code = "demo-runs"


class NotOurs(HallError):
    """The folder holds something else than a demo, or is not for us to write."""

    code = "not-a-demo"
    exit_code = 78


@dataclass(frozen=True, slots=True)
class Offices:
    """Public keys of desk and store, hex: what devices pin and the audit is given."""

    desk: str
    store: str


@dataclass(slots=True)
class Hall:
    """folder: everything of this run. models: the converted networks. claim: of the folder. charter: to be
    pinned in the keypads."""

    folder: Path
    models: Path
    api_port: int
    keypads: tuple[str, ...]
    children: Children
    offices: Offices
    broker_port: int
    cable: Cable
    claim: IO[bytes]
    charter: Path | None = None
    passwords: dict[str, str] = field(default_factory=dict)
    code: str = ""
    code_heard: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.api_port}"

    def device(self, name: str) -> Path:
        return self.folder / "devices" / name

    def hands(self, name: str) -> Hands:
        return Hands(self.device(name))

    def hear(self, line: str) -> bool:
        """Take the one-time code from the fleet's console, so that it stands in no file."""
        found = _CODE.search(line)
        if found is None:
            return False
        self.code = found[1]
        self.code_heard.set()
        return True

    def account(self, name: str, roles: Sequence[str], admin: Api) -> Api:
        """A new account with a password of its own, signed in."""
        self.passwords[name] = secrets.token_urlsafe(15)
        credentials = {"account": name, "password": self.passwords[name]}
        admin.post("/api/accounts", {**credentials, "roles": list(roles)})
        person = Api(HOST, self.api_port)
        person.post("/api/sign-in", credentials)
        return person

    def first_admin(self) -> Api:
        self.passwords["admin"] = secrets.token_urlsafe(15)
        credentials = {"account": "admin", "password": self.passwords["admin"]}
        admin = Api(HOST, self.api_port)
        admin.post("/api/first-admin", {**credentials, "code": self.code})
        admin.post("/api/sign-in", credentials)
        return admin

    def provision(self) -> None:
        """All devices, by the technician's own process. The cut-off keypad's network runs over the cable."""
        gate_firmware = {"models": str(self.models.resolve())}
        devices: list[dict[str, Any]] = [
            {
                "device": name,
                "role": "gate" if name in GATES else "keypad",
                "folder": str(self.device(name)),
                "place": _place(name),
                "broker": [HOST, self.cable.port] if name == self.cut_off else None,
                "firmware": gate_firmware if name in GATES else None,
                "charter": None if self.charter is None or name in GATES else str(self.charter),
            }
            for name in (*GATES, *self.keypads)
        ]
        work = {
            "authority": str(self.folder / "authority"),
            "fleet": self.address,
            "account": "technician",
            "devices": devices,
        }
        run_to_end(
            [],
            module="hallward.demo.technician",
            said=json.dumps(work),
            environment={"HALLWARD_PASSWORD": self.passwords["technician"]},
        )

    @property
    def cut_off(self) -> str:
        """The keypad whose cable is pulled."""
        return self.keypads[2]

    def start_devices(self) -> None:
        for name in (*GATES, *self.keypads):
            self.children.start(name, ["gate" if name in GATES else "keypad", "run", str(self.device(name))])


def make_hall(
    folder: Path, models: Path, api_port: int, keypads: int, broker: str, say: Callable[[str], None]
) -> Hall:
    """A fresh hall in the folder: whatever an earlier demo left there is removed.

    say: told when a process was killed and is started again.

    Raises InUse, NotOurs rather than remove anything else, ProcessDied when a step refuses.
    """
    claim = _claim(folder)
    broker_port = _free_port()
    fleet = ["--data", str(folder / "fleet")]
    said = run_to_end(
        [
            *("fleet", "init", *fleet, "--hall", HALL, "--congress", CONGRESS, "--broker", broker),
            *("--api-port", str(api_port), "--broker-port", str(broker_port)),
        ]
    )
    keys = dict(line.split() for line in said.splitlines() if line.startswith(("desk ", "store ")))
    offices = Offices(keys["desk"], keys["store"])
    run_to_end(
        [
            *("provision", "hall", HALL, "--congress", CONGRESS, "--authority", str(folder / "authority")),
            *("--desk", offices.desk, "--store", offices.store, "--broker-port", str(broker_port)),
            *("--fleet-tls", str(folder / "fleet" / "tls")),
        ]
    )
    names = tuple(f"keypad-{number:02}" for number in range(1, keypads + 1))
    children = Children(folder / "logs", say)
    return Hall(
        folder, models, api_port, names, children, offices, broker_port, Cable((HOST, broker_port)), claim
    )


def _claim(folder: Path) -> IO[bytes]:
    """Empty the folder, which is ours alone as long as the answered file stays open."""
    if folder.exists() and not (folder / MARKER).exists() and any(folder.iterdir()):
        raise NotOurs(f"{folder} holds other things than a demo: name another one with --folder")
    try:
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        claim = (folder / MARKER).open("ab")
    except OSError as err:
        raise NotOurs(f"{folder} cannot be written ({err.strerror}): name another one with --folder") from err
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        claim.close()
        raise InUse(
            f"a demo is running in {folder}: end it (Ctrl-C there), or name another --folder and --port"
        ) from None
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != MARKER:
            path.unlink()
    return claim


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def _place(name: str) -> str:
    kind, number = name.split("-")
    return f"door {number}" if kind == "gate" else f"seat {number}"
