"""Why a shape is refused: (Vietnamese, English) by code. What it says to do is the counting board's to do."""

from typing import Final

WHY: Final[dict[str, tuple[str, str]]] = {
    "not-a-shape": (
        "Đây không phải là mẫu phiếu; hãy lập lại bản kê câu hỏi.",
        "This is no shape of a ballot; make the manifest again.",
    ),
    "no-options": (
        "Chưa có phương án hay người ứng cử nào; hãy thêm ít nhất một.",
        "There are no options or candidates; add at least one.",
    ),
    "too-many": (
        "Có {n} phương án, một phiếu chứa nhiều nhất {most}; hãy chia thành nhiều câu hỏi.",
        "There are {n} options, a ballot holds at most {most}; divide it into several questions.",
    ),
    "name": (
        "Mã phương án {option!r:.40} không hợp lệ; dùng 1 đến 32 ký tự a-z, 0-9 và '-'.",
        "The option id {option!r:.40} is no name; use 1 to 32 of a-z, 0-9 and '-'.",
    ),
    "twice": (
        "Phương án {option} có hai lần; hãy bỏ bớt hoặc đổi mã.",
        "Option {option} is there twice; remove one or give it another id.",
    ),
    "not-covered": (
        "Không quy tắc nào giới hạn phương án {option}; hãy đưa nó vào một quy tắc.",
        "No relation holds option {option}; put it into one.",
    ),
    "k": (
        "Được chọn tối đa {k} nhưng có {n} người; số được chọn phải từ 1 đến {n}.",
        "At most {k} may be chosen of {n}; choose a number from 1 to {n}.",
    ),
    "lo": (
        "Phải chọn ít nhất {lo} khi tối đa là {k}; có phiếu trắng thì số ít nhất phải từ 1 đến {k}.",
        "At least {lo} must be chosen where at most {k} may; with a blank the least is from 1 to {k}.",
    ),
    "blank": (
        "Quy tắc {relation} có phiếu trắng: ít nhất phải từ 1, phiếu trắng có hệ số {hi}, còn lại hệ số 1.",
        "Relation {relation} has a blank: its least must be 1 or more, the blank weigh {hi}, the others 1.",
    ),
    "terms": (
        "Quy tắc {relation} phải kê các phương án có thật, mỗi phương án một lần, theo thứ tự.",
        "Relation {relation} must list options that exist, each once, ascending.",
    ),
    "weight": (
        "Quy tắc {relation} có hệ số nhỏ hơn 1; hệ số phải là số nguyên từ 1.",
        "Relation {relation} has a weight below 1; weights are integers from 1.",
    ),
    "bounds": (
        "Quy tắc {relation} đòi từ {lo} đến {hi}; giới hạn phải tăng dần, từ 0 đến {most}.",
        "Relation {relation} asks for {lo} to {hi}; the bounds must ascend, from 0 to {most}.",
    ),
    "range": (
        "Quy tắc {relation} rộng quá; hai giới hạn cách nhau nhiều nhất {most}.",
        "Relation {relation} is too wide; its bounds are at most {most} apart.",
    ),
    "mode": (
        "Quy tắc {relation} có cách chứng minh lạ; dùng 0 (tuyến tính) hoặc 1 (theo bit).",
        "Relation {relation} has an unknown mode; use 0 (linear) or 1 (bits).",
    ),
    "linear": (
        "Quy tắc {relation} rộng hơn {most}; hãy dùng cách chứng minh 1 (theo bit).",
        "Relation {relation} is wider than {most}; use mode 1 (bits).",
    ),
    "bits": (
        "Quy tắc {relation} chỉ có một giá trị; hãy dùng cách chứng minh 0 (tuyến tính).",
        "Relation {relation} has one value only; use mode 0 (linear).",
    ),
    "too-long": (
        "Một phiếu sẽ dài {bytes} byte, nhiều nhất là {most}; hãy chia thành nhiều câu hỏi.",
        "A ballot would have {bytes} bytes, at most {most} are sent; divide it into several questions.",
    ),
}
