"""What the hall gives a device: its certificates, whom to trust, how to be set up. One form for the first
grant and for every renewal."""

import threading
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives import serialization

from provisioning.desk.ports import Authority
from provisioning.desk.settings import settings_text
from provisioning.updates import UpdateService
from wire.enrol import Grant
from wire.ids import DeviceId


class Terms:
    """turn: held by everybody who uses the authority. renewal: host and port of the renewal listener."""

    def __init__(
        self,
        authority: Authority,
        turn: threading.Lock,
        *,
        renewal: tuple[str, int],
        policy: Mapping[str, Any],
        charter: bytes | None,
        update: UpdateService | None = None,
    ) -> None:
        self._authority: Final = authority
        self._turn = turn
        self._renewal, self._policy, self._charter, self._update = renewal, policy, charter, update

    def is_revoked(self, device: DeviceId) -> bool:
        with self._turn:
            return self._authority.is_revoked(device)

    def grant(self, device: DeviceId, role: str, certificate: bytes, tls_certificate: bytes | None) -> Grant:
        with self._turn:
            authority = self._authority.certificate_pem
            intermediate = self._authority.intermediate.public_bytes(serialization.Encoding.DER)
            revocations = self._authority.root_revocations
        return Grant(
            device,
            certificate,
            tls_certificate,
            authority,
            intermediate,
            revocations,
            settings_text(self._authority.card, device, role, self._renewal, self._policy, self._update),
            self._charter if role == "keypad" else None,
        )
