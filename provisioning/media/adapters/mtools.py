"""An image of a FAT32 volume, made with mtools, which needs neither root nor a loop device."""

import errno
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

from durable.files import SECRET, replacing
from provisioning.errors import ConfigError

SIZE_MIB_MIN: Final = 40
"""FAT32 begins at 65525 clusters of 512 bytes."""
SIZE_MIB_MAX: Final = 4096
SIZE_MIB: Final = 64
SECTOR_BYTES: Final = 512
TIMEOUT_S: Final = 120.0
_PIECE_BYTES: Final = 1 << 20
_FIRST_HOUR: Final = "315532800"
"""1980-01-01 in s since 1970, when FAT's time begins: the same files make the same image."""


class FatImage:
    """One file; it is made anew at each write. Raises ConfigError on construction."""

    def __init__(self, file: Path, *, label: str, size_mib: int = SIZE_MIB) -> None:
        if not SIZE_MIB_MIN <= size_mib <= SIZE_MIB_MAX:
            raise ConfigError(
                f"the size of an image must be {SIZE_MIB_MIN} to {SIZE_MIB_MAX} MiB, got {size_mib}"
            )
        if any(shutil.which(tool) is None for tool in ("mformat", "mmd", "mcopy", "mtype")):
            raise ConfigError("mtools is not installed: apt install mtools")
        self._file = file
        self._label = label
        self._sectors = size_mib * (1 << 20) // SECTOR_BYTES

    def read(self, path: str) -> bytes | None:
        if not self._file.exists():
            return None
        if not self._is_labelled():
            raise ConfigError(
                f"{self._file} is there and is no such image: name another file, or move it away"
            )
        done = self._run("mtype", "-i", str(self._file), f"::{path}")
        return done.stdout if done.returncode == 0 else None

    def write(self, files: Mapping[str, bytes], gone: frozenset[str]) -> None:  # noqa: ARG002 - all is made anew
        # In memory until it is finished. A kill while it is made leaves nothing; one while it is copied
        # leaves .NAME.new, the owner's alone, which the next image of that name takes away.
        try:
            image = os.memfd_create("medium")
            try:
                os.truncate(image, self._sectors * SECTOR_BYTES)
                self._fill(image, files)
                with replacing(self._file, SECRET) as file:
                    _copy(image, file)
            finally:
                os.close(image)
        except OSError as err:
            raise ConfigError(f"{self._file} cannot be written: {err.strerror}") from err

    def _fill(self, image: int, files: Mapping[str, bytes]) -> None:
        volume = ("-i", f"/proc/self/fd/{image}")
        size = ("-T", str(self._sectors), "-h", "16", "-s", "63", "-c", "1")
        self._must(image, "mformat", *volume, "-F", *size, "-N", "00000000", "-v", self._label, "::")
        folders = sorted({Path(path).parent.as_posix() for path in files} - {"."})
        if folders:
            self._must(image, "mmd", *volume, *(f"::{folder}" for folder in folders))
        for path, content in files.items():
            self._must(image, "mcopy", *volume, "-", f"::{path}", said=content)

    def _is_labelled(self) -> bool:
        done = self._run("mlabel", "-s", "-i", str(self._file), "::")
        return done.returncode == 0 and self._label in done.stdout.decode(errors="replace")

    def _must(self, image: int, *words: str, said: bytes = b"") -> None:
        done = self._run(*words, image=image, said=said)
        if done.returncode != 0:
            words_said = done.stderr.decode(errors="replace").strip().splitlines() or ["it says nothing"]
            raise ConfigError(f"{words[0]} cannot make {self._file}: {words_said[-1]:.200}")

    def _run(
        self, *words: str, image: int | None = None, said: bytes = b""
    ) -> "subprocess.CompletedProcess[bytes]":
        """image: an open file that it may use. said: what it reads from its standard input."""
        around = {"PATH": os.environ.get("PATH", os.defpath), "MTOOLS_SKIP_CHECK": "1", "LC_ALL": "C.UTF-8"}
        around |= {"SOURCE_DATE_EPOCH": _FIRST_HOUR, "TZ": "UTC", "MTOOLSRC": os.devnull}
        try:
            return subprocess.run(
                words,
                input=said,
                capture_output=True,
                check=False,
                env=around,
                timeout=TIMEOUT_S,
                pass_fds=() if image is None else (image,),
            )
        except subprocess.TimeoutExpired:
            raise ConfigError(
                f"{words[0]} did not finish within {TIMEOUT_S:.0f} s: is the disk in order?"
            ) from None


def _copy(image: int, file: BinaryIO) -> None:
    """What was written; the rest of a volume stays a hole. Raises OSError."""
    end = 0
    while True:
        try:
            begin = os.lseek(image, end, os.SEEK_DATA)
        except OSError as err:
            if err.errno != errno.ENXIO:
                raise
            break  # nothing but a hole is left
        end = os.lseek(image, begin, os.SEEK_HOLE)
        file.seek(begin)
        file.writelines(
            os.pread(image, min(_PIECE_BYTES, end - at), at) for at in range(begin, end, _PIECE_BYTES)
        )
    file.truncate(os.fstat(image).st_size)
