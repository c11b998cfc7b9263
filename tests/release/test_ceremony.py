"""From three key files to what a device installs, each step as an officer types it."""

import json
from datetime import timedelta

import pytest
from securesystemslib.signer import CryptoSigner

from release import metadata
from release.errors import ConfigError, NotConfirmed, NotInRole, ReleaseError, WrongPassphrase
from tests.release.making import NOW
from tests.release.officers import SECRET, Scripted, Table


def test_two_of_three_officers_make_a_release_that_can_be_installed(sworn: Table) -> None:
    assert sworn.type("check", sworn.folder) == (0, "installable")
    sworn.add(1, "--require", "memory-kb=4096", "--measured", "fnmr-ppm=9000")
    waits = sworn.sign("chi")
    assert waits[0] == 1
    assert "+ config/hall-1.tar: version 1.1, counter 1, for gate-pi5" in waits[1]
    assert "needs memory-kb 4096; measured fnmr-ppm 9000" in waits[1]
    assert "config/hall-1.tar, settings.toml:\n    [gate]\n    margin = 1\n" in waits[1]
    done = sworn.sign("an")
    assert done[0] == 0
    assert "complete: image config version 2" in done[1]
    assert sworn.type("check", sworn.folder) == (0, "installable")
    said = sworn.type("status", sworn.folder)[1]
    assert "image config version 2: signed by an, chi; until 2027-02-25, 90 days from now" in said


def test_one_signature_is_not_enough(table: Table) -> None:
    table.sit_down("an", "binh", "chi")
    code, said = table.sign("an")
    assert code == 1
    assert "image root version 1 needs 1 more of binh, chi" in said
    assert not (table.folder / "image/metadata").exists()
    code, said = table.type("check", table.folder)
    assert code == 1
    assert "no root is signed yet" in said


def test_the_same_officer_twice_is_one(table: Table) -> None:
    table.sit_down("an", "binh", "chi")
    assert table.sign("an")[0] == table.sign("an")[0] == 1
    assert not (table.folder / "image/metadata").exists()


def test_the_first_roots_are_to_be_written_down(table: Table) -> None:
    table.sit_down("an", "binh", "chi")
    table.sign("an")
    assert "write down, the first root of image: SHA-256 " in table.sign("chi")[1]


def test_nothing_is_signed_by_somebody_who_did_not_read(table: Table) -> None:
    table.sit_down("an", "binh", "chi")
    with pytest.raises(NotConfirmed):
        table.sign("an", person=Scripted(answer="yes"))
    assert "signed by nobody yet" in table.type("status", table.folder)[1]


def test_every_officer_is_shown_the_same_fingerprint(table: Table) -> None:
    table.sit_down("an", "binh", "chi")
    first, second = table.sign("an")[1], table.sign("binh")[1]
    shown = [next(line for line in said.splitlines() if "Fingerprint" in line) for said in (first, second)]
    assert shown[0] == shown[1]


def test_a_wrong_passphrase_opens_nothing(table: Table) -> None:
    table.sit_down("an", "binh", "chi")
    with pytest.raises(WrongPassphrase, match=r"the passphrase is another, or the file is damaged"):
        table.sign("an", person=Scripted(secret="six five four three two one"))


def test_a_passphrase_file_that_others_can_read_is_refused(table: Table) -> None:
    table.sit_down("an", "binh", "chi")
    secret = table.room / "secret"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    secret.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        table.sign("an", "--passphrase-file", secret)
    secret.chmod(0o600)
    assert table.sign("an", "--passphrase-file", secret)[0] == 1


def test_a_weak_passphrase_seals_no_key(table: Table) -> None:
    with pytest.raises(ConfigError, match="too easy to guess"):
        table.type("key", "an", "--out", table.room / "an.key", person=Scripted(secret="hallward"))
    assert not list(table.room.iterdir())


def test_a_key_file_is_its_owners_alone_and_is_never_replaced(table: Table) -> None:
    path = table.key("an")
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match="never replaced"):
        table.key("an")


def test_a_key_that_was_cut_off_from_its_public_half_gets_it(table: Table) -> None:
    path = table.key("an")
    sealed, public = path.read_bytes(), table.public("an").read_bytes()
    table.public("an").unlink()
    with pytest.raises(ConfigError, match="never replaced"):
        table.type("key", "binh", "--out", path)
    with pytest.raises(ReleaseError, match="passphrase"):
        table.type("key", "an", "--out", path, person=Scripted(secret="six seven eight nine ten eleven"))
    assert not table.public("an").exists()
    table.type("key", "an", "--out", path)
    assert (path.read_bytes(), table.public("an").read_bytes()) == (sealed, public)


