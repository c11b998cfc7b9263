"""Options of the command line that stand for bytes or sentences. Every function raises BadInput."""

from officers.errors import BadInput
from wire.errors import RecordRejected
from wire.ids import is_name
from wire.keys import Alg, public_key

REASON_BYTES_MAX = 200


def hex_of(text: str, what: str, length: int) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != length:
        raise BadInput("bad-hex", what=what, digits=2 * length)
    return found


def key_of(text: str, what: str) -> bytes:
    try:
        return public_key(Alg.EDDSA, hex_of(text, what, 32)).raw
    except RecordRejected:
        raise BadInput("bad-hex", what=what, digits=64) from None


def reason_of(text: str) -> str:
    if not text.strip() or len(text.encode(errors="surrogatepass")) > REASON_BYTES_MAX:
        raise BadInput("bad-reason")
    return text


def name_of(text: str) -> str:
    if not is_name(text):
        raise BadInput("no-such-name", name=repr(text))
    return text
