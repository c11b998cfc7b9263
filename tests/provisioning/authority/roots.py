"""Roots for tests, in a file or in a SoftHSM token."""

from pathlib import Path

from provisioning.authority.adapters.pkcs11_root import TokenAddress
from provisioning.authority.root_folder import KeyPlace, RootFolder, create_root_folder
from tests.provisioning.conftest import World

PASSPHRASE = "six random words would be better"


def file_root(folder: Path, world: World) -> RootFolder:
    return create_root_folder(folder, KeyPlace(), PASSPHRASE, "Root of tests", world.means())


def token_place(module: Path) -> KeyPlace:
    return KeyPlace(TokenAddress(module, "hallward", "root"))
