from pathlib import Path

import pytest

from tests.edge.conftest import Device, Fleet
from tests.edge.device.updating.unit import Unit


@pytest.fixture
def keypad(tmp_path: Path, device: Device, fleet: Fleet) -> Unit:
    return Unit(tmp_path, device, fleet, "firmware")


@pytest.fixture
def gate(tmp_path: Path, device: Device, fleet: Fleet) -> Unit:
    return Unit(tmp_path, device, fleet, "models")


@pytest.fixture(params=["firmware", "models"])
def unit(request: pytest.FixtureRequest, tmp_path: Path, device: Device, fleet: Fleet) -> Unit:
    return Unit(tmp_path, device, fleet, request.param)
