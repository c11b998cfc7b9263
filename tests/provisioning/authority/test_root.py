"""The offline root, whatever holds its key: what it signs, and what opens it."""

import base64
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.verification import PolicyBuilder, Store

from provisioning.authority import forms
from provisioning.authority import root as rooting
from provisioning.authority.adapters import file_root as encrypted_file
from provisioning.authority.folder import AuthorityFolder, create_authority_folder
from provisioning.authority.root_folder import KeyPlace, RootFolder, create_root_folder, open_root
from provisioning.commands import root_request
from provisioning.errors import AuthorityError, ConfigError
from provisioning.hall import HallCard
from tests.provisioning.authority.roots import PASSPHRASE, token_place
from tests.provisioning.conftest import World
from tests.servers.softhsm import MODULE, PIN
from wire.errors import HallError
from wire.ids import HallId
from wire.signers import Es256Signer

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Kind:
    place: KeyPlace
    secret: str


@pytest.fixture(params=["file", "token"])
def kind(request: pytest.FixtureRequest) -> Kind:
    if request.param == "file":
        return Kind(KeyPlace(), PASSPHRASE)
    return Kind(token_place(request.getfixturevalue("tokens")), PIN)


@pytest.fixture
def made(kind: Kind, tmp_path: Path, world: World) -> RootFolder:
    return create_root_folder(tmp_path / "root", kind.place, kind.secret, "Root of tests", world.means())


def request(hall: str = "hall-1") -> bytes:
    return rooting.hall_request(HallId(hall), ec.generate_private_key(ec.SECP256R1()))


def test_it_signs_a_hall_that_may_sign_devices_and_no_further_authority(
    made: RootFolder, world: World
) -> None:
    signed = made.sign(request()).intermediate
    assert forms.is_issued_by(signed, made.certificate)
    assert forms.common_name(signed.subject) == "Hallward hall-1"
    constraints = signed.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    assert (signed.not_valid_after_utc - world.time).days == 1826
    assert (made.certificate.not_valid_after_utc - world.time).days == 7305


def test_opened_again_it_is_the_same_root(made: RootFolder, kind: Kind, world: World) -> None:
    again = open_root(made.path, kind.secret, world.means())
    assert forms.is_issued_by(again.sign(request()).intermediate, made.certificate)
    once_more = create_root_folder(made.path, kind.place, kind.secret, "Another name", world.means())
    assert once_more.certificate == made.certificate


def test_a_wrong_secret_opens_nothing_and_is_not_repeated(made: RootFolder, kind: Kind, world: World) -> None:
    with pytest.raises(AuthorityError, match="type it again") as caught:
        open_root(made.path, "a wrong one, alas", world.means())
    assert "alas" not in caught.value.diagnostics()


def test_its_list_names_what_it_took_back_and_its_number_rises(made: RootFolder) -> None:
    first, other = made.sign(request()), made.sign(request("hall-2"))
    listed = made.revoke(first.intermediate)
    assert [line.serial_number for line in listed] == [first.intermediate.serial_number]
    assert listed.is_signature_valid(made.certificate.public_key())  # type: ignore[arg-type]  # P-256
    assert rooting.list_number(listed) > rooting.list_number(other.revocations)
    kept = x509.load_der_x509_crl((made.path / "root.crl").read_bytes())
    assert kept == listed
    again = made.revoke(first.intermediate)
    assert [line.serial_number for line in again] == [first.intermediate.serial_number]


def test_a_key_that_was_taken_back_is_never_signed_again(made: RootFolder) -> None:
    wanted = request()
    made.revoke(made.sign(wanted).intermediate)
    with pytest.raises(AuthorityError, match="--at-once"):
        made.sign(wanted)


