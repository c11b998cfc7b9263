"""What one leaf is: a verified record with its place in the device's chain, and what rules select it by.
Pure.
"""

from typing import NamedTuple

from wire.envelope import VerifiedBytes
from wire.errors import BadSchema
from wire.fields import Body
from wire.merkle import leaf_hash
from wire.records import Header, parse_body, parse_header, record_hash


class CheckedRecord(NamedTuple):
    """A record whose signature was verified. A tuple, since thousands a second cross from process to
    process.
    """

    kind: str
    congress: str
    hall: str
    device: str
    epoch: bytes
    seq: int
    prev_hash: bytes
    subject: str
    body_accepted: bool
    """False: no reader would accept the body, or the type is unknown."""
    record_hash: bytes
    leaf_hash: bytes


def checked_record(verified: VerifiedBytes, envelope: bytes) -> tuple[CheckedRecord, Body | None]:
    """Place a verified record; its body, or None when that is not accepted. Raises BadEncoding, BadSchema."""
    header = parse_header(verified)
    try:
        body: Body | None = parse_body(header)
    except BadSchema:
        body = None
    return _placed(header, body, envelope), body


def _placed(header: Header, body: Body | None, envelope: bytes) -> CheckedRecord:
    return CheckedRecord(
        header.kind,
        header.congress,
        header.hall,
        header.device,
        header.epoch,
        header.seq,
        header.prev_hash,
        subject_of(body),
        body is not None,
        record_hash(envelope),
        leaf_hash(envelope),
    )


def subject_of(body: Body | None) -> str:
    """`sitting`, `sitting/question`, or empty: what rules select records by."""
    sitting = getattr(body, "sitting", None)
    if sitting is None:
        return ""
    question = getattr(body, "question", None)
    return sitting if question is None else f"{sitting}/{question}"
