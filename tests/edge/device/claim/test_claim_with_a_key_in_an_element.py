"""A key that lives in a token is claimed like any other; connections get a key and a certificate besides."""

from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from edge.device.adapters.device_folder import read_folder
from edge.device.claim.table import State
from tests.edge.device.claim.desk_under_test import ClaimDesk, seeded
from tests.edge.device.claim.rig import Machine
from tests.edge.device.hall_desk import Hall
from tests.servers.softhsm import PIN, tokens  # noqa: F401  # a fixture
from tests.servers.waiting import wait_until


def test_both_keys_are_certified_under_one_name_and_the_private_one_stays(
    tmp_path: Path,
    hall: Hall,
    tokens: Path,  # noqa: F811  # the fixture
) -> None:
    desk = ClaimDesk(hall)
    with desk.serve() as served:
        folder = seeded(tmp_path / "d", hall, served.port)
        (folder / "hardware.toml").write_text(
            f'[identity]\nkind = "pkcs11"\nmodule = "{tokens}"\ntoken = "hallward"\n'
        )
        (folder / "token.pin").write_text(PIN)
        (folder / "token.pin").chmod(0o600)
        machine = Machine(folder)
        machine.person.would_press = True
        with machine:
            machine.person.reads(State.WAITING)
            desk.place("A-1")
            wait_until(lambda: machine.is_device, "the end of the claim")
    found = read_folder(folder, "keypad")
    assert found.identity.config.key_store.in_element
    assert not (folder / "identity.key").exists()
    names = set()
    for name in ("identity.crt", "tls.crt"):
        certificate = x509.load_pem_x509_certificate((folder / name).read_bytes())
        names |= {each.value for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)}
    assert names == {found.identity.device}
    assert desk.only.hello.tls_request is not None
