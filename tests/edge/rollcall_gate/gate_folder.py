"""What provisioning would leave on a gate."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.edge.rollcall_gate.rig import CONGRESS, DESK, GATE, HALL, REGISTRAR, SEALING_KEY, STORE


def pem(key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def provisioned(folder: Path, models: Path) -> Path:
    """A simulated gate in this folder, with these networks; its certificates are empty files."""
    trust = {"desk": DESK, "store": STORE, "registrar": REGISTRAR}
    keys = "\n".join(f'{name} = "{signer.public_key.raw.hex()}"' for name, signer in trust.items())
    (folder / "device.toml").write_text(
        f'congress = "{CONGRESS}"\nhall = "{HALL}"\ndevice = "{GATE}"\nrole = "gate"\nlanguage = "en"\n'
        f'[broker]\nhost = "localhost"\nport = 1\n[trust]\n{keys}\n[simulated]\nhands = true\n'
        f'[gate]\nmodels = "{models}"\n',
        "utf-8",
    )
    (folder / "state").mkdir(mode=0o700)
    for name, content in (
        ("identity.key", pem(Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32))),
        ("state/sealing.key", pem(SEALING_KEY)),
    ):
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
    for name in ("identity.crt", "ca.crt"):
        (folder / name).write_bytes(b"")
    return folder
