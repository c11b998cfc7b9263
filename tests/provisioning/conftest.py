"""A hall's card and the means of an authority whose clock and serial numbers the test decides."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from provisioning.authority.folder import AuthorityFolder, Means, create_authority_folder
from provisioning.hall import HallCard, Trust
from wire.ids import CongressId, HallId


@dataclass
class World:
    """Time stands still until a test moves it; serial numbers count."""

    time: datetime = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
    serials: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1000))

    def means(self) -> Means:
        return Means(now=lambda: self.time, serial=lambda: next(self.serials))

    def days_pass(self, days: float) -> None:
        self.time += timedelta(days=days)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def card() -> HallCard:
    desk, store = (ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw() for _ in range(2))
    return HallCard(HallId("hall-1"), CongressId("congress-9"), "hall.local", 8883, Trust(desk, store))


@pytest.fixture
def authority(tmp_path: Path, card: HallCard, world: World) -> AuthorityFolder:
    return create_authority_folder(tmp_path / "authority", card, world.means())
