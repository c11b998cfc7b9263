"""What a thief of a key file gets, what a wrong passphrase changes, and what a damaged file says."""

import unicodedata
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from officers.errors import ConfigError, OfficerError, TwoTrustees, WeakPassphrase, WrongPassphrase
from officers.keys import passphrase
from officers.keys.sealed import CHEAPEST, About, Contents, Cost, Role, SealedFile, Sealing, argon2id
from tests.edge.power_cut import PowerCut, fuse
from tests.officers.people import PASSPHRASE, Script, quick
from wire import cbor
from wire.ids import CongressId

ABOUT = About(Role.IDENTITY, CongressId("dh-2026"), "an")
SEED = bytes(range(32))


def saved(path: Path, sealing: Sealing | None = None) -> SealedFile:
    file = SealedFile(path / "identity.sealed", quick() if sealing is None else sealing)
    file.save(ABOUT, Contents({"seed": SEED}, {"tally x": b"1"}), PASSPHRASE)
    return file


def test_real_argon2id_opens_what_it_sealed_and_nothing_else(tmp_path: Path) -> None:
    file = saved(tmp_path, Sealing(cost=CHEAPEST))
    assert file.load(PASSPHRASE).secrets == {"seed": SEED}
    assert file.load(PASSPHRASE).memory == {"tally x": b"1"}
    assert SEED not in file.path.read_bytes()
    with pytest.raises(WrongPassphrase):
        file.load("another")


def test_argon2id_is_the_one_of_the_reference_library() -> None:
    low_level = pytest.importorskip("argon2.low_level")
    ours = argon2id("passphrase", b"somesaltsomesalt", CHEAPEST)
    theirs = low_level.hash_secret_raw(
        b"passphrase", b"somesaltsomesalt", 2, 64 * 1024, 1, 32, low_level.Type.ID, version=0x13
    )
    assert ours == theirs


def test_default_cost_is_that_of_the_specification() -> None:
    assert Cost() == Cost(memory_kib=256 * 1024, passes=3, lanes=4)


def test_salt_and_nonce_are_fresh_at_each_save(tmp_path: Path) -> None:
    file = saved(tmp_path)
    first = file.path.read_bytes()
    file.save(ABOUT, file.load(PASSPHRASE), PASSPHRASE)
    second = file.path.read_bytes()
    heads = [cbor.decode(cbor.decode(content, 4096)[0], 512) for content in (first, second)]
    assert heads[0][8] != heads[1][8]
    assert heads[0][9] != heads[1][9]


@pytest.mark.parametrize(
    "cost",
    [
        Cost(64 * 1024 - 1, 2, 1),
        Cost(1024 * 1024 + 1, 2, 1),
        Cost(64 * 1024, 1, 1),
        Cost(64 * 1024, 11, 1),
        Cost(64 * 1024, 2, 9),
        Cost(64 * 1024, 2, 0),
    ],
)
def test_costs_out_of_bounds_are_refused_before_anything_is_computed(tmp_path: Path, cost: Cost) -> None:
    file = saved(tmp_path)
    head, sealed = cbor.decode(file.path.read_bytes(), 4096)
    parts = cbor.decode(head, 512)
    parts[5:8] = [cost.memory_kib, cost.passes, cost.lanes]
    file.path.write_bytes(cbor.encode([cbor.encode(parts), sealed]))

    def never(*_: object) -> bytes:
        raise AssertionError("computed")

    with pytest.raises(ConfigError):
        SealedFile(file.path, replace(quick(), stretch=never)).load(PASSPHRASE)


@pytest.mark.parametrize("part", [1, 3, 4])
def test_header_is_bound_to_what_is_sealed(tmp_path: Path, part: int) -> None:
    file = saved(tmp_path)
    head, sealed = cbor.decode(file.path.read_bytes(), 4096)
    parts = cbor.decode(head, 512)
    parts[part] = {1: "seats", 3: "binh", 4: bytes(32)}[part]
    file.path.write_bytes(cbor.encode([cbor.encode(parts), sealed]))
    with pytest.raises(WrongPassphrase):
        file.load(PASSPHRASE)


