"""The officers of the demo's congress: founded, and the key ceremony held, while the hall is being built."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hallward.demo.congress import Congress
from wire.errors import HallError

PATIENCE_S: Final = 240.0


class NotFounded(HallError):
    """The officers' own programs did not come to an end."""

    code = "officers"


class Officers:
    """Works in a thread of its own from the start, until the `with` block is left. root: the folders of all
    officers."""

    def __init__(self, root: Path, congress: str) -> None:
        self._root, self._name = root, congress
        self._congress: Congress | None = None
        self._failed: HallError | None = None
        self._founded, self._done, self._left = threading.Event(), threading.Event(), threading.Event()
        threading.Thread(target=self._work, name="officers", daemon=True).start()

    def __enter__(self) -> "Officers":
        return self

    def __exit__(self, *_: object) -> None:
        """Nobody waits for them any more: whatever is taken from under them now is not their failure."""
        self._left.set()

    def founded(self) -> Congress:
        """Everybody has a key, and has pinned the charter. Raises HallError."""
        return self._waited(self._founded)

    def with_election_key(self) -> Congress:
        """The trustees have made the election key as well. Raises HallError."""
        return self._waited(self._done)

    @property
    def are_done(self) -> bool:
        """The election key is there, or never will be."""
        return self._done.is_set()

    def _waited(self, event: threading.Event) -> Congress:
        if not event.wait(PATIENCE_S):
            raise NotFounded(
                f"the officers are not done after {PATIENCE_S:.0f} s; their folders: {self._root}"
            )
        if self._failed is not None:
            raise self._failed
        if self._congress is None:
            raise NotFounded(f"the officers have no charter; their folders: {self._root}")
        return self._congress

    def _work(self) -> None:
        steps: tuple[tuple[Callable[[], None], threading.Event], ...] = (
            (self._found, self._founded), (self._meet, self._done),
        )  # fmt: skip
        try:
            for step, event in steps:
                step()
                event.set()
        except HallError as err:
            self._failed = err
        except Exception:  # their folder, or the interpreter itself, may be on its way out
            if not self._left.is_set():
                raise
        finally:
            self._founded.set()
            self._done.set()

    def _found(self) -> None:
        self._congress = Congress(self._root, self._name)

    def _meet(self) -> None:
        self.founded().hold_ceremony()
