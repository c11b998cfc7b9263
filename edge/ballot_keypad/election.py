"""What a keypad needs to take part in secret questions: the charter in its folder, libsodium, and what it
kept."""

from collections.abc import Callable
from typing import Final

from edge.ballot_keypad.adapters.charter_file import read_charter
from edge.ballot_keypad.display.language import Words
from edge.ballot_keypad.secret.answer import Reader
from edge.ballot_keypad.secret.kept import ROOM
from edge.ballot_keypad.secret.means import RuntimeMeans
from edge.ballot_keypad.secret.questions import Questions
from edge.ballot_keypad.secret.trust import Pinned
from edge.ballot_keypad.secret.unit import Unit
from edge.device.adapters.device_folder import DeviceFolder
from edge.device.runtime import DeviceRuntime

NO_CHARTER: Final[Words] = (
    "Máy này chưa ghim điều lệ bầu cử: không bỏ phiếu kín được. Xin gọi nhân viên",
    "No election charter is pinned here: no secret vote at this unit. Please call an usher",
)


def election_of(folder: DeviceFolder) -> Pinned | None:
    """None without a charter. Raises ConfigError, LibsodiumMissing."""
    config = folder.identity.config
    charter = read_charter(folder.path, config.congress)
    if charter is None:
        return None
    from ballot.adapters.libsodium import Libsodium  # noqa: PLC0415  # a keypad without a charter needs none

    return Pinned(charter, config.hall, Libsodium())


def questions_of(
    runtime: DeviceRuntime, election: Pinned | None, random: Callable[[int], bytes], *, has_digits: bool
) -> Questions | None:
    """The secret questions as the last start left them. None without an election."""
    if election is None:
        return None
    config = runtime.identity.config
    reader = Reader(
        config.congress, config.hall, config.device, config.trust.desk, config.trust.store, election.charter
    )
    unit = Unit(RuntimeMeans(runtime, random), election, reader, has_digits=has_digits)
    return Questions(unit, runtime.outbox.values(ROOM))
