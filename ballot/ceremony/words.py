"""What a ceremony says to its trustees: code -> a sentence in Vietnamese and in English."""

from typing import Final

from ballot.documents.faults import Words

WORDS: Final[dict[str, Words]] = {
    "wrote-round": ("Đã viết vòng {round}.", "Wrote round {round}."),
    "wrote-record": ("Đã ký biên bản khóa bầu cử.", "Signed the record of the election key."),
    "wrote-complaint": (
        "Phần khóa {name} gửi bạn là sai. Đã viết khiếu nại; lễ tạo khóa này phải dừng.",
        "The share that {name} dealt you is bad. Wrote a complaint; this ceremony is over.",
    ),
    "waiting-round": ("Đang chờ vòng {round} của: {names}.", "Waiting for round {round} of: {names}."),
    "waiting-record": (
        "Đang chờ chữ ký trên biên bản khóa của: {names}.",
        "Waiting for the signature under the key record of: {names}.",
    ),
    "nobody-began": (
        "Chưa ai bắt đầu lễ tạo khóa: một người chạy lệnh này với --begin.",
        "Nobody has begun a ceremony: one of you runs this with --begin.",
    ),
    "you-complained": (
        "Bạn đã khiếu nại, lễ này đã dừng: một người bắt đầu lễ mới với --begin.",
        "You complained, and this ceremony is over: one of you begins anew with --begin.",
    ),
    "two-beginnings": (
        "Đã có nhiều lễ được bắt đầu ({names}): hãy giữ giấy tờ của một lễ, cất các lễ kia.",
        "Several ceremonies have begun ({names}): agree on one, take the papers of the others away.",
    ),
    "not-this-machine": (
        "Bạn đã ký giấy tờ của lễ này trên máy khác: dùng máy đó, hoặc bắt đầu lại với --begin.",
        "You signed papers of this ceremony elsewhere: use that machine, or begin anew (--begin).",
    ),
    "forged-own": (
        "Có giấy tờ mang chữ ký của bạn mà máy này không viết: khóa của bạn có thể đã lộ.",
        "A paper bears your signature and is not this machine's: somebody may have your key.",
    ),
    "two-faces": (
        "{name} đã ký hai nội dung khác nhau ở vòng {round}: lễ tạo khóa này phải dừng.",
        "{name} signed two different papers for round {round}: this ceremony is over.",
    ),
    "other-record": (
        "{names}: biên bản khóa khác với máy này. Hãy so mã của từng vòng, rồi bắt đầu lễ mới.",
        "{names}: another key record than ours. Compare the rounds' fingerprints, begin anew.",
    ),
    "does-not-open": (
        "Vòng 1 của {name} không khớp với cam kết ở vòng 0: lễ tạo khóa này phải dừng.",
        "Round 1 of {name} does not open what round 0 committed to: this ceremony is over.",
    ),
    "wrong-number": (
        "Vòng 1 của {name} không có đúng {k} điểm: lễ tạo khóa này phải dừng.",
        "Round 1 of {name} has not {k} points with proofs: this ceremony is over.",
    ),
    "no-possession": (
        "{name} không chứng minh được hệ số {coefficient} của mình: lễ tạo khóa này phải dừng.",
        "{name} does not prove to know their coefficient {coefficient}: this ceremony is over.",
    ),
    "bad-transport": (
        "Khóa nhận phần của {name} không dùng được: lễ tạo khóa này phải dừng.",
        "Nothing can be sealed to the transport key of {name}: this ceremony is over.",
    ),
    "not-all-dealt": (
        "Vòng 2 của {name} không có đúng một phần cho mỗi người khác: lễ này phải dừng.",
        "Round 2 of {name} has not one share for each of the others: this ceremony is over.",
    ),
    "bad-share": (
        "{name} đã gửi cho {accuser} một phần khóa sai, ai cũng kiểm tra được: lễ này phải dừng.",
        "{name} dealt {accuser} a bad share, as everybody can check: this ceremony is over.",
    ),
    "false-complaint": (
        "Khiếu nại của {name} là sai, phần khóa họ nhận được là đúng: lễ này phải dừng.",
        "The complaint of {name} is false, their share is good: this ceremony is over.",
    ),
    "unproven-complaint": (
        "{name} đã khiếu nại, nhưng thiếu giấy tờ để kiểm tra: hãy chép lại đủ các vòng.",
        "{name} complains, but papers to check it are missing: copy all rounds to the folder.",
    ),
    "record-charter": (
        "Khóa bầu cử theo một điều lệ khác: không dùng.",
        "The election key goes by another charter: do not use it.",
    ),
    "record-size": (
        "Khóa bầu cử không theo {k} trong {n} người của điều lệ: không dùng.",
        "The election key is not the {k} of {n} of the charter: do not use it.",
    ),
    "record-proof": (
        "{name} không chứng minh được hệ số {coefficient}: không dùng khóa bầu cử này.",
        "{name} does not prove to know coefficient {coefficient}: do not use this election key.",
    ),
    "record-sum": (
        "Khóa bầu cử không phải là tổng các phần của nó: không dùng.",
        "The election key is not the sum of its parts: do not use it.",
    ),
}


def said(code: str, **facts: object) -> Words:
    """The sentence of that code, filled with the facts."""
    vi, en = WORDS[code]
    return vi.format_map(facts), en.format_map(facts)
