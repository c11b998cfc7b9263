"""What an officer's machine says: code -> a sentence in Vietnamese and in English."""

from typing import Final

Words = tuple[str, str]

WORDS: Final[dict[str, Words]] = {
    # keys and files
    "wrong-passphrase": (
        "Mật khẩu sai hoặc tệp khóa đã hỏng; chưa có gì thay đổi. Hãy thử lại hoặc dùng bản sao.",
        "Wrong passphrase, or the key file is damaged; nothing was changed. Try again, or use its copy.",
    ),
    "short-passphrase": (
        "Mật khẩu quá ngắn: cần ít nhất 6 từ hoặc 20 ký tự. Chưa có gì được ghi.",
        "The passphrase is too short: 6 words or 20 characters at least. Nothing was written.",
    ),
    "long-passphrase": (
        "Mật khẩu dài quá {most} byte: hãy chọn ngắn hơn.",
        "The passphrase is longer than {most} bytes: choose a shorter one.",
    ),
    "differing-passphrases": (
        "Hai lần nhập mật khẩu không giống nhau; chưa có gì được ghi. Hãy chạy lại.",
        "The two passphrases differ; nothing was written. Run this again.",
    ),
    "passphrase-fd": (
        "Không đọc được mật khẩu từ --passphrase-fd: cần một dòng UTF-8.",
        "No passphrase can be read from --passphrase-fd: one line of UTF-8 is needed.",
    ),
    "no-terminal": (
        "Không có ai trả lời: hãy chạy trong cửa sổ dòng lệnh, hoặc dùng --passphrase-fd.",
        "There is nobody to answer: run this in a terminal, or give --passphrase-fd.",
    ),
    "new-passphrase": (
        "Đặt mật khẩu (ít nhất 6 từ hoặc 20 ký tự)",
        "New passphrase (6 words or 20 characters at least)",
    ),
    "again": ("Nhập lại", "Once more"),
    "passphrase": ("Mật khẩu", "Passphrase"),
    "two-trustees": (
        "Có tệp của hai người giữ khóa của một lễ ({one}, {other}): mỗi người một máy, hãy cất một tệp.",
        "Here are files of two trustees of one ceremony ({one}, {other}): one machine each, take one away.",
    ),
    "second-share": (
        "{folder} đã có một tệp phần khóa khác của lễ này ({file}): hãy cất đi rồi chạy lại.",
        "{folder} holds another share file of this ceremony ({file}): take it away, then run this again.",
    ),
    "remembered": (
        "Tệp khóa đã ghi nhớ điều khác cho {what}: từ chối.",
        "The key file remembers something else for {what}: refused.",
    ),
    "not-sealed": (
        "{path} không phải tệp khóa, hoặc đã hỏng ({what}): hãy dùng bản sao.",
        "{path} is no key file, or is damaged ({what}): use its copy.",
    ),
    "other-role": (
        "{path} là tệp loại {found}, cần loại {expected}.",
        "{path} is a file for {found}, one for {expected} is needed.",
    ),
    "cannot-write": ("Không ghi được {path}: {reason}.", "{path} cannot be written: {reason}."),
    "cannot-read": ("Không đọc được {path}: {reason}.", "{path} cannot be read: {reason}."),
    "too-long": (
        "{path} dài hơn {most} byte: không phải tệp của hệ thống này.",
        "{path} is longer than {most} bytes: it is none of ours.",
    ),
    "exists": (
        "{path} đã có và có nội dung khác: hãy chọn tên khác.",
        "{path} exists and says something else: choose another name.",
    ),
    "has-key": (
        "{folder} đã có khóa của {owner}: mỗi người dùng một thư mục riêng.",
        "{folder} holds the key of {owner} already: one folder for each person.",
    ),
    "no-key": (
        "{folder} chưa có khóa: hãy tạo bằng `hallward officer key`.",
        "{folder} holds no key: make one with `hallward officer key`.",
    ),
    "no-share": (
        "{folder} không có phần khóa {file} của khóa bầu cử này: hãy dùng thư mục đã dự lễ tạo khóa.",
        "{folder} holds no share {file} of this election key: use the folder of the ceremony.",
    ),
    "no-charter": (
        "{folder} chưa ghim điều lệ: hãy chạy `hallward officer pin {folder} ĐIỀU-LỆ`.",
        "{folder} has no charter pinned: run `hallward officer pin {folder} CHARTER`.",
    ),
    "other-charter": (
        "{folder} đã ghim điều lệ khác ({pinned}), không thay: hãy dùng thư mục mới.",
        "{folder} has another charter pinned ({pinned}), which is never replaced: take a new folder.",
    ),
    "not-in-charter": (
        "Khóa của {name} trong thư mục này không có trong điều lệ: hãy so mã khóa với người lập điều lệ.",
        "The key of {name} in this folder is not in the charter: compare fingerprints with whoever made it.",
    ),
    "busy": (
        "Một lệnh khác đang làm việc trong {folder}: hãy đợi nó xong.",
        "Another command is at work in {folder}: wait until it is done.",
    ),
    "no-such-name": (
        "Tên phải gồm 1 đến 32 ký tự a-z, 0-9, '-': {name}.",
        "A name is 1 to 32 of a-z, 0-9 and '-', not {name}.",
    ),
    "key-line": (
        "Dòng cho điều lệ (đọc mã {fingerprint} cho người lập điều lệ): {line}",
        "Line for the charter (read its fingerprint {fingerprint} to whoever assembles it): {line}",
    ),
    "pinned": (
        "{folder} đã ghim điều lệ {fingerprint}, không thay đổi nữa.",
        "{folder} has the charter {fingerprint} pinned for good.",
    ),
    # confirming
    "type-block": ("Nhập nhóm đầu của mã {fingerprint}", "Type the first block of {fingerprint}"),
    "not-confirmed": (
        "Nhóm vừa nhập không phải nhóm đầu của mã: chưa ký gì.",
        "That is not the first block of the fingerprint: nothing was signed.",
    ),
    # ceremony
    "not-a-trustee": (
        "{name} không phải người giữ khóa trong điều lệ: lễ này không dành cho {name}.",
        "{name} is no trustee of the charter: this ceremony is not theirs.",
    ),
    "aside": ("Bỏ qua {file}: {what}", "Left aside {file}: {what}"),
    "many-papers": (
        "Thư mục có hơn {most} tệp: hãy dùng thư mục chỉ có giấy tờ của lễ này.",
        "More than {most} files lie in the folder: use one that holds papers of this ceremony alone.",
    ),
    "ceremony": ("Lễ tạo khóa: {fingerprint}", "Ceremony: {fingerprint}"),
    "paper": ("  vòng {round} của {name}: {fingerprint}", "  round {round} of {name}: {fingerprint}"),
    "same-folder": (
        "Thư mục chung không được là thư mục riêng của bạn: hãy dùng USB chung.",
        "The shared folder must not be your own: use the stick that goes round.",
    ),
    "done": (
        "Lễ đã xong. Khóa bầu cử: {fingerprint}. Phần của bạn ở {file}: hãy sao ra USB khác, cất riêng.",
        "Done. Election key: {fingerprint}. Your share is {file}: copy it to another stick, lock it away.",
    ),
    "had-begun": (
        "Đã có lễ đang chạy ({fingerprint}): chỉ dùng --begin khi muốn bỏ lễ đó. Nhập nhóm đầu để bỏ",
        "A ceremony is under way ({fingerprint}). To give it up, type its first block",
    ),
    # documents
    "signed": ("Đã ký: {path} ({names})", "Signed: {path} ({names})"),
    "wrote": ("Đã ghi: {path}, mã {fingerprint}", "Wrote {path}, fingerprint {fingerprint}"),
    "lacks": ("Còn thiếu: {office}, có {have}, cần {need}.", "Still missing: {office}, {have} of {need}."),
    "in-force": ("Đủ chữ ký.", "All signatures that it needs are there."),
    "not-yours-to-sign": (
        "{name} không thuộc những người ký văn kiện loại {kind}: chưa ký gì.",
        "{name} is none of those who sign a {kind}: nothing was signed.",
    ),
    "nobody-signs": (
        "Văn kiện loại {kind} không ai ký: văn kiện khác bảo đảm cho nó.",
        "Nobody signs a {kind}: another document vouches for it.",
    ),
    "second-document": (
        "Bạn đã ký một văn kiện {kind} khác cho lần bỏ phiếu này ({fingerprint}): chưa ký gì.",
        "You signed another {kind} of this contest ({fingerprint}): nothing was signed.",
    ),
    "trustee-signs-elsewhere": (
        "Văn kiện {kind} chỉ được ký bằng `hallward trustee`, sau khi kiểm tra lại toàn bộ.",
        "A {kind} is signed by `hallward trustee` alone, after it has checked everything.",
    ),
    "two-or-more": ("Cần ít nhất hai bản để ghép.", "Merging takes two copies at least."),
    # what people wrote down
    "bad-toml": ("{path} không phải TOML đúng: {what}.", "{path} is not TOML: {what}."),
    "missing-field": ("{path}: thiếu {field}.", "{path}: {field} is missing."),
    "unknown-field": ("{path}: không hiểu {field}.", "{path}: {field} is not known."),
    "bad-field": ("{path}, {field}: {what}.", "{path}, {field}: {what}."),
    "bad-key-line": (
        "{path}, {field}: cần “tên:khóa” như `hallward officer key` in ra.",
        "{path}, {field}: must be “name:key” as `hallward officer key` prints it.",
    ),
    "no-candidates": (
        "{path}: câu hỏi không có ứng cử viên hay lựa chọn nào.",
        "{path}: the question has no candidates and no options.",
    ),
    "k-over-n": (
        "{path}: chọn {k} trong {n} người, k phải từ 1 đến n.",
        "{path}: choose {k} of {n}: k must be 1 to n.",
    ),
    "option-twice": ("{path}: {option} đứng hai lần.", "{path}: {option} stands there twice."),
    "unknown-rule": (
        "{path}: không có thể lệ {rule}; có: {known}.",
        "{path}: there is no rule {rule}; there are: {known}.",
    ),
    "bad-line": ("{path}, dòng {line}: {what}.", "{path}, line {line}: {what}."),
    "empty-list": ("{path} không có ai.", "{path} names nobody."),
    "twice": (
        "{path}, dòng {line}: {what} đã đứng ở dòng {first}; mỗi ghế, mỗi máy, mỗi đại biểu một lần.",
        "{path}, line {line}: {what} stands in line {first} already; each seat, unit, member once.",
    ),
    "unknown-voter": (
        "Không có {what} trong danh sách ghế của lần bỏ phiếu này.",
        "There is no {what} in the seat map of this contest.",
    ),
    "paper-fault": ("Chưa ký gì. {what}", "Nothing was signed. {what}"),
    "needs-beside": (
        "Cần xem cùng văn kiện {kind}: hãy thêm --beside TỆP.",
        "The {kind} that it stands on is needed: add --beside FILE.",
    ),
    "roll-of": (
        "Danh sách có {people} người, {missing} người chưa có thiết bị.",
        "The roll has {people} people, {missing} of them without a unit.",
    ),
    "no-seat-map": (
        "{folder} không có bản đồ ghế {file}: chỉ người đã lập danh sách mới gán được thiết bị.",
        "{folder} holds no seat map {file}: only whoever made the roll can bind units.",
    ),
    "key-in-use": (
        "Khóa này đang là của một đại biểu khác: mỗi thiết bị một đại biểu.",
        "That key speaks for another delegate already: one unit, one delegate.",
    ),
    "checkpoint": (
        "Điểm kiểm: {size} dòng, chứng kiến bởi {names}",
        "Checkpoint: {size} leaves, witnessed by {names}",
    ),
    "other-hall": ("{path} là của {found}, cần {expected}.", "{path} is of {found}, not of {expected}."),
    "bad-result": (
        "{path} không phải tệp của `hallward trustee result` ({what}).",
        "{path} is no file of `hallward trustee result` ({what}).",
    ),
    "bad-facts": (
        "{path} phải là JSON với summoned, recused, present_at_open … là số nguyên ({what}).",
        "{path} must be JSON with summoned, recused, present_at_open … as integers ({what}).",
    ),
    "bad-order": (
        "--order là các số thứ tự trên phiếu, như 3,1,2 ({what}).",
        "--order is numbers on the ballot, as 3,1,2 ({what}).",
    ),
    "other-result": (
        "{path} không khớp với phiếu bầu hoặc văn kiện kiểm phiếu ({what}): không ký.",
        "{path} does not fit the manifest or the tally ({what}): not signed.",
    ),
    "bad-hex": ("{what} phải là {digits} chữ số hex.", "{what} must be {digits} hexadecimal digits."),
    "bad-reason": (
        "Lý do phải có, và dài tối đa 200 byte.",
        "A reason must be given, of at most 200 bytes.",
    ),
    "too-few-witnesses": (
        "Điểm kiểm {path} chưa đủ người chứng kiến: có {have}, cần {need}, ít nhất một độc lập.",
        "Too few witnesses on {path}: {have} of {need}, one of them external.",
    ),
    "old-checkpoint": (
        "Điểm kiểm được chứng kiến {age} giây trước: hãy lấy điểm kiểm mới hơn {most} giây.",
        "The checkpoint was witnessed {age} s ago: take one that is younger than {most} s.",
    ),
}


def words(code: str, **facts: object) -> Words:
    """The sentence of that code, filled with the facts."""
    vi, en = WORDS[code]
    return vi.format_map(facts), en.format_map(facts)