def test_the_key_shows_itself_nowhere(made: RootFolder, kind: Kind) -> None:
    signer = kind.place.open_signer(made.path, kind.secret)
    assert kind.secret not in repr(signer)
    for path in made.path.iterdir():
        content = path.read_bytes()
        assert kind.secret.encode() not in content
        assert b"BEGIN PRIVATE KEY" not in content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        b"-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n",
    ],
)
def test_a_damaged_request_gets_a_sentence(root: RootFolder, content: bytes) -> None:
    with pytest.raises(AuthorityError, match="make it again"):
        root.sign(content)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("keypad-1", ec.generate_private_key(ec.SECP256R1())),
        ("Hallward Hall 1", ec.generate_private_key(ec.SECP256R1())),
        ("Hallward ", ec.generate_private_key(ec.SECP256R1())),
        ("Hallward hall-1", ec.generate_private_key(ec.SECP384R1())),
    ],
    ids=["a device", "no name of a hall", "no name", "P-384"],
)
def test_the_root_signs_halls_and_nothing_else(
    root: RootFolder, name: str, key: ec.EllipticCurvePrivateKey
) -> None:
    signed = x509.CertificateSigningRequestBuilder().subject_name(forms.name(name)).sign(key, hashes.SHA256())
    with pytest.raises(AuthorityError, match="request of a hall"):
        root.sign(signed.public_bytes(serialization.Encoding.PEM))


def test_a_request_whose_name_was_changed_is_refused(root: RootFolder) -> None:
    genuine = x509.load_pem_x509_csr(request()).public_bytes(serialization.Encoding.DER)
    changed = x509.load_der_x509_csr(genuine.replace(b"hall-1", b"hall-2"))
    with pytest.raises(AuthorityError, match="not signed by its own key"):
        root.sign(changed.public_bytes(serialization.Encoding.PEM))


def test_a_short_passphrase_makes_no_root(tmp_path: Path, world: World) -> None:
    with pytest.raises(ConfigError, match="longer"):
        create_root_folder(tmp_path / "root", KeyPlace(), "too short", "Root", world.means())
    assert not (tmp_path / "root" / "root.key").exists()


def test_any_other_tool_opens_the_key_with_the_passphrase_and_only_so(root: RootFolder) -> None:
    path = root.path / "root.key"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(TypeError):
        serialization.load_pem_private_key(path.read_bytes(), None)
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: apt install openssl")
    words = [openssl, "pkey", "-in", str(path), "-passin", "env:ROOT_PASSPHRASE", "-pubout"]
    said = subprocess.run(words, env={"ROOT_PASSPHRASE": PASSPHRASE}, capture_output=True, check=True)
    key = serialization.load_pem_public_key(said.stdout)
    assert key == root.certificate.public_key()


def test_a_guess_at_the_passphrase_costs_six_hundred_thousand_rounds(root: RootFolder) -> None:
    assert encrypted_file.ROUNDS == 600_000
    content = b"".join((root.path / "root.key").read_bytes().splitlines()[1:-1])
    assert b"\x02\x03" + encrypted_file.ROUNDS.to_bytes(3, "big") in base64.b64decode(content)


def test_a_token_never_gives_the_key_away(tokens: Path, tmp_path: Path, world: World) -> None:
    create_root_folder(tmp_path / "root", token_place(tokens), PIN, "Root", world.means())
    token = pkcs11.lib(str(MODULE)).get_token(token_label="hallward")
    with token.open(user_pin=PIN) as session:
        key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label="root")
        assert key[pkcs11.Attribute.SENSITIVE]
        assert key[pkcs11.Attribute.NEVER_EXTRACTABLE]
        with pytest.raises(pkcs11.exceptions.PKCS11Error):
            key[pkcs11.Attribute.VALUE]


def test_a_token_or_a_module_that_is_not_there_is_named(
    tokens: Path,
    tmp_path: Path,
    world: World,
) -> None:
    place = token_place(tokens)
    assert place.token is not None
    for wrong, says in (
        (type(place.token)(tokens, "lost", "root"), "no token lost"),
        (type(place.token)(tmp_path / "no.so", "hallward", "root"), "no PKCS #11 module"),
    ):
        with pytest.raises(ConfigError, match=says):
            create_root_folder(tmp_path / "r", KeyPlace(wrong), PIN, "Root", world.means())