def test_every_damaged_byte_is_refused_in_a_sentence(tmp_path: Path) -> None:
    file = saved(tmp_path)
    whole = file.path.read_bytes()
    for at in range(len(whole)):
        file.path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises((ConfigError, WrongPassphrase)):
            file.load(PASSPHRASE)
    for end in range(0, len(whole), 7):
        file.path.write_bytes(whole[:end])
        with pytest.raises((ConfigError, WrongPassphrase)):
            file.load(PASSPHRASE)


def test_power_cut_while_saving_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    saved(tmp_path)
    for step in range(1, 5):
        file = SealedFile(tmp_path / "identity.sealed", quick(fuse(step)))
        with suppress(PowerCut):
            file.save(ABOUT, Contents({"seed": SEED}, {"tally x": b"1", "tally y": b"2"}), PASSPHRASE)
        assert file.load(PASSPHRASE).memory["tally x"] == b"1"
    assert file.load(PASSPHRASE).memory["tally y"] == b"2"


def test_memory_only_grows(tmp_path: Path) -> None:
    contents = saved(tmp_path).load(PASSPHRASE)
    contents.remember("tally y", b"2")
    contents.remember("tally x", b"1")
    with pytest.raises(OfficerError):
        contents.remember("tally x", b"other")
    assert dict(contents.memory) == {"tally x": b"1", "tally y": b"2"}
    with pytest.raises(TypeError):
        contents.memory["tally x"] = b""  # type: ignore[index]


def test_one_file_holds_the_secrets_of_one_role(tmp_path: Path) -> None:
    file = SealedFile(tmp_path / "x.sealed", quick())
    for secrets in ({"seed": SEED, "x": SEED}, {"x": SEED}, {}):
        with pytest.raises(ValueError, match="identity"):
            file.save(ABOUT, Contents(secrets), PASSPHRASE)
    assert not file.exists


def test_secrets_stand_in_no_repr(tmp_path: Path) -> None:
    assert repr(SEED)[2:10] not in repr(saved(tmp_path).load(PASSPHRASE))


def test_second_trustee_of_a_ceremony_is_refused_before_the_passphrase_counts(tmp_path: Path) -> None:
    one_process = quick()
    for name in ("an", "binh"):
        about = About(Role.SHARE, CongressId("dh-2026"), name, bytes(32))
        SealedFile(tmp_path / f"{name}.sealed", quick()).save(about, Contents({"x": bytes(32)}), PASSPHRASE)
    SealedFile(tmp_path / "an.sealed", one_process).load(PASSPHRASE)
    with pytest.raises(TwoTrustees):
        SealedFile(tmp_path / "binh.sealed", one_process).load("wrong")


@pytest.mark.parametrize("typed", ["ngắn", "năm từ vẫn là ít", "1234567890123456789"])
def test_short_passphrase_is_refused(typed: str) -> None:
    with pytest.raises(WeakPassphrase):
        passphrase.ask_new(Script(secret=typed))


@pytest.mark.parametrize("typed", ["một hai ba bốn năm sáu", "12345678901234567890"])
def test_six_words_or_twenty_characters_are_enough(typed: str) -> None:
    assert passphrase.ask_new(Script(secret=typed)) == typed


def test_passphrase_typed_on_another_keyboard_is_the_same() -> None:
    composed, decomposed = (unicodedata.normalize(form, "mật khẩu") for form in ("NFC", "NFD"))
    assert composed != decomposed
    assert passphrase.normal(composed) == passphrase.normal(decomposed)


def test_passphrase_that_differs_the_second_time_is_refused() -> None:
    class Slips(Script):
        def passphrase(self, question: str) -> str:
            self.secret += "x"
            return self.secret

    with pytest.raises(WeakPassphrase) as refused:
        passphrase.ask_new(Slips())
    assert refused.value.why == "differing-passphrases"
