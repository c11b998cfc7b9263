"""A root's certificate, a card with a fresh system on it, and orders for boot media."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from provisioning.files import key_pem
from provisioning.media.device_class import device_class
from provisioning.media.order import MediumOrder
from tests.servers.missing import skip_or_fail

CMDLINE = "console=serial0,115200 console=tty1 root=PARTUUID=0a1b-02 rootfstype=ext4 rootwait quiet\n"

Order = Callable[..., MediumOrder]


@pytest.fixture
def mtools() -> None:
    if shutil.which("mformat") is None:
        skip_or_fail("mformat", "mtools")


@pytest.fixture(scope="session")
def root_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="session")
def root(root_key: ec.EllipticCurvePrivateKey) -> bytes:
    """PEM."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "offline root")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(root_key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2046, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    return built.public_bytes(Encoding.PEM)


@pytest.fixture
def root_file(tmp_path: Path, root: bytes) -> Path:
    file = tmp_path / "root.crt"
    file.write_bytes(root)
    return file


@pytest.fixture
def root_key_file(tmp_path: Path, root: bytes, root_key: ec.EllipticCurvePrivateKey) -> Path:
    """What must never get onto a card: the certificate with its key in one file."""
    file = tmp_path / "root.pem"
    file.write_bytes(root + key_pem(root_key))
    return file


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A boot partition as an image of Raspberry Pi OS has it: everything of cloud-init in comments."""
    folder = tmp_path / "bootfs"
    folder.mkdir()
    (folder / "config.txt").write_text("[cm5]\ndtoverlay=dwc2\n")
    (folder / "cmdline.txt").write_text(CMDLINE)
    (folder / "user-data").write_text("#cloud-config\n\n# Enable me:\n# ssh_pwauth: true\n")
    (folder / "network-config").write_text("# network:\n#   version: 2\n")
    (folder / "meta-data").write_text("dsmode: local\ninstance_id: rpios-image\n")
    return folder


@pytest.fixture
def order(root: bytes) -> Order:
    def made(role: str = "keypad", **fields: Any) -> MediumOrder:
        kind = device_class(role)
        return MediumOrder(kind=kind, root=root, **{"hardware": kind.hardware, **fields})

    return made