def test_another_key_than_the_certificates_is_refused(root: RootFolder) -> None:
    signer = Es256Signer("root", ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(AuthorityError, match="root's own"):
        type(root._root)(root.certificate, signer)


@pytest.mark.parametrize("hostile", ["root.key", "root.crt", "root.toml", "ledger.jsonl"])
def test_a_damaged_folder_is_a_sentence(root: RootFolder, world: World, hostile: str) -> None:
    (root.path / hostile).write_bytes(b"kind = 7\n")
    with pytest.raises(HallError):
        open_root(root.path, PASSPHRASE, world.means())


Change = Callable[[rooting.Answer, rooting.Answer], rooting.Answer]
CHANGES: dict[str, Change] = {
    "another hall's intermediate": lambda own, other: rooting.Answer(
        other.intermediate, own.root, own.revocations
    ),
    "another root": lambda own, other: rooting.Answer(own.intermediate, other.root, own.revocations),
    "another root's list": lambda own, other: rooting.Answer(own.intermediate, own.root, other.revocations),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_answer_that_was_put_together_is_refused(
    change: Change, tmp_path: Path, world: World, root: RootFolder, authority: AuthorityFolder
) -> None:
    other = create_root_folder(tmp_path / "other", KeyPlace(), PASSPHRASE, "Other", world.means())
    answers = root.sign(root_request(authority)), other.sign(request())
    with pytest.raises(AuthorityError):
        read_answer_of(change(*answers).pem(), authority)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN X509 CRL-----\nAA==\n"])
def test_a_damaged_answer_is_refused(authority: AuthorityFolder, content: bytes) -> None:
    with pytest.raises(AuthorityError, match="signed again"):
        read_answer_of(content, authority)


def test_a_hall_stays_under_its_root_and_never_takes_an_older_list(
    tmp_path: Path, world: World, root: RootFolder, under_root: AuthorityFolder
) -> None:
    old = root.sign(root_request(under_root))
    root.revoke(root.sign(request("hall-2")).intermediate)
    under_root.adopt(root.sign(root_request(under_root)))
    with pytest.raises(AuthorityError, match="older"):
        under_root.adopt(old)
    other = create_root_folder(tmp_path / "other", KeyPlace(), PASSPHRASE, "Other", world.means())
    with pytest.raises(AuthorityError, match="another root"):
        under_root.adopt(other.sign(root_request(under_root)))


def test_the_desk_is_believed_by_whoever_pins_the_root_and_a_device_is_no_desk(
    under_root: AuthorityFolder, world: World
) -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    desk = under_root.issue_desk(key, ["desk.local", "10.1.2.3"])
    policy = PolicyBuilder().store(Store([under_root.root_certificate])).time(world.time)
    verifier = policy.build_server_verifier(x509.DNSName("desk.local"))
    chain = verifier.verify(desk, [under_root.intermediate])
    assert chain[-1] == under_root.root_certificate


def test_a_device_of_another_hall_under_the_same_root_is_nobody_here(
    root: RootFolder, under_root: AuthorityFolder, card: HallCard, tmp_path: Path, world: World
) -> None:
    elsewhere = HallCard(HallId("hall-2"), card.congress, card.broker_host, 8883, card.trust)
    other = create_authority_folder(tmp_path / "other", elsewhere, world.means())
    other.adopt(root.sign(root_request(other)))
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    foreign = other.issue_from_key("gate-1", key)  # type: ignore[arg-type]  # a name
    assert forms.is_issued_by(foreign, other.intermediate)
    assert not any(forms.is_issued_by(foreign, anchor) for anchor in under_root.anchors)
    assert under_root.certificate_in_force(foreign.public_bytes(serialization.Encoding.DER)) is None


def read_answer_of(content: bytes, authority: AuthorityFolder) -> rooting.Answer:
    return rooting.read_answer(content, authority.own.key.public_key())
