"""A technician with a phone: what their page calls, with every act of the hand counted."""

import http.client
import json
import ssl
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

TIMEOUT_S: Final = 30.0


class Refused(Exception):
    """The desk said no, in its own words."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(f"{status} {code}: {sentence}")
        self.status, self.code, self.sentence = status, code, sentence


@dataclass(slots=True)
class Work:
    """What one device cost. mounting, acts: of the person, in order; before it shows its code, and from then
    on. to_code_s (from the power), to_button_s (from the tap), to_green_s (from the press): of the
    machines."""

    mounting: list[str] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)
    to_code_s: float = 0.0
    to_button_s: float = 0.0
    to_green_s: float = 0.0


class Technician:
    """Signed in at the desk once; then three acts a device."""

    def __init__(self, host: str, port: int, root: Path) -> None:
        self._host, self._port, self._root = host, port, root
        self._cookie = ""
        self._claims: dict[str, str] = {}
        self.once: list[str] = []
        """Human inputs that all devices have in common."""
        self.work: dict[str, Work] = defaultdict(Work)

    def sign_in(self, account: str, password: str) -> None:
        self.prepares("sign in on the phone: account and password")
        self.call("POST", "/api/sign-in", {"account": account, "password": password})

    def prepares(self, what: str) -> None:
        self.once.append(what)

    def mounts(self, serial: str) -> None:
        self.work[serial].mounting += ["put the card in", "plug the cable in"]

    # -- acts of the hand ------------------------------------------------------------------------------------

    def scan(self, serial: str, page: str) -> dict[str, Any]:
        """The QR code that the device shows, with the phone's camera."""
        self.work[serial].acts.append("scan the code on its display")
        address = urlsplit(page)
        code = address.path.rpartition("/")[2]
        found: dict[str, Any] = self.call("GET", f"/api/codes/{quote(code)}?fp={quote(address.fragment)}")
        self._claims[serial] = found["claim"]
        return found

    def tap(self, serial: str, place: str) -> dict[str, Any]:
        """The place on the map."""
        self.work[serial].acts.append(f"tap {place or 'spare'} on the map")
        found: dict[str, Any] = self.call(
            "POST", f"/api/claims/{self._claims[serial]}/place", {"place": place}
        )
        return found

    def pressed(self, serial: str, button: Callable[[], None]) -> None:
        """The device's own button."""
        self.work[serial].acts.append("press its own button")
        button()

    def swap(self, dead: str, spare: str) -> dict[str, Any]:
        """Three acts: the label of the dead one, that of the spare, and yes."""
        acts = self.work[f"{dead} -> {spare}"].acts
        acts.append("scan the label of the dead one")
        old = self.call("GET", f"/api/find?text={quote(dead)}")["device"]
        acts.append("scan the label of the spare")
        new = self.call("GET", f"/api/find?text={quote(spare)}")["device"]
        acts.append("confirm")
        words = {"dead": old["device"], "spare": new["device"], "reason": "it is dark"}
        answer: dict[str, Any] = self.call("POST", "/api/swap", words)
        return answer

    def machine_time(self, serial: str, to_code_s: float, to_button_s: float, to_green_s: float) -> None:
        work = self.work[serial]
        work.to_code_s, work.to_button_s, work.to_green_s = to_code_s, to_button_s, to_green_s

    # -- the phone -------------------------------------------------------------------------------------------

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Raises Refused."""
        headers = {"Origin": f"https://{self._host}:{self._port}", "Cookie": self._cookie}
        if body is not None:
            headers["Content-Type"] = "application/json"
        context = ssl.create_default_context(cafile=str(self._root))
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=TIMEOUT_S, context=context)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = json.loads(answer.read() or b"null")
        finally:
            connection.close()
        if cookie := answer.headers.get("Set-Cookie"):
            self._cookie = cookie.partition(";")[0]
        if answer.status >= 400:
            raise Refused(answer.status, content.get("code", ""), content.get("sentence", ""))
        return content
