"""What is wrong with a rule before it is put to anybody: a table of (code, when, sentence), RULES.md §6."""

from collections.abc import Callable
from typing import Final

from ballot.rules.refusals import Refusal
from ballot.rules.rule import Base, Elect, Quorum, Rule, SecondRound, Tie, encode
from wire.errors import BadSchema

Fault = Callable[[Rule, int], bool]
SURPLUS: Final = "surplus-over-limit"
REVEAL: Final = "reveal-in-secret"


def surplus_max(seats: int, percent: int) -> int:
    """How many names may stand beyond the seats: rounded down, so that the limit is never passed."""
    return seats * percent // 100


def _is_list(rule: Rule) -> bool:
    return rule.elect != Elect.MOTION


def _quorum(fault: Callable[[Quorum], bool]) -> Fault:
    def found(rule: Rule, _options_n: int) -> bool:
        quorum = rule.quorum
        return quorum is not None and fault(quorum)

    return found


_NO_HEADS: Final = (Base.CAST, Base.VALID, Base.FOR_AGAINST)

TABLE: Final[tuple[tuple[str, Fault, str, str], ...]] = (
    (
        "no-options",
        lambda rule, n: _is_list(rule) and n < 1,
        "Danh sách chưa có ai: hãy thêm người ứng cử trước khi mở.",
        "The list has no candidates: add them before opening.",
    ),
    (
        "seats-zero",
        lambda rule, _: _is_list(rule) and rule.seats < 1,
        "Số lượng cần bầu phải từ 1 trở lên: hãy nhập lại.",
        "The number of seats to fill must be at least 1: enter it.",
    ),
    (
        "seats-over-options",
        lambda rule, n: _is_list(rule) and rule.seats > n >= 1,
        "Cần bầu {seats} người nhưng danh sách chỉ có {n}: thêm người hoặc giảm số lượng cần bầu.",
        "{seats} are to be chosen but the list has only {n}: add names or lower the number of seats.",
    ),
    (
        "surplus-on-each",
        lambda rule, n: rule.elect == Elect.EACH and n > rule.seats >= 1,
        "Danh sách không số dư phải có đúng {seats} người, đang có {n}: bớt người, hoặc bầu có số dư.",
        "A list without surplus has exactly {seats} names, not {n}: drop names, or elect by choosing.",
    ),
    (
        SURPLUS,
        lambda rule, n: (
            rule.elect == Elect.TOP
            and rule.seats >= 1
            and rule.surplus_percent_max is not None
            and n - rule.seats > max(0, surplus_max(rule.seats, rule.surplus_percent_max))
        ),
        "Số dư {surplus} người vượt quá {percent} % của {seats} (tối đa {surplus_max}): hãy bớt người.",
        "The surplus of {surplus} is over {percent} % of {seats} (at most {surplus_max}): drop names.",
    ),
    (
        "seats-on-motion",
        lambda rule, _: not _is_list(rule) and rule.seats != 0,
        "Biểu quyết một nội dung thì không có số lượng cần bầu: đặt là 0.",
        "A motion fills no seats: set the number of seats to 0.",
    ),
    (
        "seats-base-on-motion",
        lambda rule, _: not _is_list(rule) and rule.base == Base.SEATS,
        "Ghế trống không biểu quyết, nên một nội dung không tính trên số ghế: chọn số người được triệu tập.",
        "An empty seat cannot vote, so no motion is measured on seats: choose those summoned.",
    ),
    (
        "for-against-on-top",
        lambda rule, _: rule.elect == Elect.TOP and rule.base == Base.FOR_AGAINST,
        "Bầu bằng cách chọn thì không có phiếu không tán thành: chọn số phiếu hợp lệ hoặc số khác.",
        "Choosing from a list knows no votes against: choose valid ballots or another base.",
    ),
    (
        "den-zero",
        lambda rule, _: rule.den < 1,
        "Mẫu số của tỷ lệ phải từ 1 trở lên: ví dụ 1/2.",
        "The denominator of the majority must be at least 1: for example 1/2.",
    ),
    (
        "fraction-out-of-range",
        lambda rule, _: rule.den >= 1 and not 0 <= rule.num <= rule.den,
        "Tỷ lệ {num}/{den} phải nằm trong khoảng từ 0 đến 1: hãy nhập lại.",
        "The majority {num}/{den} must lie between 0 and 1: enter it again.",
    ),
    (
        "never-reached",
        lambda rule, _: rule.strict and rule.num == rule.den >= 1,
        "Không bao giờ đạt được hơn {num}/{den}: để toàn thể nhất trí, hãy chọn ít nhất {num}/{den}.",
        "More than {num}/{den} can never be reached: for unanimity choose at least {num}/{den}.",
    ),
    (
        "no-threshold",
        lambda rule, _: not _is_list(rule) and rule.num == 0,
        "Biểu quyết một nội dung cần có tỷ lệ lớn hơn 0: ví dụ hơn 1/2.",
        "A motion needs a majority above 0: for example more than 1/2.",
    ),
    (
        "quorum-den-zero",
        _quorum(lambda quorum: quorum.den < 1),
        "Mẫu số của túc số phải từ 1 trở lên: ví dụ 2/3.",
        "The denominator of the quorum must be at least 1: for example 2/3.",
    ),
    (
        "quorum-out-of-range",
        _quorum(lambda quorum: quorum.den >= 1 and not 1 <= quorum.num <= quorum.den),
        "Túc số phải lớn hơn 0 và không quá 1: hãy nhập lại, hoặc bỏ túc số.",
        "The quorum must be above 0 and at most 1: enter it again, or leave it out.",
    ),
    (
        "quorum-base",
        _quorum(lambda quorum: quorum.base in _NO_HEADS or quorum.base == quorum.of),
        "Túc số phải tính trên số người hoặc số ghế, khác với số được đem so: hãy chọn lại.",
        "A quorum is taken of people or seats, other than those compared with it: choose again.",
    ),
    (
        "tie-on-motion",
        lambda rule, _: not _is_list(rule) and rule.tie == Tie.SENIORITY,
        "Thâm niên không phân định được một nội dung ngang phiếu: chọn cách khác.",
        "Seniority cannot decide a motion that is tied: choose another way.",
    ),
    (
        "second-round-on-motion",
        lambda rule, _: (
            not _is_list(rule) and (rule.second_round != SecondRound.NONE or rule.rounds_max != 1)
        ),
        "Biểu quyết một nội dung không có vòng hai: hãy bỏ vòng hai.",
        "A motion has no second round: leave it out.",
    ),
    (
        "second-round-without-rounds",
        lambda rule, _: _is_list(rule) and rule.second_round != SecondRound.NONE and rule.rounds_max < 2,
        "Có quy định vòng hai nhưng chỉ cho phép một vòng: tăng số vòng, hoặc bỏ vòng hai.",
        "There is a second round but only one round is allowed: allow two, or leave it out.",
    ),
    (
        "rounds-without-second-round",
        lambda rule, _: _is_list(rule) and rule.second_round == SecondRound.NONE and rule.rounds_max > 1,
        "Cho phép {rounds} vòng nhưng chưa nói ai vào vòng sau: hãy chọn, hoặc đặt một vòng.",
        "{rounds} rounds are allowed but not who stands in the next: choose, or allow one.",
    ),
    (
        "second-round-too-few",
        lambda rule, _: rule.second_round == SecondRound.TOP_M and rule.second_round_m < rule.seats,
        "Vòng hai chỉ có {m} người cho {seats} vị trí: lấy ít nhất {seats} người.",
        "The second round has {m} people for {seats} seats: take at least {seats}.",
    ),
)


