"""The backend with everything real. The SDK is loaded when it is wanted: it brings Twisted along."""

import secrets
import time
from datetime import UTC, datetime

from provisioning.backends.balena.account import Account
from provisioning.backends.ports import FleetBackend


def connect(account: Account, fleet: str) -> FleetBackend:
    """Asks nothing yet."""
    from provisioning.backends.balena.adapters.backend import BalenaBackend
    from provisioning.backends.balena.adapters.transport import Transport

    def now() -> datetime:
        return datetime.now(UTC)

    transport = Transport(account, now=now, sleep=time.sleep)
    return BalenaBackend(transport, fleet, now=now, key_name=lambda: f"hallward-{secrets.token_hex(6)}")
