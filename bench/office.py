"""The secretariat of a bench hall: signs in over HTTP, makes a sitting and opens a ballot."""

import re
import secrets
from collections.abc import Sequence
from typing import Any, Final

from bench.hall import READY_S, Hall
from bench.keypads import QUESTION, SITTING
from bench.processes import wait_until
from fleet.api.types import IMPORT_ROWS_MAX
from hallward.demo.api import Api
from wire.ids import DeviceId

_CODE: Final = re.compile(r"one-time code ([0-9A-Z-]+)")


def secretariat(hall: Hall) -> Api:
    """Signed in, by an account that the first admin has made."""
    wait_until(lambda: bool(_codes(hall)), READY_S, "the first admin's one-time code", hall.fleet)
    admin = Api(hall.api.host, hall.api.port)
    credentials = {"account": "admin", "password": secrets.token_urlsafe(15)}
    admin.post("/api/first-admin", {**credentials, "code": _codes(hall)[-1]})
    admin.post("/api/sign-in", credentials)
    office = Api(hall.api.host, hall.api.port)
    credentials = {"account": "office", "password": secrets.token_urlsafe(15)}
    admin.post("/api/accounts", {**credentials, "roles": ["secretariat"]})
    office.post("/api/sign-in", credentials)
    return office


def _codes(hall: Hall) -> list[str]:
    return _CODE.findall(hall.fleet_log())


def open_ballot(office: Api, keypads: Sequence[DeviceId]) -> None:
    """A sitting in which each of these keypads speaks for one member, with an open ballot."""
    members: list[dict[str, Any]] = []
    for start in range(0, len(keypads), IMPORT_ROWS_MAX):
        names = [{"name": f"Delegate {device}"} for device in keypads[start : start + IMPORT_ROWS_MAX]]
        members += office.post("/api/members", {"members": names})
    roll = [
        {"member": member["member"], "device": device, "seat": device.removeprefix("keypad-")}
        for member, device in zip(members, keypads, strict=True)
    ]
    rules = {"quorum_num": 1, "quorum_den": 2}
    office.post("/api/sittings", {"sitting": SITTING, "title": "Bench", **rules, "roll": roll})
    office.post(f"/api/sittings/{SITTING}/open")
    majority = {"majority_num": 1, "majority_den": 2}
    question = {"question": QUESTION, "text": "Bench?", "revote": True, **majority}
    office.post(f"/api/sittings/{SITTING}/questions", question)
    office.post(f"/api/questions/{QUESTION}/open", {"accept_missing": True})
