"""A root beside the hall's authority."""

from pathlib import Path

import pytest

from provisioning.authority.folder import AuthorityFolder
from provisioning.authority.root_folder import RootFolder
from provisioning.commands import root_request
from tests.provisioning.authority.roots import file_root
from tests.provisioning.conftest import World
from tests.servers.softhsm import tokens

__all__ = ["root", "tokens", "under_root"]


@pytest.fixture
def root(tmp_path: Path, world: World) -> RootFolder:
    return file_root(tmp_path / "root", world)


@pytest.fixture
def under_root(authority: AuthorityFolder, root: RootFolder) -> AuthorityFolder:
    authority.adopt(root.sign(root_request(authority)))
    return authority