def test_a_stranger_signs_nothing(sworn: Table) -> None:
    sworn.key("dung")
    sworn.add(1)
    with pytest.raises(NotInRole, match="an, binh, chi"):
        sworn.sign("dung")


def test_one_key_under_two_names_is_not_two_officers(table: Table) -> None:
    table.key("an")
    twin = json.loads(table.public("an").read_text("utf-8")) | {"name": "binh"}
    table.public("binh").write_text(json.dumps(twin), encoding="utf-8")
    with pytest.raises(ReleaseError, match="two of these officers are one"):
        table.type(
            "init", table.folder, "--officer", table.public("an"), "--officer", table.public("binh"),
            "--online", table.fleet_key("image-online"), "--director", table.fleet_key("director"),
        )  # fmt: skip


@pytest.mark.parametrize("threshold", [-1, 0, 1, 4])
def test_a_ceremony_that_one_could_hold_or_nobody_is_refused(table: Table, threshold: int) -> None:
    """2 of 3: with one, whoever steals a key is the release; with four of three, nothing is ever signed."""
    with pytest.raises(ReleaseError, match=rf"that {threshold} of 3 officers .* give --threshold 2 to 3;"):
        table.sit_down("an", "binh", "chi", threshold=threshold)
    assert not table.folder.exists()


def test_a_release_of_one_officer_is_refused(table: Table) -> None:
    with pytest.raises(ReleaseError, match="2 officers at least"):
        table.sit_down("an", threshold=1)
    assert not table.folder.exists()


def test_a_root_that_one_signature_is_enough_for_is_said_and_can_be_mended(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an earlier release of this program; devices take it, so that it is not `not installable`."""
    with monkeypatch.context() as earlier:
        earlier.setattr(metadata, "SIGNERS_MIN", 1)
        table.sit_down("an", "binh", "chi", threshold=1)
    assert table.sign("an")[0] == 0
    code, said = table.type("check", table.folder)
    assert code == 0
    assert [line.partition(":")[0] for line in said.splitlines()[:-1]] == [
        "image root version 1 lets 1 of 3 keys sign root alone",
        "image root version 1 lets 1 of 3 keys sign targets alone",
        "director root version 1 lets 1 of 3 keys sign root alone",
    ]
    table.type("rotate-root", table.folder, "--threshold", 2)
    table.sign("an")
    assert table.sign("binh")[0] == 0
    assert table.type("check", table.folder) == (0, "installable")


def test_a_rotation_to_one_signature_is_refused(sworn: Table) -> None:
    with pytest.raises(ReleaseError, match="a single stolen key"):
        sworn.type("rotate-root", sworn.folder, "--threshold", 1)
    with pytest.raises(ReleaseError, match="2 officers at least"):
        sworn.type("rotate-root", sworn.folder, "--officer", sworn.public("an"))


def test_a_key_with_the_keyid_of_another_is_refused(table: Table) -> None:
    table.key("an")
    forged = json.loads(table.public("an").read_text("utf-8"))
    forged["keyid"] = CryptoSigner.generate_ed25519().public_key.keyid
    table.public("an").write_text(json.dumps(forged), encoding="utf-8")
    with pytest.raises(ReleaseError, match="not its own"):
        table.type(
            "init", table.folder, "--officer", table.public("an"), "--threshold", 1,
            "--online", table.fleet_key("image-online"), "--director", table.fleet_key("director"),
        )  # fmt: skip


def test_a_delegate_signs_its_component_and_no_other(table: Table) -> None:
    table.key("mai")
    table.sit_down("an", "binh", "chi", words=("--delegate", f"config={table.public('mai')}"))
    table.sign("an")
    assert "image config version 1 needs 1 more of mai" in table.sign("binh")[1]
    assert table.sign("mai")[0] == 0
    table.add(1)
    with pytest.raises(NotInRole):
        table.sign("an")
    assert table.sign("mai")[0] == 0
    assert table.type("check", table.folder)[0] == 0


def test_what_has_ended_is_renewed_with_the_same_content(sworn: Table) -> None:
    sworn.add(1)
    sworn.sign("an")
    sworn.sign("binh")
    sworn.now = NOW + timedelta(days=91)
    code, said = sworn.type("check", sworn.folder)
    assert code == 1
    assert "targets version 1 ended on 2027-02-25; `hallward release renew`, then sign" in said
    assert "ENDED on 2027-02-25: renew it" in sworn.type("status", sworn.folder)[1]
    sworn.type("renew", sworn.folder)
    assert "nothing else changes" in sworn.sign("an")[1]
    sworn.sign("binh")
    assert sworn.type("check", sworn.folder)[0] == 0
    assert "config/hall-1.tar" in sworn.type("status", sworn.folder)[1]
