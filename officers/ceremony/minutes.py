"""The page for the minutes: what the trustees read aloud and sign by hand."""

from typing import Final

from ballot.ceremony.key_record import ceremony_id_in
from ballot.documents.bodies import KeyRecord
from ballot.documents.charter import Charter
from ballot.documents.document import Document
from ballot.hashing import hash_of
from ballot.seeds import fingerprint

_LINE: Final = "." * 40


def minutes_of(record: Document, charter: Charter) -> str:
    """Text, Vietnamese first. The same for everybody, so that the pages can be laid side by side."""
    body = KeyRecord.parse(record.body)
    lines = [
        "BIÊN BẢN LỄ TẠO KHÓA BẦU CỬ / MINUTES OF THE KEY CEREMONY",
        "",
        f"Đại hội / Congress: {charter.congress}",
        f"Điều lệ / Charter: {fingerprint(charter.hash)}",
        f"  {charter.fingerprint}",
        f"Lễ / Ceremony: {fingerprint(ceremony_id_in(body, charter))}",
        f"Khóa bầu cử / Election key: {fingerprint(record.hash)}",
        f"  {record.hash.hex()}",
        f"Các vòng / Rounds: {fingerprint(body.transcript)}",
        f"Mở kết quả cần / A result takes: {charter.k} / {len(charter.trustees)}",
        "",
        "Mỗi người đọc to các mã trên và so với màn hình của mình, rồi ký.",
        "Each reads these codes aloud, compares them with their own screen, and signs.",
        "",
    ]
    for officer in charter.trustees:
        lines += [f"{officer.name} ({fingerprint(hash_of(officer.key))})", f"  {_LINE}", ""]
    return "\n".join(lines)
