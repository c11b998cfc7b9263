"""A power cut at every write of a renewal: each file is the old or the new one, and the device goes on."""

from pathlib import Path

import pytest
from cryptography import x509

from edge.device.adapters.certificates import own_certificates
from edge.device.adapters.device_folder import DeviceFolder, read_folder
from edge.device.adapters.renewal_client import DeskRenewer
from edge.device.config import DeskAddress
from tests.edge.device.hall_desk import Desk, Hall
from tests.edge.device.renewal.test_over_tls import content
from tests.edge.power_cut import PowerCut, fuse
from tests.provisioning.authority.roots import replaced_key

pytestmark = pytest.mark.slow
STEPS = 4 * 3
"""root.crl, intermediate.crt, ca.crt, identity.crt; each written, renamed, and its folder synced."""


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_power_cut_leaves_old_or_new_and_the_next_start_finishes(hall: Hall, step: int) -> None:
    folder = hall.folder()
    # Every file has something new to hold: another key of the hall, and the root's first list.
    hall.authority = replaced_key(hall.authority, hall.root)
    before = content(folder)
    with Desk(hall.desk_files(), hall.renewal_of(folder), clients=hall.authority.certificate_pem) as desk:
        address = DeskAddress("127.0.0.1", desk.port)
        with pytest.raises(PowerCut):
            DeskRenewer(folder, address, fuse(step)).renew()
        _is_whole(folder.path, before)
        again = read_folder(folder.path, "keypad")
        assert [found.fault for _, found in own_certificates(folder.path, again.identity)] == [""]
        DeskRenewer(again, address).renew()
    assert not list(folder.path.glob(".*.new"))
    assert len(x509.load_pem_x509_certificates((folder.path / "ca.crt").read_bytes())) == 2
    assert _ends(again) >= _ends_of(before["identity.crt"])


def test_a_renewal_is_done_after_the_last_step(hall: Hall) -> None:
    folder = hall.folder()
    hall.authority = replaced_key(hall.authority, hall.root)
    with Desk(hall.desk_files(), hall.renewal_of(folder), clients=hall.authority.certificate_pem) as desk:
        DeskRenewer(folder, DeskAddress("127.0.0.1", desk.port), fuse(STEPS + 1)).renew()


def _is_whole(folder: Path, before: dict[str, bytes]) -> None:
    for name in ("ca.crt", "identity.crt"):
        found = (folder / name).read_bytes()
        assert x509.load_pem_x509_certificates(found)
        assert found == before[name] or found.endswith(b"-----END CERTIFICATE-----\n")
    if (folder / "root.crl").exists():
        x509.load_der_x509_crl((folder / "root.crl").read_bytes())


def _ends(folder: DeviceFolder) -> int:
    return _ends_of((folder.path / "identity.crt").read_bytes())


def _ends_of(pem: bytes) -> int:
    return int(x509.load_pem_x509_certificate(pem).not_valid_after_utc.timestamp())
