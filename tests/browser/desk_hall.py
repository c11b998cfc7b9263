"""A hall of real processes with its provisioning desk, and devices that are claimed there over real TLS."""

import http.client
import json
import secrets
import ssl
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import x25519

from edge.device.adapters.desk_tls import DeskConnection
from hallward.demo.hands import Hands, NoAnswer
from provisioning.adapters.fleet_api import FleetApi
from provisioning.authority.root_folder import KeyPlace, create_root_folder
from provisioning.commands import root_request
from provisioning.files import key_pem
from tests.provisioning.desk.scripted_device import ScriptedDevice, pem_of
from tests.servers.ports import free_port
from tests.system.hall import HOST, SystemHall
from wire.enrol import Grant

PASSWORD: Final = "four words are enough"
PLACES: Final = """place,role,label,row,seat,x,y,serial
seat-1,keypad,Hàng A ghế 1,A,A1,1000,2000,
seat-2,keypad,Hàng A ghế 2,A,A2,2000,2000,
seat-3,keypad,Hàng A ghế 3,A,A3,3000,2000,HW-0003
seat-4,keypad,Hàng B ghế 1,B,B1,1000,3000,
seat-5,keypad,Hàng B ghế 2,B,B2,2000,3000,
gate-1,gate,Cửa chính,,C1,2000,6000,
"""


class DeskHall:
    """The fleet has the accounts `desk` and `lan`, both technicians, and the plan of PLACES."""

    def __init__(self, hall: SystemHall) -> None:
        self.hall = hall
        self.port, self.renewal_port = free_port(), free_port()
        self.url = f"https://{HOST}:{self.port}"
        self.folder = hall.folder
        self._connections: list[DeskConnection] = []
        root = create_root_folder(
            self.folder / "root", KeyPlace(), "six random words would be better", "Root", hall.authority.means
        )
        hall.authority.adopt(root.sign(root_request(hall.authority)))
        self.root = self.folder / "trust"
        self.root.mkdir()
        pem = hall.authority.root_certificate.public_bytes(serialization.Encoding.PEM)
        (self.root / "root.crt").write_bytes(pem)
        for account in ("desk", "lan"):
            hall.api.post(
                "/api/accounts", {"account": account, "password": PASSWORD, "roles": ["technician"]}
            )
        hall.api.call("PUT", "/api/places", {"csv": PLACES, "dry_run": False})

    def start(self) -> None:
        words = ["provision", "desk", "--authority", str(self.hall.authority.path)]
        words += ["--fleet", f"http://{HOST}:{self.hall.config.api_port}", "--account", "desk"]
        words += ["--fleet-tls", str(self.hall.data / "tls"), "--host", HOST, "--port", str(self.port)]
        words += ["--renewal-port", str(self.renewal_port), "--name", HOST, "--no-announce"]
        since = len(self.said())
        self.hall.processes.start("desk", words, {"HALLWARD_PASSWORD": PASSWORD})
        self.hall.until(lambda: "desk is up" in self.said()[since:], "the desk is up", 60)

    def said(self) -> str:
        return self.hall.processes.said("desk")

    def connection(self, port: int, client: tuple[Path, Path] | None = None) -> DeskConnection:
        """As a device does it: the chain up to the pinned root."""
        made = DeskConnection(HOST, port, self.root, client)
        self._connections.append(made)
        return made

    def close(self) -> None:
        for connection in self._connections:
            connection.close()

    def device(self, serial: str, **fields: Any) -> ScriptedDevice:
        return ScriptedDevice(serial, self.connection(self.port).post, sealing_key=None, **fields)

    def technician(self) -> FleetApi:
        fleet = FleetApi(f"http://{HOST}:{self.hall.config.api_port}")
        fleet.sign_in("lan", PASSWORD)
        return fleet

    def install(self, device: ScriptedDevice) -> Grant:
        """What a device does with its grant: its folder, `installed`, and it runs as a keypad of the hall."""
        grant = device.grant()
        folder = self.hall.device(grant.device)
        (folder / "state").mkdir(parents=True, mode=0o700)
        certificate = x509.load_der_x509_certificate(grant.certificate)
        (folder / "identity.key").write_bytes(pem_of(device.key))
        (folder / "identity.key").chmod(0o600)
        (folder / "identity.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        (folder / "ca.crt").write_bytes(grant.authority)
        sealing = folder / "state" / "sealing.key"
        sealing.write_bytes(key_pem(x25519.X25519PrivateKey.generate()))
        sealing.chmod(0o600)
        (folder / "device.toml").write_text(f"{grant.settings}\n[simulated]\nhands = true\n")
        device.installed(grant)
        self.hall.start_keypad(grant.device)
        return grant

    def claimed(self, serial: str, place: str) -> tuple[ScriptedDevice, Grant]:
        """A device of the hall, without the page: a technician's API calls and the device's own button."""
        device = self.device(serial)
        status = device.hello()
        with closing(DeskApi(self)) as api:
            api.post(f"/api/claims/{status.claim.hex()}/place", {"place": place})
        device.press()
        self.hall.until(lambda: device.poll().state == "granted", f"{serial} is granted")
        return device, self.install(device)

    def boot(self, serial: str) -> Hands:
        """A real keypad fresh from its card: seed and pinned root, nothing else."""
        folder = self.hall.device(serial)
        folder.mkdir(parents=True)
        (folder / "root.crt").write_bytes((self.root / "root.crt").read_bytes())
        seed = f'role = "keypad"\nserial = "{serial}"\n[desk]\nhost = "{HOST}"\nport = {self.port}\n'
        (folder / "seed.toml").write_text(f"{seed}[simulated]\nhands = true\n")
        self.hall.start_keypad(serial)
        hands = Hands(folder)
        self.hall.until(lambda: _seen(hands).get("state") == "waiting", f"{serial} shows its code")
        return hands

    def colour(self, device: str) -> str:
        return str(self.technician().call("GET", f"/api/devices/{device}")["colour"])

    def until_green(self, device: str) -> None:
        self.hall.until(lambda: self.colour(device) == "green", f"{device} is green")


def _seen(hands: Hands) -> dict[str, Any]:
    """What a person sees at a device; empty while it starts."""
    try:
        return hands.do("look")
    except NoAnswer:
        return {}


class DeskApi:
    """What the page calls, without a browser: signed in as `lan`."""

    def __init__(self, desk: DeskHall) -> None:
        context = ssl.create_default_context(cafile=str(desk.root / "root.crt"))
        self._origin = desk.url
        self._connection = http.client.HTTPSConnection(HOST, desk.port, context=context, timeout=30)
        self._cookie = ""
        self.post("/api/sign-in", {"account": "lan", "password": PASSWORD})

    def close(self) -> None:
        self._connection.close()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json", "Origin": self._origin, "Cookie": self._cookie}
        self._connection.request("POST", path, json.dumps(body), headers)
        answer = self._connection.getresponse()
        content = json.loads(answer.read())
        assert answer.status == 200, content
        if cookie := answer.headers.get("Set-Cookie"):
            self._cookie = cookie.partition(";")[0]
        return content


def serial() -> str:
    return f"HW-{secrets.token_hex(3)}"


def now_s() -> float:
    return time.monotonic()
