"""HTTP to balena's API. The SDK's own has no timeout and no limit, prints server errors to the screen, and
half of it never looks at the status (ADR-0021)."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import requests
import urllib3

from provisioning.backends.balena.account import Account
from provisioning.backends.balena.answers import printable, refusal, strange
from provisioning.backends.balena.patience import NO_ANSWER, pause_s, retry_after_s
from provisioning.backends.errors import BackendError, Unreachable

ANSWER_BYTES_MAX: Final = 32 << 20
"""2,000 devices with their releases are about 1.5 MiB."""
TIMEOUT_S: Final = 30.0
WHOLE_ANSWER_FACTOR: Final = 4.0
"""An answer that trickles is cut off after this many timeouts."""
HEADERS: Final = {
    "X-Balena-Client": "hallward-provisioning",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    content: bytes
    retry_after: str | None = None


class Transport:
    """One account, one connection kept open. now: aware, UTC; sleep: seconds.

    asked: how many requests were made.
    """

    def __init__(
        self,
        account: Account,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.api = account.api
        self.asked = 0
        self._token = account.token
        self._now = now
        self._sleep = sleep
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._verify = True if account.ca is None else str(account.ca)

    def close(self) -> None:
        self._session.close()

    def call(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Any:
        """The JSON of an answer; its text where it is none; "" where it is empty.

        path: below the API's address, or a whole address there. token: in place of the account's. Waits as
        patience.py says. Raises a BackendError by status.
        """
        bearer = token or self._token
        url = path if path.startswith(self.api) else self.api + path.lstrip("/")
        pauses, waited_s = 0, 0.0
        while True:
            try:
                answer = self._once(method, url, body, bearer)
                trouble: BackendError | None = None
            except Unreachable as err:
                answer, trouble = _Answer(NO_ANSWER, b""), err
            if 200 <= answer.status < 300:
                return _content(answer.content)
            asked_s = retry_after_s(answer.retry_after, self._now())
            pause = pause_s(method, answer.status, asked_s, pauses, waited_s)
            if pause is None:
                raise trouble or refusal(answer.status, _words(answer.content, bearer), asked_s)
            self._sleep(pause)
            pauses, waited_s = pauses + 1, waited_s + pause

    def _once(self, method: str, url: str, body: Any, token: str) -> _Answer:
        self.asked += 1
        try:
            with self._session.request(
                method,
                url,
                json=body,
                headers=HEADERS,
                # As `auth`, not as a header: otherwise a line in somebody's .netrc would take its place.
                auth=_Bearer(token),
                # With the call, not with the session: there the environment would win over --ca.
                verify=self._verify,
                timeout=self._timeout_s,
                allow_redirects=False,
                stream=True,
            ) as response:
                content = self._whole(response.raw)
                return _Answer(response.status_code, content, response.headers.get("Retry-After"))
        except requests.exceptions.SSLError:
            raise Unreachable(
                f"{self.api} shows a certificate that nobody vouches for: name its authority with --ca"
            ) from None
        except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
            raise Unreachable(
                f"{self.api} does not answer in time: check the network, then run it again"
            ) from None
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError):
            raise Unreachable(
                f"{self.api} cannot be reached: check --host and the network, then run it again"
            ) from None

    def _whole(self, raw: Any) -> bytes:
        """Reads by pieces as they come, so that time and size are looked at between them."""
        if raw.headers.get("Content-Encoding", "identity") != "identity":
            raise strange("it answers packed, unasked")
        deadline = time.monotonic() + WHOLE_ANSWER_FACTOR * self._timeout_s
        pieces: list[bytes] = []
        size = 0
        while piece := raw.read1(65_536):
            size += len(piece)
            if size > ANSWER_BYTES_MAX:
                raise strange("its answer does not end")
            if time.monotonic() > deadline:
                raise TimeoutError
            pieces.append(piece)
        return b"".join(pieces)


class _Bearer(requests.auth.AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _content(content: bytes) -> Any:
    try:
        return json.loads(content) if content else ""
    except RecursionError:
        raise strange("its answer has no bottom") from None
    except ValueError:
        return content.decode("utf-8", "replace")


def _words(content: bytes, token: str) -> str:
    """The body of a refusal, for people. An API that quotes our token must not put it on the screen."""
    return printable(content[:1000].decode("utf-8", "replace").replace(token, "…").strip('"'))
