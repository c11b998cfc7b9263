"""One message from a device -> what it says, or the code under which it is dropped. Pure; runs in the
worker processes.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from fleet.ingest.codes import DROPPED
from fleet.log.leaf import CheckedRecord, checked_record
from wire.envelope import Purpose, verify
from wire.errors import RecordRejected
from wire.keys import public_key
from wire.topics import Up
from wire.up import Birth, Health, parse_birth, parse_health


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


Answer = CheckedRecord | Birth | Health | Drop

_REC, _BIRTH = Up.REC.value, Up.BIRTH.value
_PURPOSE: Final = {_REC: Purpose.RECORD, _BIRTH: Purpose.BIRTH, Up.HEALTH.value: Purpose.HEALTH}
_key: Final = lru_cache(maxsize=8192)(public_key)


def answer(question: Question) -> Answer:
    """Total: any bytes end in an answer."""
    kind, device, alg, key, envelope = question
    try:
        verified = verify(envelope, _PURPOSE[kind], device, _key(alg, key))
        if kind == _REC:
            return checked_record(verified, envelope)[0]
        return parse_birth(verified) if kind == _BIRTH else parse_health(verified)
    except RecordRejected as err:
        return Drop(err.code if err.code in DROPPED else "bad-schema")
    except Exception:  # noqa: BLE001  # ours, whatever it is: one record must not end the process, again and again
        return Drop("not-judged")
