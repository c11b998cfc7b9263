"""The charter of an election: who holds which key of the congress (ballot/SPEC §2.1). Its bytes are pinned
in every unit, trustee's machine and verifier; nothing that comes over the network changes it."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from ballot.documents.faults import Words, bad
from ballot.errors import BadDocument
from ballot.hashing import hash_of
from wire import cbor, fields
from wire.errors import BadSchema, RecordRejected
from wire.ids import CongressId
from wire.keys import Alg, PublicKey, public_key

VERSION: Final = "charter/1"
TRUSTEES_MAX: Final = 9
OFFICE_MAX: Final = 32
CHARTER_BYTES_MAX: Final = 16_384
KEY_BYTES: Final = 32


class Office(StrEnum):
    TRUSTEES = "trustees"
    BOARD = "board"
    COMMISSION = "commission"
    CHAIR = "chair"
    WITNESSES = "witnesses"


OFFICE: Final[dict[Office, Words]] = {
    Office.TRUSTEES: ("những người giữ khóa", "the trustees"),
    Office.BOARD: ("ban kiểm phiếu", "the counting board"),
    Office.COMMISSION: ("ban thẩm tra tư cách đại biểu", "the credentials commission"),
    Office.CHAIR: ("chủ tọa", "the chair"),
    Office.WITNESSES: ("những người chứng kiến", "the witnesses"),
}


@dataclass(frozen=True, slots=True)
class Officer:
    """key: Ed25519, 32 bytes. external: a witness who is not run by the fleet's administration."""

    name: str
    key: bytes
    external: bool = False

    @property
    def public_key(self) -> PublicKey:
        return PublicKey(Alg.EDDSA, self.key)


@dataclass(frozen=True)  # no slots: the lookups below are made once
class Charter:
    """k: how many trustees open a result. Trustees count from 1, in this order."""

    congress: CongressId
    k: int
    trustees: tuple[Officer, ...]
    board: tuple[Officer, ...]
    board_quorum: int
    commission: tuple[Officer, ...]
    commission_quorum: int
    chair: Officer
    witnesses: tuple[Officer, ...]
    witness_quorum: int

    def encode(self) -> bytes:
        """The bytes that are pinned. Raises BadDocument for a charter that no reader would accept."""
        data = cbor.encode(
            [
                VERSION,
                self.congress,
                self.k,
                _pairs(self.trustees),
                _pairs(self.board),
                self.board_quorum,
                _pairs(self.commission),
                self.commission_quorum,
                [self.chair.name, self.chair.key],
                [[witness.name, witness.key, witness.external] for witness in self.witnesses],
                self.witness_quorum,
            ]
        )
        parse_charter(data)
        return data

    @cached_property
    def hash(self) -> bytes:
        return hash_of(self.encode())

    @property
    def fingerprint(self) -> str:
        """In hex: read out and printed in the minutes."""
        return self.hash.hex()

    @cached_property
    def by_name(self) -> dict[str, Officer]:
        return {officer.name: officer for office in Office for officer in self.of(office)}

    def of(self, office: Office) -> tuple[Officer, ...]:
        """Who holds that office."""
        match office:
            case Office.TRUSTEES:
                return self.trustees
            case Office.BOARD:
                return self.board
            case Office.COMMISSION:
                return self.commission
            case Office.CHAIR:
                return (self.chair,)
            case Office.WITNESSES:
                return self.witnesses

    def quorum(self, office: Office) -> int:
        """How many of them must sign what their office signs."""
        return {
            Office.TRUSTEES: self.k,
            Office.BOARD: self.board_quorum,
            Office.COMMISSION: self.commission_quorum,
            Office.CHAIR: 1,
            Office.WITNESSES: self.witness_quorum,
        }[office]

    def trustee_number(self, name: str) -> int | None:
        """i of the trustee of that name, 1 … n; None for anybody else."""
        names = [trustee.name for trustee in self.trustees]
        return names.index(name) + 1 if name in names else None


def parse_charter(data: bytes) -> Charter:
    """The charter of these bytes, strictly. Raises BadDocument."""
    if len(data) > CHARTER_BYTES_MAX:
        raise bad("too-long", size=len(data), most=CHARTER_BYTES_MAX)
    try:
        parts = cbor.decode(data, CHARTER_BYTES_MAX)
        if type(parts) is not list or len(parts) != 11 or type(parts[0]) is not str or parts[0] != VERSION:
            raise BadSchema(f"an array of 11 that begins with {VERSION!r}")
        number = fields.integer(0, OFFICE_MAX)
        charter = Charter(
            congress=CongressId(fields.name(parts[1])),
            k=number(parts[2]),
            trustees=_officers(parts[3]),
            board=_officers(parts[4]),
            board_quorum=number(parts[5]),
            commission=_officers(parts[6]),
            commission_quorum=number(parts[7]),
            chair=_officer(parts[8]),
            witnesses=fields.array(1, OFFICE_MAX, _witness)(parts[9]),
            witness_quorum=number(parts[10]),
        )
    except RecordRejected as err:
        raise bad("charter", what=err.what) from None
    for fault in charter_faults(charter):
        raise fault
    return charter


def charter_faults(charter: Charter) -> list[BadDocument]:
    """All that stands against a charter, for whoever assembles one."""
    n, k = len(charter.trustees), charter.k
    found = []
    if not (n <= TRUSTEES_MAX and 2 <= k <= n < 2 * k):
        found.append(bad("charter-trustees", n=n, k=k))
    for office, low in ((Office.BOARD, 2), (Office.COMMISSION, 2), (Office.WITNESSES, 1)):
        n, quorum = len(charter.of(office)), charter.quorum(office)
        if not low <= quorum <= n:
            vi, en = OFFICE[office]
            found.append(bad("charter-quorum", office_vi=vi, office_en=en, n=n, quorum=quorum, low=low))
    if not any(witness.external for witness in charter.witnesses):
        found.append(bad("charter-external"))
    everybody = [officer for office in Office for officer in charter.of(office)]
    names, keys = Counter(each.name for each in everybody), Counter(each.key for each in everybody)
    found += [bad("charter-names", name=name) for name, times in names.items() if times > 1]
    found += [bad("charter-keys", name=each.name) for each in everybody if keys[each.key] > 1]
    return found


def _pairs(officers: tuple[Officer, ...]) -> list[cbor.Value]:
    return [[officer.name, officer.key] for officer in officers]


def _key(value: Any) -> bytes:
    return public_key(Alg.EDDSA, fields.blob(KEY_BYTES)(value)).raw


def _officer(value: Any) -> Officer:
    if type(value) is not list or len(value) != 2:
        raise BadSchema("an officer is [name, key]")
    return Officer(fields.name(value[0]), _key(value[1]))


def _officers(value: Any) -> tuple[Officer, ...]:
    found: tuple[Officer, ...] = fields.array(1, OFFICE_MAX, _officer)(value)
    return found


def _witness(value: Any) -> Officer:
    if type(value) is not list or len(value) != 3:
        raise BadSchema("a witness is [name, key, external]")
    return Officer(fields.name(value[0]), _key(value[1]), fields.flag(value[2]))
