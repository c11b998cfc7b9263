"""`hallward fleet charter`: a plain function with explicit arguments."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from ballot.documents.charter import CHARTER_BYTES_MAX, Charter, parse_charter
from ballot.documents.describe import describe_charter
from ballot.errors import BadDocument, TrustRefused
from fleet.config import load_config
from fleet.db import Engine, database_url, open_engine, take_turn, upgrade, writing
from fleet.desk import store as desk_store
from fleet.errors import ConfigError
from fleet.secret import store
from wire.ids import CongressId

Say = Callable[[str], None]
_OTHER: Final = (
    "Đã có điều lệ {known} và nội dung bỏ phiếu kín {question}: không thay được. "
    "Another charter, {known}, is installed and the secret question {question} goes by it: keep it."
)


def install_charter(data: Path, file: Path, *, say: Say, environment: Mapping[str, str]) -> int:
    """Read a charter out to whoever compares its fingerprint, and let the hall go by it. Exit code 0.

    May be repeated. Raises ConfigError for a file that is none, TrustRefused for another one while there are
    secret questions, StoreError.
    """
    config = load_config(data)
    charter = _read(file, config.congress)
    engine = open_engine(database_url(data, environment))
    try:
        upgrade(engine)
        is_new = pin(engine, charter)
    finally:
        engine.dispose()
    for line in describe_charter(charter):
        say(line)
    say(
        "Đã cài; hãy khởi động lại máy chủ. Installed; start the hall's server again."
        if is_new
        else "Đã cài từ trước. It was installed before."
    )
    return 0


def pin(engine: Engine, charter: Charter) -> bool:
    """False when it is the one that is there. Raises TrustRefused."""
    with writing(engine) as connection:
        take_turn(connection)
        known = desk_store.charter(connection)
        if known == charter.encode():
            return False
        used = store.everything(connection)
        if known is not None and used:
            told = {"known": parse_charter(known).fingerprint, "question": used[0].question}
            raise TrustRefused(_OTHER.format_map(told))
        desk_store.set_setting(connection, desk_store.CHARTER, charter.encode().hex())
    return True


def _read(file: Path, congress: CongressId) -> Charter:
    try:
        with file.open("rb") as content:
            charter = parse_charter(content.read(CHARTER_BYTES_MAX + 1))
    except OSError as err:
        raise ConfigError(f"{file} cannot be read: {err.strerror}") from None
    except BadDocument as err:
        raise ConfigError(f"{file}: {err.diagnostics()}") from None
    if charter.congress != congress:
        raise ConfigError(
            f"{file} is the charter of congress {charter.congress}, this hall belongs to {congress}: "
            "choose the right file"
        )
    return charter
