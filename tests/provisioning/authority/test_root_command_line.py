"""`hallward provision root | hall | rotate`: what is typed at a ceremony, and what is said when it is
wrong."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from provisioning.__main__ import main
from provisioning.authority.lock import alone
from provisioning.hall import HallCard
from tests.provisioning.authority.roots import PASSPHRASE
from tests.servers.softhsm import MODULE, PIN

pytestmark = pytest.mark.slow
Typed = Callable[..., str]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Run the words; what was said. exits: the status that is expected."""
    monkeypatch.setenv("HALLWARD_ROOT_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("HALLWARD_TOKEN_PIN", PIN)

    def run(*words: object, exits: int = 0) -> str:
        capsys.readouterr()
        status = main([str(word) for word in words])
        said = "".join(capsys.readouterr())
        assert status == exits, said
        assert PASSPHRASE not in said
        return said

    return run


@pytest.fixture
def hall(tmp_path: Path, card: HallCard) -> list[object]:
    words: list[object] = [
        "hall",
        "hall-1",
        "--congress",
        "congress-9",
        "--authority",
        tmp_path / "authority",
    ]
    return [*words, "--desk", card.trust.desk.hex(), "--store", card.trust.store.hex()]


def keys_in(said: str) -> list[str]:
    return re.findall(r"key ([0-9a-f]{64})", said)


def test_without_a_root_it_is_said_that_nothing_can_be_claimed(typed: Typed, hall: list[object]) -> None:
    assert "no device can be claimed" in typed(*hall)


def test_with_the_root_at_hand_one_command_is_enough_and_harmless_again(
    typed: Typed, hall: list[object], tmp_path: Path
) -> None:
    fingerprint = keys_in(typed("root", tmp_path / "root"))
    said = typed(*hall, "--root", tmp_path / "root")
    assert f"under the root {fingerprint[0]}" in said
    before = (tmp_path / "authority" / "intermediate.crt").read_bytes()
    typed(*hall, "--root", tmp_path / "root")
    assert (tmp_path / "authority" / "intermediate.crt").read_bytes() == before
    assert keys_in(typed("root", tmp_path / "root")) == fingerprint


def test_offline_request_and_answer_travel_as_files_and_both_ends_print_the_same_key(
    typed: Typed, hall: list[object], tmp_path: Path
) -> None:
    typed("root", tmp_path / "root")
    request, answer = tmp_path / "stick" / "request.pem", tmp_path / "stick" / "answer.pem"
    asked = typed(*hall, "--request", request)
    signed = typed("root", tmp_path / "root", "--sign", request, "--out", answer)
    assert keys_in(asked) == keys_in(signed)
    assert "under the root" in typed(*hall, "--intermediate", answer)


def test_a_key_is_replaced_and_the_rotation_finished(
    typed: Typed, hall: list[object], tmp_path: Path
) -> None:
    authority, tls = ("--authority", tmp_path / "authority"), ("--fleet-tls", tmp_path / "tls")
    typed("root", tmp_path / "root")
    typed(*hall, "--root", tmp_path / "root", *tls)
    folder = ("--folder", tmp_path / "gate")
    typed("device", "gate-1", "--role", "gate", *authority, *folder)
    said = typed("rotate", *authority, "--root", tmp_path / "root", *tls)
    assert "both keys are trusted; 1 devices renew" in said
    assert "stop and start" in said
    assert len(x509.load_pem_x509_certificates((tmp_path / "tls" / "ca.crt").read_bytes())) == 2
    assert "gate-1" in typed("rotate", *authority, "--finish", *tls, exits=1)
    typed("device", "gate-1", "--role", "gate", *authority, *folder)
    assert "new key alone" in typed("rotate", *authority, "--finish", *tls)
    assert len(x509.load_pem_x509_certificates((tmp_path / "tls" / "ca.crt").read_bytes())) == 1


def test_a_stolen_key_is_replaced_with_an_offline_root(
    typed: Typed, hall: list[object], tmp_path: Path
) -> None:
    authority, root = ("--authority", tmp_path / "authority"), tmp_path / "root"
    typed("root", root)
    typed(*hall, "--root", root)
    request, answer = tmp_path / "request.pem", tmp_path / "answer.pem"
    typed("rotate", *authority, "--at-once", "--request", request)
    typed("root", root, "--sign", request, "--out", answer)
    words = ("rotate", *authority, "--at-once", "--intermediate", answer)
    assert "--revoke" in typed(*words, exits=1)
    assert "is taken back" in typed("root", root, "--revoke", tmp_path / "authority" / "intermediate.crt")
    typed("root", root, "--sign", request, "--out", answer)
    assert "trusted by nobody here" in typed(*words)


def test_a_key_that_is_stolen_during_a_planned_rotation_is_replaced_with_an_offline_root(
    typed: Typed, hall: list[object], tmp_path: Path
) -> None:
    authority, root = ("--authority", tmp_path / "authority"), tmp_path / "root"
    typed("root", root)
    typed(*hall, "--root", root)
    typed("rotate", *authority, "--root", root)
    request, answer = tmp_path / "request.pem", tmp_path / "answer.pem"
    assert "not finished" in typed("rotate", *authority, "--request", request, exits=78)
    said = typed("rotate", *authority, "--at-once", "--request", request)
    assert "takes that back (--revoke)" in said
    typed("root", root, "--revoke", tmp_path / "authority" / "intermediate.crt")
    typed("root", root, "--sign", request, "--out", answer)
    said = typed("rotate", *authority, "--at-once", "--intermediate", answer)
    assert "trusted by nobody here" in said


def test_a_hall_that_comes_to_the_root_again_takes_its_newer_list_home(
    typed: Typed, hall: list[object], tmp_path: Path
) -> None:
    root, there = tmp_path / "root", tmp_path / "other"
    typed("root", root)
    typed(*hall, "--root", root)
    other = ["hall-2" if word == "hall-1" else word for word in hall]
    other[other.index(tmp_path / "authority")] = there
    typed(*other, "--root", root)
    mine = tmp_path / "authority"
    before = (mine / "intermediate.crt").read_bytes()
    typed(*hall, "--root", root)
    assert (mine / "intermediate.crt").read_bytes() == before, "nothing is new, so nothing is signed"
    typed("root", root, "--revoke", there / "intermediate.crt")
    typed(*hall, "--root", root)
    listed = x509.load_der_x509_crl((mine / "root.crl").read_bytes())
    gone = x509.load_pem_x509_certificate((there / "intermediate.crt").read_bytes())
    assert listed.get_revoked_certificate_by_serial_number(gone.serial_number) is not None


def test_the_root_may_lie_in_a_token(typed: Typed, hall: list[object], tmp_path: Path, tokens: Path) -> None:
    root = tmp_path / "root"
    typed("root", root, "--module", MODULE, "--token", "hallward", "--key", "the-root")
    assert "under the root" in typed(*hall, "--root", root)
    assert not (root / "root.key").exists()


@pytest.mark.parametrize(
    ("words", "exits", "says"),
    [
        (["root", "R", "--sign", "nothing.pem"], 78, "belong together"),
        (["root", "R", "--module", "/nothing.so"], 78, "belong together"),
        (["root", "R", "--sign", "nothing.pem", "--out", "out.pem"], 78, "cannot be read"),
        (["root", "R", "--revoke", "nothing.pem"], 78, "no root's folder"),
        (["rotate", "--authority", "A", "--finish"], 78, "no authority's folder"),
    ],
)
def test_a_wrong_word_is_one_sentence(
    typed: Typed, tmp_path: Path, words: list[str], exits: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = typed(*words, exits=exits)
    assert says in said
    assert said.count("\n") == 1


def test_a_wrong_passphrase_or_none_is_a_sentence(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("root", tmp_path / "root")
    monkeypatch.setenv("HALLWARD_ROOT_PASSPHRASE", "not that one either")
    assert "type it again" in typed("root", tmp_path / "root", exits=1)
    monkeypatch.delenv("HALLWARD_ROOT_PASSPHRASE")
    assert "HALLWARD_ROOT_PASSPHRASE" in typed("root", tmp_path / "root", exits=78)


@pytest.mark.parametrize(("again", "exits"), [("another thing typed", 78), (PASSPHRASE, 0)])
def test_at_a_terminal_a_new_passphrase_is_typed_twice(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: str, exits: int
) -> None:
    monkeypatch.delenv("HALLWARD_ROOT_PASSPHRASE")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    answers = iter([PASSPHRASE, again, PASSPHRASE])
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    typed("root", tmp_path / "root", exits=exits)
    assert (tmp_path / "root" / "root.key").exists() is (exits == 0)
    if exits == 0:
        typed("root", tmp_path / "root")


def test_a_desk_that_runs_is_named_when_the_key_is_to_be_replaced(
    typed: Typed, hall: list[object], tmp_path: Path
) -> None:
    typed("root", tmp_path / "root")
    typed(*hall, "--root", tmp_path / "root")
    with alone(tmp_path / "authority"):
        words = ("rotate", "--authority", tmp_path / "authority", "--root", tmp_path / "root")
        assert "provisioning desk" in typed(*words, exits=78)


def test_no_private_key_is_ever_printed(typed: Typed, hall: list[object], tmp_path: Path) -> None:
    said = typed("root", tmp_path / "root") + typed(*hall, "--root", tmp_path / "root")
    said += typed("rotate", "--authority", tmp_path / "authority", "--root", tmp_path / "root")
    secrets = [path.read_text("ascii").splitlines()[1] for path in tmp_path.rglob("*.key")]
    assert len(secrets) == 3
    assert not [secret for secret in secrets if secret in said]
