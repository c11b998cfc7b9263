"""A desk is believed under the pinned root alone; nothing is said to any other."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from edge.device.adapters import desk_tls
from edge.device.adapters.desk_tls import DeskConnection
from edge.device.errors import ClockBehind, ConfigError, DeskNotTrusted, DeskRefused, DeskUnreachable
from provisioning.authority.issuing import issue_server
from tests.edge.device.hall_desk import Answer, Desk, Hall, make_hall, pem
from wire.enrol import ANSWER_BYTES_MAX, HELLO_PATH, MEDIA_TYPE

pytestmark = pytest.mark.slow


def says(status: int, kind: str, body: bytes) -> Answer:
    return lambda *_: (status, kind, body)


HELLO = says(200, MEDIA_TYPE, b"hello")


def ask(port: int, folder: Path, client: tuple[Path, Path] | None = None) -> bytes:
    connection = DeskConnection("127.0.0.1", port, folder, client)
    try:
        return connection.post(HELLO_PATH, b"who are you?")
    finally:
        connection.close()


def test_the_desk_of_a_hall_under_the_root_is_believed(hall: Hall, pinned: Path) -> None:
    with Desk(hall.desk_files(), HELLO) as desk:
        connection = DeskConnection("127.0.0.1", desk.port, pinned)
        assert connection.post(HELLO_PATH, b"") == b"hello"
        assert connection.intermediate == hall.authority.intermediate
        connection.close()


def test_one_connection_serves_many_questions_and_is_made_anew_when_it_broke(
    hall: Hall, pinned: Path
) -> None:
    with Desk(hall.desk_files(), HELLO) as desk:
        connection = DeskConnection("127.0.0.1", desk.port, pinned)
        for _ in range(5):
            connection.post(HELLO_PATH, b"")
        assert desk.connections == 1
        desk.cut()
        assert connection.post(HELLO_PATH, b"") == b"hello"
        assert desk.connections == 2
        connection.close()


def test_a_desk_under_another_root_hears_nothing(hall: Hall, pinned: Path, tmp_path: Path) -> None:
    other = make_hall(tmp_path / "other")
    with Desk(other.desk_files(), HELLO) as desk:
        with pytest.raises(DeskNotTrusted, match="not under the root of this boot medium"):
            ask(desk.port, pinned)
        assert desk.asked == []


def test_the_broker_of_the_same_hall_is_no_desk(hall: Hall, pinned: Path) -> None:
    with Desk(hall.broker_files(), HELLO) as desk:
        with pytest.raises(DeskNotTrusted, match="broker of this hall answers in the desk's place"):
            ask(desk.port, pinned)
        assert desk.asked == []


def test_a_device_of_the_same_hall_is_no_desk(hall: Hall, pinned: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    files = hall.server_files(hall.authority.issue_from_key("keypad-66", key.public_key()), key)  # type: ignore[arg-type]  # a name
    with Desk(files, HELLO) as desk:
        with pytest.raises(DeskNotTrusted):
            ask(desk.port, pinned)
        assert desk.asked == []


def test_a_desk_of_another_address_is_no_desk(hall: Hall, pinned: Path) -> None:
    with Desk(hall.desk_files(), HELLO) as desk:
        connection = DeskConnection("127.0.0.2", desk.port, pinned)
        with pytest.raises((DeskNotTrusted, DeskUnreachable)):
            connection.post(HELLO_PATH, b"")
        assert desk.asked == []


def test_a_hall_whose_key_the_root_has_revoked_hears_nothing(pinned: Path, tmp_path: Path) -> None:
    hall = make_hall(tmp_path / "stolen")
    (pinned / "root.crt").write_bytes(pem(hall.root.certificate))
    files = hall.desk_files()
    revoked = hall.root.revoke(hall.authority.intermediate).public_bytes(Encoding.DER)
    with Desk(files, HELLO) as desk:
        assert ask(desk.port, pinned) == b"hello"  # the list has not come here yet
        (pinned / "root.crl").write_bytes(revoked)
        with pytest.raises(DeskNotTrusted, match="root has revoked the hall's key"):
            ask(desk.port, pinned)
        assert desk.asked == [HELLO_PATH]


def test_a_list_that_another_root_signed_revokes_nobody(hall: Hall, pinned: Path, tmp_path: Path) -> None:
    other = make_hall(tmp_path / "other")
    forged = other.root.revoke(other.authority.intermediate).public_bytes(Encoding.DER)
    for content in (forged, b"rubbish", b""):
        (pinned / "root.crl").write_bytes(content)
        with Desk(hall.desk_files(), HELLO) as desk:
            assert ask(desk.port, pinned) == b"hello"


def test_a_device_whose_certificate_is_of_another_hall_is_told_so(hall: Hall, pinned: Path) -> None:
    stranger = make_hall(pinned / "elsewhere").folder()
    with Desk(hall.desk_files(), HELLO, clients=hall.authority.certificate_pem) as desk:
        with pytest.raises((DeskRefused, DeskUnreachable)) as refused:
            ask(desk.port, pinned, stranger.client_files)
        assert desk.asked == []
    assert isinstance(refused.value, DeskUnreachable) or refused.value.reason == "certificate-refused"


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        (
            says(409, "application/json", b'{"code": "wrong-state", "sentence": "Not yet."}'),
            "wrong-state",
            "Not yet",
        ),
        (says(404, "text/html", b"<h1>no</h1>"), "http-404", "not why"),
        (says(409, "application/json", b'{"code": 1, "sentence": "x"}'), "http-409", "not why"),
        (says(409, "application/json", b"[" * 4000), "http-409", "not why"),
        (says(409, "application/json", b'{"code": "a", "sentence": "\\u001b[31m"}'), "http-409", "not why"),
        (says(302, "text/plain", b""), "http-302", "not why"),
    ],
)
def test_a_desk_that_says_no_is_heard_in_its_own_words(
    hall: Hall, pinned: Path, answer: Answer, reason: str, words: str
) -> None:
    with Desk(hall.desk_files(), answer) as desk, pytest.raises(DeskRefused, match=words) as refused:
        ask(desk.port, pinned)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (says(503, "text/plain", b"busy"), "HTTP 503"),
        (says(429, "application/json", b"{}"), "HTTP 429"),
        (says(200, "text/html", b"<h1>welcome to the hotel's network</h1>"), "HTTP 200"),
        (says(200, MEDIA_TYPE, bytes(ANSWER_BYTES_MAX + 1)), "longer than"),
    ],
)
def test_a_desk_in_trouble_is_asked_again_later(hall: Hall, pinned: Path, answer: Answer, words: str) -> None:
    with Desk(hall.desk_files(), answer) as desk, pytest.raises(DeskUnreachable, match=words):
        ask(desk.port, pinned)


def test_a_desk_that_is_too_slow_is_left(hall: Hall, pinned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_tls, "ANSWER_TIMEOUT_S", -1.0)
    monkeypatch.setattr(desk_tls.DeskConnection, "_connect", patient(DeskConnection._connect))
    with Desk(hall.desk_files(), HELLO) as desk, pytest.raises(DeskUnreachable, match="too slow"):
        ask(desk.port, pinned)


def patient(
    connect: Callable[[DeskConnection], desk_tls._Https],
) -> Callable[[DeskConnection], desk_tls._Https]:
    """The socket's own limit cannot be negative."""

    def connected(self: DeskConnection) -> desk_tls._Https:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(desk_tls, "ANSWER_TIMEOUT_S", 5.0)
            return connect(self)

    return connected


