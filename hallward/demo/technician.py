"""The technician of the demo, as a process of its own: it alone opens the authority's key.

Reads one JSON object from standard input: authority, fleet, account, devices (device, role, folder, place,
broker, firmware, charter). The password comes in HALLWARD_PASSWORD.
"""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from provisioning.adapters.fleet_api import FleetApi
from provisioning.authority.folder import Means, open_authority
from provisioning.commands import provision_device
from provisioning.device_folder import Order
from wire.errors import HallError
from wire.ids import DeviceId


def main() -> int:
    """Exit status: 0 all devices are provisioned and registered."""
    work = json.load(sys.stdin)
    means = Means(now=lambda: datetime.now(UTC), serial=x509.random_serial_number)
    try:
        authority = open_authority(Path(work["authority"]), means)
        fleet = FleetApi(work["fleet"])
        fleet.sign_in(work["account"], os.environ["HALLWARD_PASSWORD"])
        for device in work["devices"]:
            order = Order(
                device=DeviceId(device["device"]),
                role=device["role"],
                broker=tuple(device["broker"]) if device["broker"] else None,
                hands=True,
                firmware=device["firmware"],
                charter=Path(device["charter"]).read_bytes() if device["charter"] else None,
            )
            provision_device(authority, Path(device["folder"]), order, place=device["place"], fleet=fleet)
    except HallError as err:
        print(err.diagnostics(), file=sys.stderr)
        return err.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
