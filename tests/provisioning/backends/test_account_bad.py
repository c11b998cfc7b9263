"""Addresses, tokens and authorities that cannot be: said before anything is asked."""

import datetime as dt
import ipaddress
import threading
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from provisioning.backends.balena.account import Account, account, api_address
from provisioning.backends.balena.adapters.backend import BalenaBackend
from provisioning.backends.balena.adapters.transport import Transport
from provisioning.backends.balena.variables import Kind, checked_tag, checked_value, kind_of
from provisioning.backends.errors import Unreachable
from provisioning.errors import ConfigError
from tests.provisioning.backends.balena_fake import NOW, TOKEN, BalenaFake


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("balena-cloud.com", "https://api.balena-cloud.com/"),
        ("hall.local", "https://api.hall.local/"),
        ("https://10.0.0.2:8443", "https://10.0.0.2:8443/"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/"),
    ],
)
def test_where_the_api_is(host: str, address: str) -> None:
    assert api_address(host) == address


@pytest.mark.parametrize(
    "host",
    [
        "",
        "hall.local/api",
        "hall local",
        "user@hall.local",
        "http://hall.local",
        "http://127.0.0.1.hall.local",
        "https://user:word@hall.local",
        "https://hall.local/v7",
        "https://hall.local?x",
        "https://hall.local:99999",
        "ftp://hall.local",
        "https://",
        "https://[",
    ],
)
def test_no_address(host: str) -> None:
    with pytest.raises(ConfigError):
        api_address(host)


def test_a_token_in_a_file_that_others_can_read_is_not_taken(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    file.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        account("hall.local", environment={}, token_file=file)
    file.chmod(0o600)
    assert account("hall.local", environment={"BALENA_API_KEY": "x"}, token_file=file).token == TOKEN


@pytest.mark.parametrize("content", [b"", b"two words", b"\xff\xfe", b"short", b"a" * 5000, b"a\nb" * 9])
def test_a_file_without_a_token(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(ConfigError) as caught:
        account("hall.local", environment={}, token_file=file)
    assert "two words" not in str(caught.value)


def test_a_token_file_that_is_a_link_or_missing(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "token")
    for name in ("link", "nothing"):
        with pytest.raises(ConfigError):
            account("hall.local", environment={}, token_file=tmp_path / name)


def test_without_a_token_the_variable_is_named() -> None:
    with pytest.raises(ConfigError, match="BALENA_API_KEY"):
        account("hall.local", environment={})


def test_a_token_does_not_show() -> None:
    assert TOKEN not in repr(account("hall.local", environment={"BALENA_API_KEY": TOKEN}))


def test_an_authority_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="PEM"):
        account(
            "hall.local",
            environment={"BALENA_API_KEY": TOKEN, "REQUESTS_CA_BUNDLE": str(tmp_path / "ca.pem")},
        )


def server_certificate(folder: Path) -> Path:
    """Self-signed, for 127.0.0.1; key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "openBalena of a test")])
    today = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    (folder / "ca.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    return path


def test_an_openbalena_is_believed_by_its_authority_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the environment names another one."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())
    fake = BalenaFake(server_certificate(tmp_path))
    thread = threading.Thread(target=fake.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    pauses: list[float] = []
    try:
        for ca in (None, tmp_path / "ca.pem"):
            transport = Transport(
                Account(f"{fake.host}/", TOKEN, ca), now=lambda: NOW, sleep=pauses.append, timeout_s=5
            )
            backend = BalenaBackend(transport, "hall/keypads", now=lambda: NOW, key_name=lambda: "batch")
            if ca is None:
                with pytest.raises(Unreachable, match="--ca"):
                    backend.states()
                assert not fake.asked, "the token was not sent"
            else:
                assert backend.states() == []
            transport.close()
    finally:
        fake.closing.set()
        fake.shutdown()
        thread.join()
        fake.server_close()


@pytest.mark.parametrize(
    "name", ["", "1A", "A-B", "A B", "A" * 128, "Ä", "A\n", "DESK_TOKEN", "pin", "Root_Key"]
)
def test_no_name_of_a_variable(name: str) -> None:
    with pytest.raises(ConfigError):
        kind_of(name)


def test_what_the_supervisor_reads_is_kept_apart() -> None:
    assert kind_of("BALENA_HOST_CONFIG_gpu_mem") is Kind.CONFIGURATION
    assert kind_of("HALLWARD_DESK_HOST") is kind_of("KEYPAD") is Kind.ENVIRONMENT


@pytest.mark.parametrize("key", ["", "a b", "io.balena.x", "a" * 101, "-a"])
def test_no_name_of_a_tag(key: str) -> None:
    with pytest.raises(ConfigError):
        checked_tag(key)


@pytest.mark.parametrize("value", ["", "a" * 4097, "a\0b"])
def test_no_value(value: str) -> None:
    with pytest.raises(ConfigError):
        checked_value(value)
