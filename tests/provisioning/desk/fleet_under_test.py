"""A fleet in memory that knows of places and devices what the real one's API says, and can fall silent."""

import threading
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from provisioning.errors import FleetRefused

PASSWORD = "four words are enough"


def place(name: str, role: str = "keypad", **fields: Any) -> dict[str, Any]:
    at = int("".join(filter(str.isdigit, name)) or 0)
    row = {"place": name, "role": role, "label": f"Seat {name}", "row": "A", "seat": name[-2:], "x": at * 100}
    nothing = dict.fromkeys(("serial", "device", "state", "word", "colour", "age_s"))
    return {**row, "y": 100, **nothing, **fields}


@dataclass
class FleetUnderTest:
    """The FleetDoor of the desk. silent: nobody answers; before, after: called around every registration, for
    faults."""

    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    devices: dict[str, dict[str, Any]] = field(default_factory=dict)
    roles: dict[str, list[str]] = field(
        default_factory=lambda: {"desk": ["technician"], "lan": ["technician"], "usher": ["usher"]}
    )
    silent: bool = False
    refusal: tuple[int, str] | None = None
    sentence: str = "No, said the fleet."
    sentence_vi: str = ""
    hangs: threading.Event | None = None
    """It accepts every call and answers none before this is set."""
    held: int = 0
    """Calls that hang, or did."""
    before: Any = None
    after: Any = None
    over: set[str] = field(default_factory=set)
    """Accounts whose sign-ins have ended."""
    said: list[tuple[str, str, str]] = field(default_factory=list)
    """(account, method, path) of every call."""

    def plan(self, *rows: dict[str, Any]) -> None:
        self.places.update({row["place"]: row for row in rows})

    def sign_in(self, account: str, password: str) -> "Seat":
        self.answers()
        if account not in self.roles or password != PASSWORD:
            raise FleetRefused("Account or password is wrong.", reason="wrong-password", status=401)
        self.over.discard(account)
        return Seat(self, account)

    def answers(self) -> None:
        if self.hangs is not None:
            self.held += 1
            self.hangs.wait(60)
        if self.silent:
            raise FleetRefused("the fleet does not answer: start it, then try again")

    def registrations(self) -> list[str]:
        return [account for account, method, path in self.said if (method, path) == ("POST", "/api/devices")]


@dataclass
class Seat:
    fleet: FleetUnderTest
    account: str

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        fleet = self.fleet
        fleet.answers()
        fleet.said.append((self.account, method, path))
        if self.account in fleet.over:
            raise FleetRefused("Sign in first.", reason="not-signed-in", status=401)
        match method, path.split("/")[2:]:
            case "GET", ["me"]:
                return {"account": self.account, "roles": fleet.roles[self.account]}
            case "GET", ["places"]:
                return [dict(row) for row in fleet.places.values()]
            case "GET", ["devices"]:
                return list(fleet.devices.values())
            case "GET", ["devices", name]:
                return self._device(name)
            case "POST", ["devices"]:
                return self._register(body or {})
            case "POST", ["devices", name, "commands"]:
                return {"id": 1, "expires_ms": 2, "told": (body or {})["command"], "device": name}
            case "POST", ["swap"]:
                return self._swap(body or {})
        raise FleetRefused(f"{method} {path}: Not Found.", reason="not-found", status=404)

    def _device(self, name: str) -> dict[str, Any]:
        if name not in self.fleet.devices:
            raise FleetRefused(
                f"There is no device {name}: look at its label again, or load the list again.",
                reason="not-found",
                status=404,
            )
        return self.fleet.devices[name]

    def _register(self, body: dict[str, Any]) -> dict[str, Any]:
        fleet = self.fleet
        if fleet.before is not None:
            fleet.before()
        if fleet.refusal is not None:
            status, code = fleet.refusal
            raise FleetRefused(fleet.sentence, status=status, reason=code, vi=fleet.sentence_vi)
        certificate = x509.load_pem_x509_certificate(body["certificate"].encode())
        name = str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        known = fleet.devices.get(
            name, {"place": "spare", "place_id": None, "sealing_key": None, "serial": None}
        )
        where = body.get("place_id", known.get("place_id"))
        if where is not None:
            stands = fleet.places[where]
            if stands["device"] not in (None, name):
                raise FleetRefused("The place is taken.", reason="place-taken", status=409)
            stands.update(device=name, state="active", word="online", colour="green", age_s=1)
        line = {"device": name, "state": "active", "word": "online", "colour": "green", "place_id": where}
        fleet.devices[name] = {**known, "place": where or "spare", **body, **line}
        if fleet.after is not None:
            fleet.after()
        return fleet.devices[name]

    def _swap(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.fleet.refusal is not None:
            status, code = self.fleet.refusal
            raise FleetRefused(self.fleet.sentence, status=status, reason=code, vi=self.fleet.sentence_vi)
        dead, spare = self._device(body["dead"]), self._device(body["spare"])
        stands = self.fleet.places[dead["place_id"]]
        stands["device"] = spare["device"]
        spare["place_id"], dead["place_id"], dead["state"] = dead["place_id"], None, "revoked"
        if self.fleet.after is not None:
            self.fleet.after()
        named = {"place": stands["place"], "label": stands["label"], "dead": dead["device"]}
        said = {"sittings": [], "question": None, "voted": None, "notes_vi": [], "notes_en": []}
        return {**named, "spare": spare["device"], **said}
