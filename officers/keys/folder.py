"""The folder of one officer, on their own machine or stick.

identity.sealed                  the Ed25519 key that stands in the charter
charter                          the charter, pinned: it is never replaced
ceremony.sealed                  a trustee between two rounds
share-{ceremony}.sealed          a trustee's share of an election key, with what it has done
key-record-{ceremony}.doc        the record of that key, signed by all
lock                             one command at a time
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ballot.documents.bodies import KeyRecord
from ballot.documents.charter import CHARTER_BYTES_MAX, Charter, parse_charter
from ballot.documents.document import Document
from ballot.documents.opened import opened
from ballot.seeds import fingerprint
from officers.errors import BadInput, ConfigError, TwoTrustees
from officers.files import PUBLIC, SECRET, read_whole, write_whole
from officers.keys.sealed import About, Contents, Role, SealedFile, Sealing
from wire.ids import CongressId, is_name
from wire.signers import Ed25519Signer

IDENTITY_FILE: Final = "identity.sealed"
CHARTER_FILE: Final = "charter"
CEREMONY_FILE: Final = "ceremony.sealed"
SUFFIX: Final = ".sealed"
_LOCK_FILE: Final = "lock"


class OfficerFolder:
    def __init__(self, path: Path, sealing: Sealing) -> None:
        self.path: Final = path
        self._sealing = sealing

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else is at work in this folder meanwhile: two at once could forget what one signed.
        Raises ConfigError."""
        path = self.path / _LOCK_FILE
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = path.open("ab")
        except OSError as err:
            raise ConfigError("cannot-write", path=path, reason=err.strerror) from err
        with file:
            path.chmod(SECRET)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ConfigError("busy", folder=self.path) from None
            yield

    @property
    def owner(self) -> str:
        """Whose folder it is, as its key file says. Raises ConfigError when there is no key."""
        return self.identity_file.about.owner

    def make_identity(self, name: str, congress: str, passphrase: str) -> Ed25519Signer:
        """A fresh key, sealed. Raises ConfigError when there is one already: it may stand in a charter."""
        for text in (name, congress):
            if not is_name(text):
                raise BadInput("no-such-name", name=repr(text))
        file = SealedFile(self.path / IDENTITY_FILE, self._sealing)
        if file.exists:
            raise ConfigError("has-key", folder=self.path, owner=file.about.owner)
        seed = self._sealing.random(32)
        about = About(Role.IDENTITY, CongressId(congress), name)
        file.save(about, Contents({"seed": seed}), passphrase)
        return _signer(name, seed)

    def signer_of(self, contents: Contents) -> Ed25519Signer:
        """The signer in an opened identity, if it stands in the pinned charter. Raises ConfigError,
        BadDocument."""
        seed, name = contents.secrets["seed"], self.owner
        officer = self.charter().by_name.get(name)
        signer = _signer(name, seed)
        if officer is None or officer.key != signer.public_key.raw:
            raise ConfigError("not-in-charter", name=name)
        return signer

    def pin(self, content: bytes) -> Charter:
        """Keep this charter for good. Raises BadDocument, ConfigError when another is pinned."""
        charter = parse_charter(content)
        path = self.path / CHARTER_FILE
        if path.exists():
            pinned = self.charter()
            if pinned.hash != charter.hash:
                raise ConfigError("other-charter", folder=self.path, pinned=fingerprint(pinned.hash))
            return pinned
        write_whole(path, content, PUBLIC, self._sealing.durable)
        return charter

    def charter(self) -> Charter:
        """The pinned one. Raises ConfigError, BadDocument."""
        path = self.path / CHARTER_FILE
        if not path.exists():
            raise ConfigError("no-charter", folder=self.path)
        return parse_charter(read_whole(path, CHARTER_BYTES_MAX))

    @property
    def ceremony_file(self) -> SealedFile:
        return SealedFile(self.path / CEREMONY_FILE, self._sealing)

    def share_file(self, ceremony_id: bytes) -> SealedFile:
        """Where this officer's share of that ceremony is, or will be.

        Raises TwoTrustees when any other share file of that ceremony lies in this folder, whatever its
        name: a copy, or another trustee's (rule 4).
        """
        due = self.path / f"share-{ceremony_id.hex()[:16]}{SUFFIX}"
        for path in sorted(self.path.glob(f"*{SUFFIX}")):
            about = SealedFile(path, self._sealing).about
            if about.role is not Role.SHARE or about.ceremony != ceremony_id:
                continue
            if about.owner != self.owner:
                raise TwoTrustees("two-trustees", one=self.owner, other=about.owner)
            if path != due:
                raise TwoTrustees("second-share", folder=self.path, file=path.name)
        return SealedFile(due, self._sealing)

    def record_path(self, ceremony_id: bytes) -> Path:
        return self.path / f"key-record-{ceremony_id.hex()[:16]}.doc"

    def record_in(self, path: Path) -> Document:
        """A key record that was kept here. Raises ConfigError, BadDocument when it is not in force."""
        return opened(read_whole(path), self.charter(), KeyRecord).document

    @property
    def identity_file(self) -> SealedFile:
        """Raises ConfigError when there is none."""
        file = SealedFile(self.path / IDENTITY_FILE, self._sealing)
        if not file.exists:
            raise ConfigError("no-key", folder=self.path)
        found = file.about.role
        if found is not Role.IDENTITY:
            raise ConfigError("other-role", path=file.path, found=found, expected=Role.IDENTITY)
        return file


def _signer(name: str, seed: bytes) -> Ed25519Signer:
    """Raises ConfigError for a seed that is none."""
    if len(seed) != 32:
        raise ConfigError("not-sealed", path=IDENTITY_FILE, what="seed")
    return Ed25519Signer(name, Ed25519PrivateKey.from_private_bytes(seed))
