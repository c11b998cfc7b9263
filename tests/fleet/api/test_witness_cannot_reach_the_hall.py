"""With api.tls the API itself speaks https, under the hall's own authority, to whoever is outside the hall's
server; what would not serve is said before anything starts."""

import logging
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from fleet import serve
from fleet.api.commands import init, serve_api, server_config
from fleet.api.listener import listen
from fleet.api.tls import certified
from fleet.app import create_app
from fleet.config import FleetConfig, load_config
from fleet.db import database_url, open_engine, reading
from fleet.errors import ConfigError
from fleet.secret.store import note_at
from officers.witness.adapters.https import HttpsFleet
from officers.witness.errors import WitnessRefused
from officers.witness.rounds import Rounds
from officers.witness.state import load
from officers.witness.witness import Witness
from provisioning.authority.folder import Means
from provisioning.commands import provision_hall
from provisioning.hall import HallCard, Trust
from tests.ballot.board.election import CHARTER, CONGRESS, HALL, signer
from tests.fleet.hall_under_test import CHEAP, PASSWORD, hasty
from tests.fleet.secret.congress import SecretHall, secret_hall
from tests.officers.people import Script
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until


def folder_of(tmp_path: Path, host: str = "127.0.0.1", *, tls: bool = True) -> FleetConfig:
    wanted = FleetConfig(tmp_path / "fleet", HALL, CONGRESS, api_host=host, api_port=free_port(), api_tls=tls)
    assert init(wanted, say=lambda _: None, environment={}) == 0
    return load_config(wanted.data)


def provision(tmp_path: Path, config: FleetConfig, *names: str) -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    card = HallCard(HALL, CONGRESS, "127.0.0.1", 8883, Trust(desk=key, store=key))
    means = Means(now=lambda: datetime.now(UTC), serial=x509.random_serial_number)
    provision_hall(tmp_path / "authority", card, means, fleet_tls=config.data / "tls", names=names)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[SecretHall]:
    """One that has a charter, so that it knows witnesses."""
    with secret_hall(hasty(open_engine(database_url(tmp_path, {})))) as made:
        yield made


@pytest.fixture
def served(hall: SecretHall, tmp_path: Path) -> Iterator[FleetConfig]:
    """The hall's API, over TLS, on a port of its own."""
    config = folder_of(tmp_path)
    provision(tmp_path, config)
    app = create_app(
        hall.office, registrar=signer("registrar"), passwords=CHEAP, wait=hall.waited.append, secure=True
    )
    server = uvicorn.Server(server_config(app, certified(config)))
    with listen(config) as listener:  # callers wait in its queue until the server has started
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield config
        server.should_exit = True
        thread.join()


def test_a_witness_outside_the_hall_cosigns_over_tls(
    hall: SecretHall, served: FleetConfig, tmp_path: Path
) -> None:
    folder = tmp_path / "witness"
    folder.mkdir()
    person = Script()
    witness = Witness(
        CHARTER, "w-press", signer("w-press"), load(folder), person, lambda: hall.clock.now_ms // 1000
    )
    witness.knows(HALL, signer("store").public_key.raw)
    rounds = Rounds(witness, HALL, HttpsFleet(served.api_url, served.ca_certificate))
    rounds.round()
    assert rounds._trouble == ""
    kept = (folder / f"{HALL}-checkpoint.txt").read_text(encoding="utf-8")
    with reading(hall.engine) as connection:
        held = note_at(connection, load(folder).halls[HALL].last.size)
    assert held is not None
    assert held[0] == kept
    assert "witness/w-press" in kept


def test_over_tls_a_person_signs_in_with_a_cookie_that_stays_on_it(
    hall: SecretHall, served: FleetConfig
) -> None:
    hall.client("staff")
    origin = {"origin": served.api_url}
    trust = ssl.create_default_context(cafile=str(served.ca_certificate))
    with httpx.Client(base_url=served.api_url, verify=trust, headers=origin, trust_env=False) as browser:
        answer = browser.post("/api/sign-in", json={"account": "staff", "password": PASSWORD})
        assert answer.headers["set-cookie"].startswith("__Host-hallward=")
        assert "Secure" in answer.headers["set-cookie"]
        assert browser.get("/api/me").json()["account"] == "staff"
        plain = {"origin": served.api_url.replace("https", "http")}
        assert browser.post("/api/sign-out", json={}, headers=plain).json()["code"] == "foreign-origin"


def test_who_does_not_know_the_halls_authority_says_nothing_to_it(served: FleetConfig) -> None:
    with pytest.raises(WitnessRefused) as caught:
        HttpsFleet(served.api_url, None).checkpoint(0)
    assert caught.value.why == "no-answer"


def test_who_starts_the_api_hears_that_it_answers(served: FleetConfig) -> None:
    wait_until(
        lambda: serve._answers(served), "the API answers"
    )  # a busy machine takes longer than one call waits
    served.ca_certificate.unlink()
    assert not serve._answers(served)


def test_a_certificate_that_is_missing_is_said_with_the_command_that_makes_it(tmp_path: Path) -> None:
    config = folder_of(tmp_path)
    with pytest.raises(ConfigError, match=r"server\.crt is missing.*hallward provision hall .*--fleet-tls"):
        serve_api(config.data, say=print, environment={})
    provision(tmp_path, config)
    config.server_key.unlink()
    with pytest.raises(ConfigError, match=r"server\.key is missing"):
        certified(config)


def test_a_certificate_for_another_host_is_said_with_both_names(tmp_path: Path) -> None:
    config = folder_of(tmp_path, "hall.example")
    provision(tmp_path, config)
    with pytest.raises(ConfigError, match=r"is for .*localhost.*, not for api\.host hall\.example: .*--name"):
        certified(config)
    provision(tmp_path, config, "Hall.example")
    assert certified(config) is not None


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104  # nothing listens here
def test_an_api_on_every_address_has_no_name_to_fit(tmp_path: Path, host: str) -> None:
    config = folder_of(tmp_path, host)
    provision(tmp_path, config)
    assert certified(config) is not None


def locked(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"junk",
        locked(ec.generate_private_key(ec.SECP256R1())),  # another key, and one that would ask for a password
    ],
    ids=["empty", "junk", "locked"],
)
def test_a_key_that_does_not_fit_is_said(tmp_path: Path, content: bytes) -> None:
    config = folder_of(tmp_path)
    provision(tmp_path, config)
    config.server_key.write_bytes(content)
    with pytest.raises(ConfigError, match=r"server\.key cannot be used .*: make it with"):
        certified(config)


@pytest.mark.parametrize(
    ("host", "is_said"),
    [("127.0.0.1", False), ("localhost", False), ("192.0.2.7", True), ("hall.example", True)],
)
def test_passwords_in_the_clear_on_a_network_are_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, host: str, is_said: bool
) -> None:
    config = folder_of(tmp_path, host, tls=False)
    with caplog.at_level(logging.WARNING):
        assert certified(config) is None
    assert ("set `tls = true` in [api]" in caplog.text) is is_said