def check(rule: Rule, options_n: int, *, secret: bool = False) -> list[Refusal]:
    """What stands against putting this rule to a vote, in the order of the table; empty when nothing does.

    options_n: how many people are on the list; ignored for a motion.
    """
    percent = rule.surplus_percent_max or 0
    numbers = {
        "n": options_n, "seats": rule.seats, "num": rule.num, "den": rule.den, "m": rule.second_round_m,
        "rounds": rule.rounds_max, "percent": percent, "surplus": options_n - rule.seats,
        "surplus_max": surplus_max(rule.seats, percent),
    }  # fmt: skip
    found = [
        Refusal(code, vi.format_map(numbers), en.format_map(numbers))
        for code, applies, vi, en in TABLE
        if applies(rule, options_n)
    ]
    if secret and rule.reveal_s:
        found.append(
            Refusal(
                REVEAL,
                "Bỏ phiếu kín thì không được hiện phiếu trước khi kết thúc: đặt thời gian hiện là 0.",
                "A secret vote is never shown before its close: set the time of showing to 0.",
            )
        )
    return found or _unwritable(rule)


def _unwritable(rule: Rule) -> list[Refusal]:
    """A rule that passes the table and has no array form all the same: a name or a number out of range."""
    try:
        encode(rule)
    except BadSchema as err:
        return [
            Refusal(
                "rule-malformed",
                f"Quy tắc chưa ghi được ({err.what}): hãy sửa lại giá trị đó.",
                f"The rule cannot be written down ({err.what}): correct that value.",
            )
        ]
    return []
