"""One secret question at the fleet, as the secretariat handles it: papers in, papers out, and its steps."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hallward.demo.api import Api

View = dict[str, Any]


class SecretQuestion:
    def __init__(self, office: Api, contest: str) -> None:
        """contest: 32 hex digits."""
        self._office = office
        self.contest = contest
        self._path = f"/api/contests/{contest}"

    def seen(self) -> View:
        """Where it stands."""
        found: View = self._office.get(self._path)
        return found

    def session_keys(self) -> bytes:
        """The commission's list."""
        return self._office.fetch(f"{self._path}/session-keys")

    def hand_in(self, *papers: Path) -> list[View]:
        """In this order; what the fleet says of each. Raises ApiError with its sentence."""
        return [
            self._office.post("/api/documents", {"document": base64.b64encode(paper.read_bytes()).decode()})
            for paper in papers
        ]

    def step(self, which: str, **body: bool) -> View:
        """open, hold, resume, announce. Raises ApiError."""
        found: View = self._office.post(f"{self._path}/{which}", body)
        return found

    def close_draft(self) -> View:
        """Raises ApiError while no witness has signed anything."""
        found: View = self._office.get(f"{self._path}/close-draft")
        return found

    def ends_missing(self) -> Sequence[View]:
        found: Sequence[View] = self._office.get(f"{self._path}/ends")
        return found

    def tally_paper(self) -> bytes:
        """With the signatures that it has."""
        return self._office.fetch(f"{self._path}/tally")

    def result(self) -> View:
        """Raises ApiError before k shares are in."""
        found: View = self._office.get(f"{self._path}/result")
        return found


def log_size(office: Api) -> int:
    """Leaves under the checkpoint that witnesses are offered. Raises ApiError before the first."""
    return int(office.get("/api/log/checkpoint")["note"].split("\n")[1])


def prepare(office: Api, sitting: str, asked: View) -> SecretQuestion:
    """Units that hear of it answer with their session keys. Raises ApiError."""
    prepared = office.post(f"/api/sittings/{sitting}/secret-questions", asked)
    return SecretQuestion(office, prepared["contest"])
