"""Files that are whole or absent, whenever the power is cut; what fails, in a device's words."""

from pathlib import Path

from durable import files
from durable.files import PUBLIC, SECRET, Step, no_step
from edge.device.errors import StoreError

__all__ = ["PUBLIC", "SECRET", "Step", "write_whole"]


def write_whole(path: Path, content: bytes, mode: int, step: Step = no_step) -> None:
    """A power cut leaves the old file or the new one. The content is never readable for longer, or for more
    people, than the mode says.

    step: told before each durable step, for tests that cut the power there. Raises StoreError.
    """
    try:
        files.write_whole(path, content, mode, step)
    except OSError as err:
        raise StoreError(f"{path} cannot be written ({err.strerror}); what was there is kept") from err
