"""The folder that the trustees share, with papers of all: nothing in it is believed, nothing is secret."""

from pathlib import Path
from typing import Final

from ballot.ceremony.table import PAPERS_MAX
from ballot.documents.document import Document, encode_document
from officers.errors import BadInput, ConfigError
from officers.files import PUBLIC, Step, read_whole, write_whole
from wire.errors import HallError

SUFFIX: Final = ".doc"
PAPER_BYTES_MAX: Final = 64 * 1024


class Stick:
    def __init__(self, path: Path, durable: Step) -> None:
        self.path: Final = path
        self._durable = durable
        self.unread: list[tuple[str, HallError]] = []

    def papers(self) -> list[tuple[str, bytes]]:
        """(name, content) of every document that lies here, in order of name. What cannot be read is put
        into `unread`. Raises ConfigError without such a folder, BadInput when it is full of other things."""
        self.unread = []
        try:
            paths = sorted(self.path.glob(f"[!.]*{SUFFIX}"))
            if not self.path.is_dir():
                raise NotADirectoryError(20, "?")
        except OSError as err:
            raise ConfigError("cannot-read", path=self.path, reason=err.strerror) from err
        if len(paths) > PAPERS_MAX:
            raise BadInput("many-papers", most=PAPERS_MAX)
        found = []
        for path in paths:
            if path.is_symlink() or not path.is_file():
                continue
            try:
                found.append((path.name, read_whole(path, PAPER_BYTES_MAX)))
            except ConfigError as err:
                self.unread.append((path.name, err))
        return found

    def lay(self, document: Document, name: str) -> Path:
        """Put a signed paper there, whole; the same again changes nothing. What lies under its name and is
        not it is garbage, since the name has the hash in it."""
        kind = document.kind.replace("/", "-")
        path = self.path / f"{kind}-{name}-{document.hash.hex()[:16]}{SUFFIX}"
        return self.put(path, encode_document(document))

    def put(self, path: Path, content: bytes) -> Path:
        if not path.is_file() or path.is_symlink() or read_whole(path) != content:
            write_whole(path, content, PUBLIC, self._durable)
        return path
