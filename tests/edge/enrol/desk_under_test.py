"""A desk whose clock, camera and fleet the test holds: the real page, the real pipeline, a real fleet API in
this process, and a cable between them that can be pulled."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np

from edge.enrol.adapters.fleet_api import FleetApi
from edge.enrol.adapters.key_file import KEY_FILE, content_key
from edge.enrol.adapters.preview import encode_preview
from edge.enrol.adapters.sealed_shelf import SealedShelf
from edge.enrol.consent import consent_texts
from edge.enrol.counter import Counter, Workplace
from edge.enrol.guard import Door
from edge.enrol.lens import Lens
from edge.enrol.sending import Seal
from edge.enrol.web import create_app
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.ports import Camera
from fleet.accounts import store as accounts
from fleet.accounts.rules import Role
from fleet.db import writing
from tests.fleet.hall_under_test import CHEAP, CONGRESS, ORIGIN, PASSWORD, HallUnderTest, TestClient
from wire.ids import CongressId

PAGE = "http://127.0.0.1:4711"
TOKEN, COOKIE = "token-on-the-terminal", "cookie-of-the-desk"


class Cable(TestClient):
    """To the fleet; pulled, nobody answers."""

    __test__ = False
    pulled = False

    def request(self, *arguments: Any, **options: Any) -> httpx.Response:
        if self.pulled:
            raise httpx.ConnectError("pulled")
        return super().request(*arguments, **options)


@dataclass
class DeskUnderTest:
    folder: Path
    hall: HallUnderTest
    pipeline: Pipeline
    open_camera: Callable[[], Camera] | None = None
    replace_key: bool = False
    read_off: bool = True
    """Somebody has read the gates' keys off them, and they are what the fleet says, too."""
    congress: CongressId = CONGRESS
    now_ms: int = 1_000
    cable: Cable = field(init=False)
    shelf: SealedShelf = field(init=False)
    counter: Counter = field(init=False)
    browser: TestClient = field(init=False)

    def __post_init__(self) -> None:
        self.cable = Cable(self.hall.app, base_url=ORIGIN)
        self.start()

    def start(self) -> None:
        """As after a restart of the program: what it knows is what its folder holds."""
        self.shelf = SealedShelf(self.folder, self.congress)
        key = content_key(self.folder / KEY_FILE, os.urandom)
        seal = Seal(self.congress, key, self.replace_key, self.gates() if self.read_off else {})
        lens = Lens(self.open_camera, encode_preview, self.clock, self.wait)
        self.counter = Counter(
            Workplace(
                "desk-1",
                seal,
                self.pipeline,
                self.shelf,
                FleetApi(self.cable),
                consent_texts(),
                lens,
                os.urandom,
                self.clock,
            )
        )
        door = Door(frozenset({PAGE.removeprefix("http://")}), TOKEN, COOKIE)
        app = create_app(self.counter, door)
        self.browser = TestClient(app, base_url=PAGE, headers={"origin": PAGE})
        ok(self.browser.post("/api/start", json={"token": TOKEN}))

    def gates(self) -> dict[str, bytes]:
        told = self.hall.client(Role.TECHNICIAN).get("/api/references").json()["gates"]
        return {gate["device"]: bytes.fromhex(gate["sealing_key"]) for gate in told}

    def stop(self) -> None:
        self.shelf.close()

    def clock(self) -> int:
        return self.now_ms

    def wait(self, ms: int) -> None:
        self.now_ms += ms

    def account(self, *roles: Role) -> str:
        """A fleet account with these roles."""
        name = "-".join(roles)
        with writing(self.hall.engine) as connection:
            if accounts.find(connection, name) is None:
                accounts.add(
                    connection, name, CHEAP.hashed(PASSWORD), frozenset(roles), self.hall.clock.now_ms
                )
        return name

    def sign_in(self, *roles: Role) -> Mapping[str, Any]:
        told = {"account": self.account(*(roles or (Role.SECRETARIAT,))), "password": PASSWORD}
        return ok(self.browser.post("/api/sign-in", json=told))

    def agreed(self, member: str, name: str = "") -> Mapping[str, Any]:
        """This member is at the desk, and has consented."""
        ok(self.browser.post("/api/visit", json={"member": member, "name": name}))
        return ok(self.browser.post("/api/visit/consent", json={"language": "vi", "channel": "desk"}))

    def show(self, photograph: Path | bytes) -> httpx.Response:
        data = photograph if isinstance(photograph, bytes) else photograph.read_bytes()
        kind = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
        return self.browser.post("/api/visit/photograph", content=data, headers={"content-type": kind})

    def finish(self) -> httpx.Response:
        return self.press("/api/visit/finish")

    def press(self, path: str, method: str = "POST") -> httpx.Response:
        return self.browser.request(method, path, json={})

    def enrol(self, member: str, *photographs: Path) -> Mapping[str, Any]:
        self.agreed(member)
        for photograph in photographs:
            ok(self.show(photograph))
        return ok(self.finish())


def ok(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer: httpx.Response, code: str) -> Mapping[str, str]:
    """Both sentences of a refusal with this code."""
    told = answer.json()
    assert answer.status_code in {401, 403, 409, 413, 415, 422}, answer.text
    assert told["code"] == code, told
    assert told["vi"], told
    assert told["en"].endswith((".", ")")) or " " in told["en"], told
    return told


def jpeg(pixels: "np.ndarray[Any, np.dtype[np.uint8]]", quality: int = 90) -> bytes:
    """pixels: BGR."""
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return bytes(data)


def two_people(one: Path, other: Path) -> bytes:
    """Both in one photograph, side by side, at the same height."""
    pictures = [cv2.imread(str(path)) for path in (one, other)]
    side_by_side = [cv2.resize(picture, (600, 760)) for picture in pictures]
    return jpeg(np.hstack(side_by_side))
