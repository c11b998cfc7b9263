"""A charter as people write it down: TOML in, and every fault in a sentence.

congress = "dh-2026"
k = 2                                   # how many trustees open a result
trustees = ["an:KEY", "binh:KEY", "chi:KEY"]
board = […]
board_quorum = 2
commission = […]
commission_quorum = 2
chair = "name:KEY"
witnesses = ["name:KEY", "name:KEY:external"]
witness_quorum = 1
"""

from typing import Any, Final

from ballot.documents.charter import KEY_BYTES, Charter, Officer, charter_faults, parse_charter
from officers.errors import BadInput
from officers.toml import Fields, table_in
from wire.ids import CongressId, is_name

EXTERNAL: Final = "external"


def key_line(name: str, key: bytes) -> str:
    """How a public key is handed to whoever assembles the charter."""
    return f"{name}:{key.hex()}"


def charter_in(content: bytes, path: str) -> Charter:
    """Raises BadInput for what cannot be read, BadDocument for a charter that no reader would accept."""
    given = Fields(path, table_in(content, path))
    charter = Charter(
        congress=CongressId(given.name("congress")),
        k=given.number("k", 1, 9),
        trustees=_officers(given, "trustees"),
        board=_officers(given, "board"),
        board_quorum=given.number("board_quorum", 1, 32),
        commission=_officers(given, "commission"),
        commission_quorum=given.number("commission_quorum", 1, 32),
        chair=_officer(given, "chair", given.text("chair", 200)),
        witnesses=_officers(given, "witnesses"),
        witness_quorum=given.number("witness_quorum", 1, 32),
    )
    given.nothing_else()
    for fault in charter_faults(charter):
        raise fault
    return parse_charter(charter.encode())


def _officers(given: Fields, field: str) -> tuple[Officer, ...]:
    return tuple(_officer(given, field, line) for line in given.texts(field))


def _officer(given: Fields, field: str, line: Any) -> Officer:
    name, _, rest = str(line).partition(":")
    key, _, role = rest.partition(":")
    allowed = ("", EXTERNAL) if field == "witnesses" else ("",)
    try:
        raw = bytes.fromhex(key)
    except ValueError:
        raw = b""
    if not is_name(name) or len(raw) != KEY_BYTES or role not in allowed or line.count(":") != 1 + bool(role):
        raise BadInput("bad-key-line", path=given.path, field=field)
    return Officer(name, raw, role == EXTERNAL)
