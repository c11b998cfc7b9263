"""Two technicians, or one who types twice, make the same thing in the same moment: it is made once."""

import dataclasses
import errno
import fcntl
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import pytest
from cryptography import x509

from provisioning.authority import folder, root_folder
from provisioning.authority.adapters.pkcs11_root import TokenAddress
from provisioning.authority.folder import create_authority_folder, open_authority
from provisioning.authority.keys import load_private, private_key
from provisioning.authority.root_folder import KeyPlace, create_root_folder
from provisioning.device_folder import Order, make_device_folder
from provisioning.errors import ConfigError
from provisioning.files import LOCK_FILE, key_pem, made_once
from provisioning.hall import HallCard
from tests.provisioning.authority.roots import PASSPHRASE, file_root
from tests.provisioning.conftest import World
from wire.ids import DeviceId, HallId
from wire.keys import Alg

AT_ONCE = 8
T = TypeVar("T")


def all_at_once(act: Callable[[], T]) -> list[T]:
    """Each opens files of its own, as processes do."""
    start = threading.Barrier(AT_ONCE)

    def one() -> T:
        start.wait()
        return act()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [made.result() for made in [pool.submit(one) for _ in range(AT_ONCE)]]


def test_a_key_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ca.key"
    made = all_at_once(lambda: key_pem(private_key(path)))
    assert set(made) == {key_pem(load_private(path))}


def test_a_key_is_made_once_where_only_what_is_open_for_writing_can_be_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As NFS does it, flock(2)."""
    lock = fcntl.flock

    def flock(descriptor: int, operation: int) -> None:
        if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    with made_once(tmp_path):
        other = os.open(tmp_path / LOCK_FILE, os.O_WRONLY)
        try:
            with pytest.raises(BlockingIOError):
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(other)
    path = tmp_path / "ca.key"
    made = all_at_once(lambda: key_pem(private_key(path)))
    assert set(made) == {key_pem(load_private(path))}


def _comes_first(monkeypatch: pytest.MonkeyPatch, where: ModuleType, act: Callable[[], object]) -> None:
    """Somebody else makes this while the next one waits for its turn."""

    def waited(path: Path) -> AbstractContextManager[None]:
        monkeypatch.setattr(where, "made_once", made_once)
        act()
        return made_once(path)

    monkeypatch.setattr(where, "made_once", waited)


def test_of_two_halls_in_one_folder_the_second_is_told(
    tmp_path: Path, card: HallCard, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, other = tmp_path / "authority", dataclasses.replace(card, hall=HallId("hall-2"))
    _comes_first(monkeypatch, folder, lambda: create_authority_folder(path, other, world.means()))
    with pytest.raises(ConfigError, match="is the authority of hall hall-2: choose another folder"):
        create_authority_folder(path, card, world.means())
    assert open_authority(path, world.means()).card == other


def test_of_two_roots_in_one_folder_the_second_is_told(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, token = tmp_path / "root", KeyPlace(TokenAddress(tmp_path / "module.so", "hallward", "root"))
    _comes_first(monkeypatch, root_folder, lambda: file_root(path, world))
    with pytest.raises(ConfigError, match="key lies elsewhere"):
        create_root_folder(path, token, PASSPHRASE, "Root of tests", world.means())


def test_a_hall_has_one_key_and_its_certificate(tmp_path: Path, card: HallCard, world: World) -> None:
    path = tmp_path / "authority"
    made = all_at_once(lambda: create_authority_folder(path, card, world.means()))
    kept = open_authority(path, world.means()).own
    assert {one.own.certificate for one in made} == {kept.certificate}


def test_a_root_has_one_key_and_its_certificate(tmp_path: Path, world: World) -> None:
    made = all_at_once(lambda: file_root(tmp_path / "root", world))
    assert len({one.certificate for one in made}) == 1
    again = file_root(tmp_path / "root", world)
    assert again.write_list().is_signature_valid(made[0].certificate.public_key())  # type: ignore[arg-type]


@pytest.mark.parametrize("es256", [False, True], ids=["EdDSA", "ES256"])
def test_a_device_has_a_certificate_of_the_key_that_it_holds(
    tmp_path: Path, card: HallCard, world: World, es256: bool
) -> None:
    create_authority_folder(tmp_path / "authority", card, world.means())
    alg = Alg.ES256 if es256 else Alg.EDDSA
    order = Order(DeviceId("keypad-1"), "keypad", alg)
    target = tmp_path / "keypad-1"

    def make() -> bytes | None:
        authority = open_authority(tmp_path / "authority", world.means())
        return make_device_folder(target, order, authority).sealing_key

    assert len(set(all_at_once(make))) == 1
    certificate = x509.load_pem_x509_certificate((target / "identity.crt").read_bytes())
    assert certificate.public_key() == load_private(target / "identity.key").public_key()


def test_who_waits_goes_on_when_the_other_is_done_or_dies(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), made_once(tmp_path):
        raise RuntimeError
    with made_once(tmp_path):
        pass
