"""What can be wrong with a document, as a table: code -> a sentence for the secretariat or the trustee in
front of it."""

from typing import Final

from ballot.errors import BadDocument

Words = tuple[str, str]

FAULTS: Final[dict[str, Words]] = {
    "not-a-document": (
        "Đây không phải là văn kiện của Hallward ({what}): hãy xin lại bản gốc.",
        "This is not a document of Hallward ({what}): ask for the original again.",
    ),
    "too-long": (
        "Văn kiện dài {size} byte, tối đa {most}: hãy xin lại bản gốc.",
        "The document has {size} bytes, at most {most} are read: ask for the original again.",
    ),
    "other-kind": (
        "Đây là văn kiện loại {found}, cần loại {expected}: hãy chọn đúng tệp.",
        "This is a document of kind {found}, one of kind {expected} is needed: choose the right file.",
    ),
    "bad-body": (
        "Nội dung văn kiện không hợp lệ ({what}): người lập phải lập lại.",
        "What the document says is malformed ({what}): whoever made it must make it again.",
    ),
    "signature-order": (
        "Các chữ ký phải xếp theo tên và không trùng: hãy ghép lại từ các bản đã ký.",
        "The signatures must ascend by name, none twice: merge the signed copies again.",
    ),
    "unknown-name": (
        "{name} không có trong điều lệ bầu cử đã ghim: không dùng văn kiện này.",
        "{name} is not in the pinned charter: do not use this document.",
    ),
    "bad-signature": (
        "Chữ ký của {name} không đúng: văn kiện đã bị sửa hoặc ký bằng khóa khác, không dùng.",
        "The signature of {name} does not verify: changed since, or signed with another key; do not use it.",
    ),
    "already-signed": (
        "Hai bản có hai chữ ký khác nhau của {name}: hãy kiểm tra từng bản.",
        "The two copies hold different signatures of {name}: check each of them.",
    ),
    "not-the-same": (
        "Hai bản không cùng nội dung: hãy so lại mã vân tay của từng bản.",
        "The two copies do not say the same: compare the fingerprints of both.",
    ),
    "not-ed25519": (
        "Khóa của {name} không phải Ed25519: hãy dùng khóa có trong điều lệ.",
        "The key of {name} is not Ed25519: use the key that stands in the charter.",
    ),
    "too-many-signatures": (
        "Một văn kiện có tối đa {most} chữ ký: hãy bớt.",
        "A document has at most {most} signatures: leave some out.",
    ),
    "unsigned-kind": (
        "Văn kiện loại {kind} không được ký: hãy xin lại bản gốc.",
        "A document of kind {kind} is not signed: ask for the original again.",
    ),
    "too-few-signatures": (
        "Còn thiếu chữ ký của {office_vi}: có {have}, cần {need}.",
        "Signatures of {office_en} are missing: {have} of {need}.",
    ),
    "no-external-witness": (
        "Chưa có chữ ký của người chứng kiến độc lập: cần ít nhất một.",
        "No external witness has signed: at least one must.",
    ),
    "other-congress": (
        "Văn kiện của đại hội {found}, không phải {expected}: hãy chọn đúng tệp.",
        "The document is of congress {found}, not of {expected}: choose the right file.",
    ),
    "other-charter": (
        "Văn kiện theo một điều lệ bầu cử khác: không dùng.",
        "The document goes by another charter: do not use it.",
    ),
    "other-contest": (
        "Văn kiện của một lần bỏ phiếu khác: hãy chọn đúng tệp.",
        "The document is of another contest: choose the right file.",
    ),
    "other-key-record": (
        "Phiếu bầu nêu một khóa bầu cử khác: không dùng.",
        "The manifest names another election key: do not use it.",
    ),
    "other-roll": (
        "Danh sách không khớp với danh sách đã ký: hãy lấy đúng danh sách.",
        "The rows are not those of the signed roll: take the right ones.",
    ),
    "not-in-roll": (
        "Dòng này không có trong danh sách đã ký: không dùng.",
        "That row does not stand in the signed roll: do not use it.",
    ),
    "page-mismatch": (
        "Trang {page} không thuộc văn kiện của các trang trước: hãy gửi lại văn kiện.",
        "Page {page} does not belong to the pages before it: send the document again.",
    ),
    "page-hash": (
        "Văn kiện ghép từ các trang không đúng mã băm: hãy gửi lại văn kiện.",
        "The pages do not make the document that they name: send it again.",
    ),
    "charter": (
        "Điều lệ bầu cử không hợp lệ ({what}): hãy lập lại.",
        "The charter is malformed ({what}): make it again.",
    ),
    "charter-trustees": (
        "Có {n} người giữ khóa và cần {k}: phải từ 2 đến 9 người, k từ 2 đến n và hơn một nửa.",
        "{n} trustees of whom {k} are needed: 2 to 9 of them, k at least 2, at most n and more than half.",
    ),
    "charter-quorum": (
        "{office_vi} có {n} người, cần {quorum} chữ ký: phải từ {low} đến {n}.",
        "{office_en} has {n} people and needs {quorum} signatures: it must be {low} to {n}.",
    ),
    "charter-external": (
        "Cần ít nhất một người chứng kiến độc lập với đơn vị vận hành.",
        "At least one witness must be external: not run by the fleet's administration.",
    ),
    "charter-names": (
        "Tên {name} đứng hai lần trong điều lệ: mỗi người một tên.",
        "The name {name} stands twice in the charter: each person has one of their own.",
    ),
    "charter-keys": (
        "{name} dùng chung khóa với người khác: mỗi người một khóa.",
        "{name} has the same key as somebody else: each person has one of their own.",
    ),
}


def bad(code: str, **facts: object) -> BadDocument:
    """The error of that code, its sentence filled with the facts."""
    vi, en = FAULTS[code]
    return BadDocument(code, vi.format_map(facts), en.format_map(facts))
