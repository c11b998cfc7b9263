"""An officer's keys, opened with their passphrase for one command: signer, memory, a trustee's shares."""

from collections.abc import Mapping
from typing import Final

from ballot.group import Scalar, scalar_of
from officers.errors import ConfigError
from officers.keys.folder import OfficerFolder
from officers.keys.sealed import About, Contents, Role, SealedFile
from wire.errors import RecordRejected
from wire.keys import Signer


class OfficerKeys:
    """memory: what this key has signed and seen, append-only, sealed beside it. A copy of the key file that
    was made before lacks it: a trustee's laptop has its own as well (rule 18)."""

    def __init__(self, folder: OfficerFolder, passphrase: str) -> None:
        """Raises ConfigError, BadDocument, WrongPassphrase. The folder is locked while these are open."""
        self.folder: Final = folder
        self._passphrase = passphrase
        self._about: About = folder.identity_file.about
        self._contents: Contents = folder.identity_file.load(passphrase)
        self._signer = folder.signer_of(self._contents)

    def __repr__(self) -> str:
        return f"OfficerKeys({self.name})"

    @property
    def name(self) -> str:
        return self._about.owner

    @property
    def signer(self) -> Signer:
        return self._signer

    @property
    def memory(self) -> Mapping[str, bytes]:
        return self._contents.memory

    def remember(self, lines: Mapping[str, bytes]) -> None:
        """On the disk when this returns. Raises OfficerError when a line is there and says something else."""
        known = self._contents
        if all(known.memory.get(what) == value for what, value in lines.items()):
            return
        added = Contents(known.secrets, known.memory)
        for what, value in lines.items():
            added.remember(what, value)
        self.folder.identity_file.save(self._about, added, self._passphrase)
        self._contents = added

    def share(self, ceremony_id: bytes) -> Scalar:
        """x_i of that ceremony. Raises ConfigError when it is not here, TwoTrustees, WrongPassphrase."""
        file = self.folder.share_file(ceremony_id)
        if not file.exists:
            raise ConfigError("no-share", folder=self.folder.path, file=file.path.name)
        about = file.about
        if about.role is not Role.SHARE or about.ceremony != ceremony_id:
            raise ConfigError("other-role", path=file.path, found=about.role, expected=Role.SHARE)
        try:
            return scalar_of(file.load(self._passphrase).secrets["x"])
        except RecordRejected:
            raise ConfigError("not-sealed", path=file.path, what="x") from None

    def seal(self, file: SealedFile, about: About, contents: Contents) -> None:
        """Another file of this officer, under the same passphrase."""
        file.save(about, contents, self._passphrase)

    def unseal(self, file: SealedFile) -> Contents:
        """Raises ConfigError, TwoTrustees, WrongPassphrase."""
        return file.load(self._passphrase)
