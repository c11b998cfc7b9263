"""From a seed to a device: three things that people do, and everything else the machine's own doing."""

from pathlib import Path

from cryptography import x509

from edge.device.adapters.device_folder import read_folder
from edge.device.claim.table import State
from tests.edge.device.claim.desk_under_test import ClaimDesk, seeded
from tests.edge.device.claim.rig import Machine
from tests.edge.device.hall_desk import Hall
from tests.servers.waiting import wait_until


def test_a_machine_with_a_seed_becomes_a_device_of_the_hall(tmp_path: Path, hall: Hall) -> None:
    desk = ClaimDesk(hall)
    with desk.serve() as served, Machine(seeded(tmp_path / "d", hall, served.port)) as machine:
        person = machine.person
        person.reads(State.WAITING)
        assert person.page.code == desk.only.status.code
        assert person.page.qr.startswith(f"https://127.0.0.1:8443/c/{person.page.code}#")
        desk.place("Ghế A-12")
        person.reads(State.PLACED)
        assert person.page.title == ("Vị trí: Ghế A-12", "Place: Ghế A-12")
        assert person.called == 1
        person.press()
        wait_until(lambda: machine.is_device, "the end of the claim")
    assert person.page.state is State.DONE
    assert person.is_closed
    assert (desk.only.presses, desk.only.installed) == (1, True)
    folder = read_folder(tmp_path / "d", "keypad")
    found = x509.load_pem_x509_certificate((tmp_path / "d" / "identity.crt").read_bytes())
    assert found == desk.only.certificate
    assert folder.identity.config.renewal is not None
    assert folder.identity.config.hands
    assert not (tmp_path / "d" / "state" / "claim").exists()
