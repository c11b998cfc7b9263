"""A hall next door, under the same root, certifies a device under a name that is in service here: that one is
nobody at this hall's broker, renewal listener and API, with or without the way up to the shared root."""

import http.client
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from hallward.demo.api import ApiError
from provisioning.authority.folder import AuthorityFolder, Means, open_authority
from provisioning.authority.forms import bundle_pem, certificate_pem
from provisioning.files import PUBLIC, SECRET, key_pem, write_whole
from tests.servers.brokers import KINDS
from tests.servers.credentials import Credentials
from tests.servers.mqtt_client import TestClient
from tests.system.hall import CONGRESS, HOST
from tests.system.provisioning.site import Site
from wire.enrol import MEDIA_TYPE, RENEW_PATH
from wire.ids import DeviceId

NAME = DeviceId("board-1")


def papers(site: Site, authority: AuthorityFolder, folder: Path, *, chain: bool = False) -> Credentials:
    """chain: the certificate is shown with its intermediate and the root behind it."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = authority.issue_from_key(NAME, key.public_key())
    shown = (own, authority.intermediate, authority.root_certificate) if chain else (own,)
    write_whole(folder / "own.key", key_pem(key), SECRET)
    write_whole(folder / "own.crt", bundle_pem(shown), PUBLIC)
    return Credentials(NAME, folder / "own.crt", folder / "own.key", site.authority_folder / "ca.crt")


def is_let_in(site: Site, shown: Credentials) -> bool:
    knocking = TestClient()
    try:
        return knocking.connect(site.config.broker_port, shown, authority=shown.authority)
    finally:
        knocking.close()


def renewal_status(site: Site, shown: Credentials) -> int:
    """0: not even the handshake."""
    context = ssl.create_default_context(cafile=str(site.root / "root.crt"))
    context.load_cert_chain(shown.certificate, shown.key)
    connection = http.client.HTTPSConnection(HOST, site.renewal_port, timeout=10, context=context)
    try:
        connection.request("POST", RENEW_PATH, b"\x80", {"Content-Type": MEDIA_TYPE})
        return connection.getresponse().status
    except (ssl.SSLError, ConnectionError):
        return 0
    finally:
        connection.close()


@pytest.mark.parametrize("kind", KINDS)
def test_its_device_of_the_same_name_is_nobody_here(
    kind: str, new_site: Callable[[str], Site], tmp_path: Path
) -> None:
    site = new_site(kind)
    means = Means(now=lambda: datetime.now(UTC), serial=x509.random_serial_number)
    here = open_authority(site.authority_folder, means)
    words = ["provision", "hall", "hall-b", "--congress", CONGRESS, "--authority", str(tmp_path / "b")]
    site.hallward(*words, "--desk", site.pins.desk, "--store", site.pins.store, "--root", str(site.root))
    there = open_authority(tmp_path / "b", means)
    genuine = papers(site, here, tmp_path / "genuine")
    body = {"role": "board", "place": "wall", "certificate": genuine.certificate.read_text()}
    site.api.post("/api/devices", body)
    site.until(lambda: is_let_in(site, genuine), "the genuine one is let in")
    assert renewal_status(site, genuine) == 422, "let in, and told that these bytes ask for nothing"
    shown = [papers(site, there, tmp_path / f"chain-{chain}", chain=chain) for chain in (False, True)]
    for foreign in shown:
        assert not is_let_in(site, foreign)
        assert renewal_status(site, foreign) in (0, 403)
    pem = certificate_pem(x509.load_pem_x509_certificate(shown[0].certificate.read_bytes())).decode()
    with pytest.raises(ApiError) as refusal:
        site.api.post("/api/devices", {**body, "certificate": pem})
    assert refusal.value.status == 422
    assert "another authority issued it" in str(refusal.value)
    assert is_let_in(site, genuine)
