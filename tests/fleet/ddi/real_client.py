"""The listener on a real port, and Debian's `swupdate` that asks it: unprivileged, with a scratch folder for
a target."""

import contextlib
import hashlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sqlalchemy import insert

from fleet.db import writing
from fleet.ddi.work import Work
from fleet.devices import certificates
from fleet.tables import devices
from fleet.updates.listener import server_config
from tests.fleet.ddi.os_hall import OsHall
from tests.fleet.hall_under_test import HALL
from tests.servers.credentials import Credentials, HallKeys
from tests.servers.waiting import wait_until

BOARD = "gate-pi5"
RUNBOOK = Path(__file__).parents[3] / "docs/runbooks/os-images.md"


# -- images ------------------------------------------------------------------------------------------------


class ImageSigner:
    """Whoever signs images of the system: a key, and a certificate that devices are made with."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "images of the hall")])
        now = datetime.now(UTC)
        self._certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def certificate(self) -> bytes:
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def swu(self, content: bytes, target: Path, version: str) -> bytes:
        """An image that writes this content to this file."""
        described = (
            f'software = {{ version = "{version}"; hardware-compatibility: [ "1.0" ]; images: ( {{ '
            f'filename = "root.img"; device = "{target}"; type = "raw"; '
            f'sha256 = "{hashlib.sha256(content).hexdigest()}"; }} ); }};\n'
        ).encode()
        signature = (
            pkcs7.PKCS7SignatureBuilder()
            .set_data(described)
            .add_signer(self._certificate, self._key, hashes.SHA256())
            .sign(
                serialization.Encoding.DER,
                [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary],
            )
        )
        return cpio(("sw-description", described), ("sw-description.sig", signature), ("root.img", content))


def cpio(*files: tuple[str, bytes]) -> bytes:
    """An archive in the new ASCII format, as SWUpdate reads it."""
    parts = [_member(name, content, at, 0o100644) for at, (name, content) in enumerate(files, 1)]
    return b"".join([*parts, _member("TRAILER!!!", b"", 0, 0)])


def _member(name: str, content: bytes, inode: int, mode: int) -> bytes:
    numbers = (inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % number for number in numbers) + name.encode() + b"\0"
    return _whole(head) + _whole(content)


def _whole(part: bytes) -> bytes:
    return part + bytes(-len(part) % 4)


# -- the listener ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Listening:
    os_hall: OsHall
    keys: HallKeys
    port: int

    def register(self, name: str) -> Credentials:
        """A device of the hall with a certificate, updated by a hawkBit client."""
        issued = self.keys.credentials(name)
        found = certificates.read(issued.certificate.read_text("ascii"), None, self.os_hall.hall.clock.now_ms)
        with writing(self.os_hall.hall.engine) as connection:
            connection.execute(
                insert(devices).values(
                    device=name, role="gate", alg=int(found.key.alg), public_key=found.key.raw,
                    certificate=found.pem, place="door", state="active", registered_ms=1, generation=1,
                    backend="ddi",
                )
            )  # fmt: skip
        return issued


@contextlib.contextmanager
def listening(os_hall: OsHall, folder: Path) -> Iterator[Listening]:
    keys = HallKeys(folder)
    tls = os_hall.released.data / "tls"
    tls.mkdir()
    (tls / "ca.crt").write_bytes(keys.authority_file.read_bytes())
    (tls / "server.crt").write_bytes(keys.server.certificate.read_bytes())
    (tls / "server.key").write_bytes(keys.server.key.read_bytes())
    clock = os_hall.hall.clock
    os_hall.app.state.ddi = Work(
        HALL, os_hall.released.data, os_hall.hall.engine, clock.wall_ms, poll_s=1, busy_poll_s=1
    )
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(16)
    server = uvicorn.Server(server_config(os_hall.config, os_hall.app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, "the listener answers")
        yield Listening(os_hall, keys, listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


# -- the client --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Swupdate:
    """One device's SWUpdate. folder: its own, and all that it may write to."""

    program: str
    folder: Path
    user: int | None
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def target(self) -> Path:
        return self.folder / "slot-b.img"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")

    @property
    def polls_in_vain(self) -> int:
        return self.log.count("No pending action on server.")

    def write_config(self, hall: Listening, issued: Credentials, signer: bytes, token: str) -> None:
        """What its image was made with: the block of the runbook."""
        for name, source in (("ca.crt", issued.authority), ("device.crt", issued.certificate)):
            shutil.copyfile(source, self.folder / name)
        shutil.copyfile(issued.key, self.folder / "device.key")
        (self.folder / "device.key").chmod(0o600)
        (self.folder / "images.crt").write_bytes(signer)
        self.target.write_bytes(b"")
        text = RUNBOOK.read_text().partition("```\nglobals")[2].partition("```")[0]
        for there, here in (
            ("/etc/hallward", str(self.folder)),
            ('"HALL"', f'"{HALL}"'),
            ('"DEVICE"', f'"{issued.name}"'),
            ("10.0.0.2:8884", f"127.0.0.1:{hall.port}"),
            ("retry =", f'targettoken = "{token}"; retry ='),
        ):
            assert there in text, f"the runbook's configuration has no {there}"
            text = text.replace(there, here)
        (self.folder / "swupdate.cfg").write_text(f"globals{text}")
        if self.user is not None:
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, self.user, -1)

    def restart_as(self, version: str) -> None:
        """Into the new system, whose image says its own version, and which is found well."""
        self.stop()
        config = self.folder / "swupdate.cfg"
        config.write_text(re.sub(r'("os-version"; value = )"[^"]*"', rf'\1"{version}"', config.read_text()))
        self.start("-c", "2")

    def start(self, *words: str) -> None:
        """words: for suricatta; `-c 2`: the new system was started and found well."""
        command = [self.program, "-f", str(self.folder / "swupdate.cfg"), "-H", f"{BOARD}:1.0"]
        command += ["-u", " ".join(words)]
        places = {name: str(self.folder) for name in ("TMPDIR", "RUNTIME_DIRECTORY", "HOME")}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(  # Debian's own
                command,
                cwd=self.folder,
                env={"PATH": "/usr/bin:/bin", **places},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user is not None else None,
                start_new_session=True,
            )

    def stop(self) -> None:
        """It and the children that it made, a session of their own."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
            self.process = None


@contextlib.contextmanager
def swupdate(program: str) -> Iterator[Swupdate]:
    """As nobody, when the tests run as root."""
    user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="swupdate-") as folder:
        found = Swupdate(program, Path(folder), user)
        try:
            yield found
        finally:
            found.stop()
