"""A hall that begins with boxes: fleet and desk run, devices have a boot medium and nothing else."""

import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import tomli_w

from edge.device.adapters.device_folder import read_folder
from edge.device.adapters.renewal_client import DeskRenewer
from edge.device.config import DeskAddress
from hallward.demo.hands import Hands
from models.places import package_folder
from tests.models.gate_models import ready_cache
from tests.provisioning.media.fat32 import Fat32
from tests.servers.ports import free_port
from tests.system.hall import CONGRESS, HALL, HOST, START_S, SystemHall
from tests.system.provisioning.technician import Technician
from wire.ids import DESK, STORE, DeviceId
from wire.keys import PublicKey
from wire.records import Alarm, Stamp
from wire.topics import Up

PASSPHRASE: Final = "a passphrase for tests alone"
HEADING: Final = "place,role,label,row,seat,x,y,serial"


class Site(SystemHall):
    """No keypads of its own. Devices are called by their serial numbers: their names come with the claim."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind, 0)
        self.desk_port, self.renewal_port = free_port(), free_port()
        self.root = self.folder / "root"
        self.names: dict[str, str] = {}
        """The device's name by its serial number."""
        self._switched_on_s: dict[str, float] = {}
        self._cards: dict[str, dict[str, bytes]] = {}
        self.technician = Technician(HOST, self.desk_port, self.root / "root.crt")

    def start(self) -> None:
        self.found()
        self.start_desk()
        self.technician.sign_in("officer", self.password)

    # -- its server ------------------------------------------------------------------------------------------

    def _provision_hall(self, keys: Mapping[DeviceId, PublicKey]) -> None:
        self.hallward("provision", "root", str(self.root))
        words = ["provision", "hall", HALL, "--congress", CONGRESS, "--authority", str(self.authority_folder)]
        words += ["--desk", keys[DESK].raw.hex(), "--store", keys[STORE].raw.hex(), "--root", str(self.root)]
        words += ["--broker-port", str(self.config.broker_port), "--fleet-tls", str(self.data / "tls")]
        self.hallward(*words)

    @property
    def authority_folder(self) -> Path:
        return self.folder / "authority"

    @property
    def fleet_words(self) -> list[str]:
        return ["--fleet", f"http://{HOST}:{self.config.api_port}", "--account", "officer"]

    def start_desk(self) -> None:
        since = len(self.processes.said("desk"))
        words = ["provision", "desk", "--authority", str(self.authority_folder), *self.fleet_words]
        words += ["--fleet-tls", str(self.data / "tls"), "--host", HOST, "--name", HOST, "--no-announce"]
        words += ["--port", str(self.desk_port), "--renewal-port", str(self.renewal_port)]
        self.processes.start("desk", words, {**self.environment, "HALLWARD_PASSWORD": self.password})
        self.until(lambda: "desk is up" in self.processes.said("desk")[since:], "the desk is up", START_S)

    def hallward(self, *words: str, status: int = 0) -> str:
        """A command as a technician types it; what it printed."""
        secrets = {"HALLWARD_ROOT_PASSPHRASE": PASSPHRASE, "HALLWARD_PASSWORD": self.password}
        done = subprocess.run(
            [sys.executable, "-m", "hallward", *words], capture_output=True, text=True, check=False,
            env={**os.environ, **self.environment, **secrets},
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def plan(self, rows: Sequence[str]) -> str:
        """Import the plan of the hall; what the command said."""
        self.technician.prepares("import the plan of the hall: one command")
        table = self.folder / "plan.csv"
        table.write_text("\n".join([HEADING, *rows]) + "\n", encoding="utf-8")
        return self.hallward("provision", "places", "import", str(table), *self.fleet_words)

    # -- devices ---------------------------------------------------------------------------------------------

    def card(self, role: str) -> dict[str, bytes]:
        """What stands on the card of this class, written once by the real command and read off its image."""
        if role not in self._cards:
            image, wiring = self.folder / f"{role}.img", self.folder / f"{role}-hardware.toml"
            models = {"gate": {"models": str(package_folder(ready_cache()))}} if role == "gate" else {}
            wiring.write_text(tomli_w.dumps({role: {}} | models))  # a keypad without keys: hands press
            words = ["provision", "image", "--fat-image", str(image), "--class", role]
            words += ["--root", str(self.root / "root.crt"), "--desk", f"{HOST}:{self.desk_port}"]
            self.technician.prepares(f"write the card of the {role}s: one command for all of them")
            self.hallward(*words, "--hardware", str(wiring))
            self._cards[role] = Fat32(image).files()
        return self._cards[role]

    def unbox(self, serial: str, role: str) -> None:
        """A machine with its card, switched on. What its unit of systemd does before the program starts is
        done here; what its hardware would say, or do with a finger, is added: serial number, keys."""
        folder, card = self.device(serial), self.card(role)
        folder.mkdir(parents=True)
        for name in ("seed.toml", "hardware.toml", "root.crt"):
            (folder / name).write_bytes(card[f"hallward/{name}"])
        seed = tomllib.loads((folder / "seed.toml").read_text(encoding="utf-8"))
        machine = {"serial": serial, "simulated": {"hands": True}}
        (folder / "seed.toml").write_text(tomli_w.dumps(seed | machine))
        self.technician.mounts(serial)
        self.switch_on(serial, role)

    def switch_on(self, serial: str, role: str) -> None:
        self._switched_on_s[serial] = time.monotonic()
        self.processes.start(serial, [role, "run", str(self.device(serial))])

    def until_screen(self, serial: str, state: str) -> dict[str, Any]:
        """Until the machine shows this state of its claim; what it shows."""
        self.until(
            lambda: self.look(serial).get("state") == state,
            f"{serial} shows {state}, not {self.look(serial)}: {self.processes.said(serial)[-800:]}",
            START_S,
        )
        return self.look(serial)

    def press_button(self, serial: str) -> None:
        """The device's own."""
        Hands(self.device(serial)).do("press", button="ok")

    def line_of(self, serial: str) -> dict[str, Any]:
        """The fleet's line of the active device with this serial number; empty when it knows none."""
        for line in self.api.get("/api/devices"):
            if line["serial"] == serial and line["state"] == "active":
                return dict(line)
        return {}

    def is_green(self, serial: str) -> bool:
        return self.line_of(serial).get("colour") == "green"

    def claim(self, serial: str, place: str) -> str:
        """By hand, every act of the person counted; the device's name. It is green when this returns."""
        shown = self.until_screen(serial, "waiting")
        waited_s = time.monotonic() - self._switched_on_s[serial]
        self.technician.scan(serial, shown["page"])
        self.technician.tap(serial, place)
        tapped_s = time.monotonic()
        self.until_screen(serial, "placed")
        asked_s = time.monotonic() - tapped_s
        self.technician.pressed(serial, partial(self.press_button, serial))
        pressed_s = time.monotonic()
        self.until(
            partial(self.is_green, serial),
            f"{serial} is green: {self.processes.said(serial)[-2000:]}",
            START_S,
        )
        self.technician.machine_time(serial, waited_s, asked_s, time.monotonic() - pressed_s)
        self.names[serial] = str(self.line_of(serial)["device"])
        return self.names[serial]

    def up(self, name: str, kind: Up = Up.REC) -> str:
        """By serial number here, as everything else."""
        return super().up(self.names.get(name, name), kind)

    def renews(self, serial: str) -> None:
        """As the holder of this folder may try at any time. Raises DeskRefused."""
        folder = read_folder(self.device(serial), "keypad")
        DeskRenewer(folder, DeskAddress(HOST, self.renewal_port)).renew()

    def genuine_records(self, serial: str, count: int) -> list[bytes]:
        """Signed in order by the key in this folder, and said by nobody yet; its process has ended."""
        outbox = read_folder(self.device(serial), "keypad").open_outbox()
        try:
            first = outbox.last_seq + 1
            for number in range(count):
                stamp = Stamp(outbox.boot, number, int(time.time() * 1000), 1000)
                outbox.append(Alarm("card-copied", f"record {number}"), stamp)
            return [envelope for _, envelope in outbox.read(first, count)]
        finally:
            outbox.close()
