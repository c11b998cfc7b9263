"""A reader of FAT32 volumes that shares nothing with what writes them. Source: Microsoft's fatgen103."""

import struct
from collections.abc import Iterator
from pathlib import Path

END = 0x0FFFFFF8
DIRECTORY = 0x10
VOLUME_LABEL = 0x08
LONG_NAME = 0x0F


class Fat32:
    def __init__(self, file: Path) -> None:
        self._image = file.read_bytes()
        (self._sector,) = struct.unpack_from("<H", self._image, 11)
        self._per_cluster = self._image[13]
        (reserved,) = struct.unpack_from("<H", self._image, 14)
        fats = self._image[16]
        (self.sectors,) = struct.unpack_from("<I", self._image, 32)
        (fat_sectors,) = struct.unpack_from("<I", self._image, 36)
        (self._root,) = struct.unpack_from("<I", self._image, 44)
        assert self._image[510:512] == b"\x55\xaa", "no boot sector"
        self._fat = reserved * self._sector
        self._data = (reserved + fats * fat_sectors) * self._sector
        first, second = (
            self._image[self._fat + n * fat_sectors * self._sector :][: fat_sectors * self._sector]
            for n in (0, 1)
        )
        assert first == second, "the two tables differ"

    @property
    def clusters(self) -> int:
        return (len(self._image) - self._data) // (self._sector * self._per_cluster)

    @property
    def label(self) -> str:
        (name,) = (entry[:11] for entry in self._entries(self._root) if entry[11] == VOLUME_LABEL)
        return name.decode("ascii").rstrip()

    def files(self) -> dict[str, bytes]:
        return dict(self._walk(self._root, ""))

    def _walk(self, cluster: int, above: str) -> Iterator[tuple[str, bytes]]:
        long = ""
        for entry in self._entries(cluster):
            kind = entry[11]
            if kind == LONG_NAME:
                units = entry[1:11] + entry[14:26] + entry[28:32]
                long = units.decode("utf-16-le", errors="ignore").split("\0")[0].rstrip("\uffff") + long
                continue
            stem, suffix = entry[:8].decode("ascii").rstrip(), entry[8:11].decode("ascii").rstrip()
            # Bits 3 and 4 of byte 12: a short name that is written small.
            stem = stem.lower() if entry[12] & 0x08 else stem
            suffix = suffix.lower() if entry[12] & 0x10 else suffix
            name = long or (f"{stem}.{suffix}" if suffix else stem)
            long = ""
            if kind & VOLUME_LABEL or name in {".", ".."}:
                continue
            high, low, size = struct.unpack_from("<H4xHI", entry, 20)
            start = high << 16 | low
            if kind & DIRECTORY:
                yield from self._walk(start, f"{above}{name}/")
            else:
                yield f"{above}{name}", self._chain(start)[:size]

    def _entries(self, cluster: int) -> Iterator[bytes]:
        content = self._chain(cluster)
        for at in range(0, len(content), 32):
            entry = content[at : at + 32]
            if entry[0] == 0:
                return
            if entry[0] != 0xE5:
                yield entry

    def _chain(self, cluster: int) -> bytes:
        size = self._sector * self._per_cluster
        content = b""
        while 2 <= cluster < END:
            at = self._data + (cluster - 2) * size
            content += self._image[at : at + size]
            cluster = struct.unpack_from("<I", self._image, self._fat + 4 * cluster)[0] & 0x0FFFFFFF
        return content
