"""The port `Calls` over the real fleet, without a network between."""

from typing import Any

from provisioning.errors import FleetRefused
from tests.fleet.hall_under_test import TestClient


class FleetCalls:
    def __init__(self, browser: TestClient) -> None:
        self._browser = browser

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self._browser.request(method, path, json=body)
        found = answer.json()
        if answer.status_code >= 400:
            raise FleetRefused(
                found["sentence"], reason=found["code"], status=answer.status_code, vi=found["sentence_vi"]
            )
        return found
