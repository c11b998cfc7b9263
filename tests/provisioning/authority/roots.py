"""Roots for tests, in a file or in a SoftHSM token."""

from pathlib import Path

from provisioning.authority import rotation
from provisioning.authority.adapters.pkcs11_root import TokenAddress
from provisioning.authority.folder import AuthorityFolder
from provisioning.authority.root_folder import KeyPlace, RootFolder, create_root_folder
from tests.provisioning.conftest import World

PASSPHRASE = "six random words would be better"


def file_root(folder: Path, world: World) -> RootFolder:
    return create_root_folder(folder, KeyPlace(), PASSPHRASE, "Root of tests", world.means())


def token_place(module: Path) -> KeyPlace:
    return KeyPlace(TokenAddress(module, "hallward", "root"))


def replaced_key(authority: AuthorityFolder, root: RootFolder, *, at_once: bool = False) -> AuthorityFolder:
    """As the verb does with the root at hand."""
    for old in rotation.earlier_intermediates(authority):
        root.revoke(old)
    return rotation.rotate(authority, root.sign(rotation.next_request(authority)), at_once=at_once)