def test_nobody_there_is_unreachable(pinned: Path) -> None:
    with pytest.raises(DeskUnreachable, match=r"127\.0\.0\.1:1 does not answer"):
        ask(1, pinned)


def test_a_clock_of_before_any_certificate_is_told_as_such(hall: Hall, pinned: Path) -> None:
    """OpenSSL judges by the machine's clock, so here the certificate is of the future instead."""
    key = ec.generate_private_key(ec.SECP256R1())
    files = hall.server_files(_from_tomorrow(hall, key), key)
    with Desk(files, HELLO) as desk, pytest.raises(ClockBehind, match="connect it to the hall's network"):
        ask(desk.port, pinned)


def _from_tomorrow(hall: Hall, key: ec.EllipticCurvePrivateKey):
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    now = datetime.now(UTC)
    made = issue_server(
        hall.authority.own, key.public_key(), [], now=now, serial=7, common_name="provisioning"
    )
    builder = x509.CertificateBuilder(
        made.issuer, made.subject, made.public_key(), 8, now + timedelta(days=1), made.not_valid_after_utc
    )
    for extension in made.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(hall.authority.own.key, hashes.SHA256())


@pytest.mark.parametrize("content", [b"rubbish", None])
def test_a_boot_medium_without_a_root_says_what_to_do(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "root.crt").write_bytes(content)
    with pytest.raises(ConfigError, match=r"root\.crt .*write the boot medium again"):
        ask(1, tmp_path)


def test_refusals_are_short_sentences(hall: Hall, pinned: Path) -> None:
    long = json.dumps({"code": "c" * 500, "sentence": "s" * 3000}).encode()
    answer = says(409, "application/json", long)
    with Desk(hall.desk_files(), answer) as desk, pytest.raises(DeskRefused) as refused:
        ask(desk.port, pinned)
    assert (len(refused.value.reason), len(refused.value.what)) == (64, 400)
