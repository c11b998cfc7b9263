"""The fleet's JSON API as its users call it: a cookie, an Origin, JSON both ways."""

import http.client
import json
from typing import Any, Final

from wire.errors import HallError

TIMEOUT_S: Final = 30.0


class ApiError(HallError):
    """The fleet refused, in its own words."""

    code = "api"

    def __init__(self, what: str, status: int) -> None:
        super().__init__(what)
        self.status = status


class Api:
    """One signed-in person. Connections are not kept: a restarted fleet is simply asked again."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._cookie = ""

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.call("POST", path, {} if body is None else body)

    def put(self, path: str, body: Any) -> Any:
        return self.call("PUT", path, body)

    def fetch(self, path: str) -> bytes:
        """A file, as it is. Raises ApiError."""
        return self._ask("GET", path, None)[0]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The decoded answer. Raises ApiError with the fleet's sentence; status 0 when nobody answered."""
        return self._ask(method, path, body)[1]

    def _ask(self, method: str, path: str, body: Any) -> tuple[bytes, Any]:
        """What came, and what it is as JSON; None when it is none."""
        headers = {"Origin": f"http://{self.host}:{self.port}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._cookie:
            headers["Cookie"] = self._cookie
        connection = http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_S)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException) as err:
            raise ApiError(f"the fleet does not answer at {self.host}:{self.port}: {err}", 0) from err
        finally:
            connection.close()
        if cookie := answer.headers.get("Set-Cookie"):
            self._cookie = cookie.partition(";")[0]
        try:
            found = json.loads(data) if data else None
        except ValueError:
            found = None
        if answer.status >= 400:
            said = found.get("sentence") if isinstance(found, dict) else None
            raise ApiError(f"{method} {path}: {said or answer.reason}", answer.status)
        return data, found
