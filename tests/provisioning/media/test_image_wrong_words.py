"""`hallward provision image`: what a technician types, and the sentence when it cannot be."""

import tomllib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from provisioning.__main__ import main
from provisioning.desk.batches import TOKEN_BYTES, token_text
from provisioning.media.order import TOKEN_WORD, token_of
from provisioning.verbs.image import WIFI_VARIABLE


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    status = main(["image", *map(str, words)])
    told = capsys.readouterr()
    return status, told.out + told.err


@pytest.fixture
def hall(tmp_path: Path) -> Path:
    """The authority's folder of hall-1."""
    folder = tmp_path / "authority"
    desk, store = (ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw() for _ in range(2))
    words = ["hall", "hall-1", "--congress", "congress-9", "--authority", str(folder)]
    assert main([*words, "--desk", desk.hex(), "--store", store.hex()]) == 0
    return folder


def test_a_card_becomes_a_keypad(
    capsys: pytest.CaptureFixture[str],
    card: Path,
    root_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = token_text(bytes(range(TOKEN_BYTES)))
    (tmp_path / "token").write_text(f"{token}\n")
    monkeypatch.setenv(WIFI_VARIABLE, "correct horse")
    words = [
        "--class",
        "keypad",
        "--root",
        root_file,
        "--desk",
        "desk.hall.example",
        "--wifi-ssid",
        "Hội trường",
    ]
    status, told = said(capsys, *words, "--token-file", tmp_path / "token", card)
    assert (status, "is ready" in told, "can read the token" in told) == (0, True, True)
    assert token not in told
    assert "horse" not in told
    seed = tomllib.loads((card / "hallward/seed.toml").read_text())
    assert seed == {
        "role": "keypad",
        "token": token,
        "desk": {"host": "desk.hall.example", "port": 8443},
    }
    assert (card / "hallward/first-boot.conf").read_text() == "ROLE=keypad\nNTP=desk.hall.example\n"
    assert (card / "config.txt").read_text() == "[cm5]\ndtoverlay=dwc2\n"


def test_a_card_without_a_boot_partition_is_left_as_it_was(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, root_file: Path
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    status, told = said(capsys, "--class", "gate", "--root", root_file, photos)
    assert status == 78
    assert "is no boot partition, it has no config.txt and no cmdline.txt: write Raspberry Pi OS" in told
    assert list(photos.iterdir()) == []
    status, told = said(capsys, "--class", "gate", "--root", root_file, tmp_path / "nowhere")
    assert (status, "put the card in" in told) == (78, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--desk", "desk:0"], "the desk's address must look like desk.hall.example:8443"),
        (["--desk", "http://desk"], "the desk's address must look like"),
        (["--desk", "desk;reboot"], "the desk's address must look like"),
        (["--ntp", "$(reboot)"], "the time server must be a host name or an address"),
        (["--ntp", "a\nROLE=gate"], "the time server must be a host name or an address"),
        (["--wifi-ssid", "x" * 33], "must be 1 to 32 bytes"),
        (["--wifi-ssid", "a\nb"], "must be 1 to 32 bytes"),
        (["--wifi-ssid", "h\udce9"], "must be 1 to 32 bytes"),
        (["--wifi-ssid", "hall", "--wifi-country", "vn"], "two capital letters"),
    ],
)
def test_a_word_that_cannot_be_is_refused_before_the_card_is_touched(
    capsys: pytest.CaptureFixture[str],
    card: Path,
    root_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    sentence: str,
) -> None:
    monkeypatch.setenv(WIFI_VARIABLE, "correct horse")
    status, told = said(capsys, "--class", "keypad", "--root", root_file, *words, card)
    assert (status, sentence in told) == (78, True), told
    assert not (card / "hallward").exists()


def test_a_key_never_gets_onto_a_card(
    capsys: pytest.CaptureFixture[str], card: Path, root_key_file: Path, tmp_path: Path
) -> None:
    status, told = said(capsys, "--class", "keypad", "--root", root_key_file, card)
    assert (status, "holds a private key: give the certificate alone" in told) == (78, True)
    (tmp_path / "empty.crt").write_text("")
    status, told = said(capsys, "--class", "keypad", "--root", tmp_path / "empty.crt", card)
    assert (status, "is no certificate of an authority" in told) == (78, True)
    assert not (card / "hallward").exists()


def test_a_halls_own_certificate_is_no_root(
    capsys: pytest.CaptureFixture[str], card: Path, hall: Path
) -> None:
    status, told = said(capsys, "--class", "keypad", "--root", hall / "ca.crt", card)
    assert (status, "is a hall's own certificate" in told, "root.crt" in told) == (78, True, True)
    assert not (card / "hallward").exists()


@pytest.mark.parametrize("form", ["{}", "{}\r\n", "token {}\n", "\ufefftoken {}\r\n"])
def test_a_token_is_taken_as_it_was_printed_or_copied(
    hall: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    words = ["--authority", str(hall), "--hall", "hall-1", "--count", "3", "--hours", "2"]
    assert main(["batch", "new", *words]) == 0
    printed = next(line for line in capsys.readouterr().out.splitlines() if line.startswith(TOKEN_WORD))
    token = printed.removeprefix(TOKEN_WORD)
    assert token_of(form.format(token).encode(), "token") == token


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[gate]\nlock_pin_bcm = 17\n", "'gate' does not belong there; a keypad may have [keypad]"),
        ("[trust]\ndesk = 'aa'\n", "'trust' does not belong there"),
        ("[keypad\n", "is no TOML"),
        ("", "it needs the table [keypad]"),
        ("[identity]\n", "it needs the table [keypad]"),
    ],
)
def test_a_wiring_that_says_more_than_wiring_is_refused(
    capsys: pytest.CaptureFixture[str],
    card: Path,
    root_file: Path,
    tmp_path: Path,
    content: str,
    sentence: str,
) -> None:
    (tmp_path / "mine.toml").write_text(content)
    words = ["--class", "keypad", "--root", root_file, "--hardware", tmp_path / "mine.toml", card]
    status, told = said(capsys, *words)
    assert (status, sentence in told) == (78, True), told


def test_secrets_of_another_form_are_refused_and_not_repeated(
    capsys: pytest.CaptureFixture[str], card: Path, root_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("first-secret\nsecond-secret\n")
    status, told = said(
        capsys, "--class", "keypad", "--root", root_file, "--token-file", tmp_path / "token", card
    )
    assert (status, "must hold one line" in told, "-secret" in told) == (78, True, False)
    (tmp_path / "token").write_text("the-password-of-somebody\n")
    status, told = said(
        capsys, "--class", "keypad", "--root", root_file, "--token-file", tmp_path / "token", card
    )
    assert (status, "no token of a batch" in told, "somebody" in told) == (78, True, False)
    (tmp_path / "pass").write_text("short")
    words = ["--wifi-ssid", "hall", "--wifi-passphrase-file", tmp_path / "pass"]
    status, told = said(capsys, "--class", "keypad", "--root", root_file, *words, card)
    assert (status, "8 to 63" in told, "short" in told) == (78, True, False)


def test_one_place_to_write_to_and_not_two(
    capsys: pytest.CaptureFixture[str], card: Path, root_file: Path, tmp_path: Path
) -> None:
    for words in ([], [card, "--fat-image", tmp_path / "m.img"]):
        status, told = said(capsys, "--class", "keypad", "--root", root_file, *words)
        assert (status, "say where to write" in told) == (78, True)
