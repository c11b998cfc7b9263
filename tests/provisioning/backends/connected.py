"""The adapter as tests hold it."""

from collections.abc import Callable
from dataclasses import dataclass

from provisioning.backends.balena.adapters.backend import BalenaBackend
from provisioning.backends.balena.adapters.transport import Transport


@dataclass
class Balena:
    """pauses: seconds that it would have slept."""

    backend: BalenaBackend
    transport: Transport
    pauses: list[float]


Connect = Callable[..., Balena]
