"""One message from a device -> what it says, or the code under which it is dropped. Pure; runs in the
worker processes.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from ballot.hall_log.leaf import CheckedRecord, checked_record
from fleet.ingest.codes import DROPPED
from wire.envelope import Purpose, verify
from wire.errors import BadSignature, RecordRejected
from wire.keys import PublicKey, public_key
from wire.topics import Up
from wire.up import Birth, Health, parse_birth, parse_health
from wire.voting import Carried, SessionKey, parse_carried, parse_session_key


class Question(NamedTuple):
    """Bytes that a device is said to have signed, and the key it should have done so with."""

    kind: str
    device: str
    alg: int
    key: bytes
    envelope: bytes


class Drop(NamedTuple):
    """Bytes behind which nobody stands, or that cannot be placed."""

    code: str


Answer = CheckedRecord | Birth | Health | Carried | SessionKey | Drop

_REC, _BIRTH, _BOARD = Up.REC.value, Up.BIRTH.value, Up.BOARD.value
_PURPOSE: Final = {_REC: Purpose.RECORD, _BIRTH: Purpose.BIRTH, Up.HEALTH.value: Purpose.HEALTH}
_key: Final = lru_cache(maxsize=8192)(public_key)


def answer(question: Question) -> Answer:
    """Total: any bytes end in an answer."""
    kind, device, alg, key, envelope = question
    try:
        if kind == _BOARD:
            return _for_the_board(envelope, device, _key(alg, key))
        verified = verify(envelope, _PURPOSE[kind], device, _key(alg, key))
        if kind == _REC:
            return checked_record(verified, envelope)[0]
        return parse_birth(verified) if kind == _BIRTH else parse_health(verified)
    except RecordRejected as err:
        return Drop(err.code if err.code in DROPPED else "bad-schema")
    except Exception:  # noqa: BLE001  # ours, whatever it is: one record must not end the process, again and again
        return Drop("not-judged")


def _for_the_board(envelope: bytes, device: str, key: PublicKey) -> Carried | SessionKey:
    """Both come by one topic; their purposes tell them apart. Raises RecordRejected."""
    if len(envelope) <= Purpose.SESSION_KEY.limit:
        try:
            return parse_session_key(verify(envelope, Purpose.SESSION_KEY, device, key))
        except BadSignature:
            pass  # then it is a short entry
    return parse_carried(verify(envelope, Purpose.CARRIED, device, key))
