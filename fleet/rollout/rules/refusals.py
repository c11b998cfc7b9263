"""What whoever plans and steers rollouts is told when it is not done, in both languages: one table, pure."""

from typing import Final

from fleet.saying import Said, Sentences, say

SAID: Final[Sentences] = {
    # -- of a plan
    "no-object": (
        "{where} phải là một đối tượng JSON với các mục {known}",
        "{where} is an object with the fields {known}",
    ),
    "unknown-field": (
        "{where}: không có mục nào tên {name!r:.40}; các mục có thể dùng: {known}",
        "{where}: nobody knows the field {name!r:.40}; there are {known}",
    ),
    "no-integer": (
        "{what} phải là số nguyên từ {least} đến {most}, nhận được {value!r:.40}",
        "{what} is a whole number from {least} to {most}, got {value!r:.40}",
    ),
    "no-waves": (
        "waves phải là danh sách từ 1 đến {most} đợt",
        "waves is a list of 1 to {most} waves",
    ),
    "same-name": (
        "hai đợt cùng tên {name}: hãy đặt cho mỗi đợt một tên riêng",
        "two waves are called {name}: give each a name of its own",
    ),
    "too-much": (
        "các đợt cộng lại thành {total} %: nhiều nhất là 100 %",
        "the waves sum to {total} %: make it 100 % at most",
    ),
    "too-little": (
        (
            "các đợt cộng lại chỉ được {total} %, còn {left} % sẽ không bao giờ được cập nhật: hãy thêm "
            "một đợt cuối không ghi percent cho phần còn lại"
        ),
        (
            "the waves sum to {total} %, so {left} % would never be updated: add a last wave without "
            "percent for the rest"
        ),
    ),
    "nobody-left": (
        (
            "không có máy nào trong đợt {name}: đợt {before} đứng trước lấy hết phần còn lại; hãy để đợt "
            "đó sau cùng"
        ),
        (
            "nobody is in the wave {name}: the wave {before} before it takes all that are left; let that "
            "one come last"
        ),
    ),
    "nobody-in-wave": (
        (
            "không có máy nào trong đợt {name}: trong {total} máy cập nhật được, {before} máy đã ở các đợt "
            "trước và không máy nào khác ở nơi đợt này tìm; hãy bỏ đợt này, hoặc cho nó lên trước"
        ),
        (
            "nobody is in the wave {name}: of {total} eligible devices, {before} are in waves before it, "
            "and no other is where it looks; leave it out, or let it come earlier"
        ),
    ),
    "no-name": (
        "{where} cần một tên từ 1 đến {most} ký tự",
        "{where} needs a name of 1 to {most} characters",
    ),
    "percent-and-per-row": (
        "{where}: chỉ ghi percent hoặc per_row, không ghi cả hai",
        "{where}: either percent or per_row, not both",
    ),
    "no-access-points": (
        "access_points ghi, cho mỗi điểm phát sóng, những hàng ghế dùng nó",
        "access_points gives for each access point the rows that are behind it",
    ),
    "no-access-point-name": (
        "điểm phát sóng có tên từ 1 đến {most} ký tự, nhận được {name!r:.80}",
        "an access point has a name of 1 to {most} characters, got {name!r:.80}",
    ),
    "two-access-points": (
        "hàng {row} đứng ở cả {one} và {other}: hãy để nó ở một điểm thôi",
        "row {row} is behind {one} and behind {other}: leave it at one of them",
    ),
    "no-list": (
        "{where}: {field} phải là danh sách tên",
        "{where}: {field} is a list of names",
    ),
    "no-places": (
        (
            "{where}: không có {what} {name!r:.40}: chưa thiết bị nào có chỗ trên sơ đồ hội trường; hãy "
            "nhập sơ đồ và đặt thiết bị vào chỗ, hoặc dùng `percent`"
        ),
        (
            "{where}: there is no {what} {name!r:.40}: no device stands at a place of the plan of the "
            "hall; import that plan and place devices, or use `percent` instead"
        ),
    ),
    "not-there": (
        "{where}: không có {what} {name!r:.40}; hiện có {there}",
        "{where}: there is no {what} {name!r:.40}; there are {there}",
    ),
    "named-twice": (
        "{where}: có {what} được ghi hai lần",
        "{where}: a {what} is named twice",
    ),
    "short-window": (
        (
            "khung giờ chỉ mở {minutes} phút, mà mỗi máy có {deadline_s} giây (deadline_s): hãy kéo dài "
            "khung giờ, hoặc rút ngắn thời hạn"
        ),
        (
            "the window is open for {minutes} min, and a device is given {deadline_s} s (deadline_s): make "
            "the window longer, or the deadline shorter"
        ),
    ),
    "no-window": (
        (
            "khung giờ bắt đầu và kết thúc lúc {at}, nên không bao giờ mở: hãy cho nó kết thúc muộn hơn, "
            "hoặc bỏ khung giờ nếu lúc nào cũng được"
        ),
        (
            "the window begins and ends at {at}, so it is never open: let it end later, or leave the "
            "window out for any time"
        ),
    ),
    "no-time": (
        "khung giờ: {what} là giờ trong ngày của hội trường, như 22:00, nhận được {text!r:.20}",
        "window: {what} is a time of the hall's day such as 22:00, got {text!r:.20}",
    ),
    "good-not-below-bad": (
        (
            "gate: good_ppm là {good} và bad_ppm là {bad}: tỉ lệ chấp nhận được phải thấp hơn tỉ lệ không "
            "chấp nhận"
        ),
        (
            "gate: good_ppm is {good} and bad_ppm {bad}: the share that is fine must be below the share "
            "that is not"
        ),
    ),
    # -- of who could take it
    "no-device": (
        "hội trường này chưa có thiết bị nào: hãy cấp phát thiết bị trước",
        "there is no device at all in this hall: provision some first",
    ),
    "nobody-eligible": (
        "trong {total} thiết bị không máy nào nhận được {path}: {counted}. Ví dụ: {example}",
        "none of {total} devices can take {path}: {counted}. For example: {example}",
    ),
    "no-target": (
        "không có bản phát hành {path}: `hallward fleet updates status` cho biết những bản hiện có",
        "there is no release {path}: `hallward fleet updates status` lists those that there are",
    ),
    "target-gone": (
        "bản phát hành {path} đã lập kế hoạch không còn ở đây: hãy lập một đợt cập nhật mới",
        "the release {path} as it was planned is not there any more: plan a new rollout",
    ),
    "release-refused": (
        (
            "bản phát hành trên máy chủ này không tin được nữa; người vận hành hãy chạy `hallward fleet "
            "updates status` và hỏi những người ký. Lý do: {why}"
        ),
        "{why}",
    ),
    # -- of what is done to a rollout
    "wrong-state": (
        "đợt cập nhật {state} nên không {verb} được; chỉ làm được với đợt {states}",
        "a rollout that is {state} cannot be {verb}; one that is {states} can",
    ),
    "in-no-wave": (
        (
            "thiết bị {device} không thuộc đợt nào của lần cập nhật này; `show` và trang này cho biết có "
            "những máy nào"
        ),
        "the device {device} is in no wave of this rollout; `show` and the page say who is",
    ),
    "not-curable": (
        (
            "thiết bị {device} không hỏng vì điều gì chữa được ở đây: đã từ chối thì nó sẽ lại từ chối; "
            "hãy lập đợt mới với bản phát hành mới"
        ),
        (
            "the device {device} has not failed for anything that could be cured here: what it refused it "
            "would refuse again; make a new rollout with a new release"
        ),
    ),
    "nothing-to-retry": (
        (
            "không máy nào của đợt này ngoại tuyến, quá hạn, thiếu chỗ hay thiếu người đi qua: không có gì "
            "để thử lại"
        ),
        (
            "no device of this rollout was offline, late, without room, or passed by nobody: there is "
            "nothing to try again"
        ),
    ),
    "no-rollout": (
        "không có đợt cập nhật {rollout}",
        "there is no rollout {rollout}",
    ),
    "rollout-exists": (
        "đã có đợt cập nhật {rollout}: hãy đặt tên khác",
        "there is a rollout {rollout} already: give this one another name",
    ),
    "other-rollout": (
        "đợt {other} cho {component} {state}: hãy chờ nó xong, hoặc dừng nó",
        "the rollout {other} is {state} for {component}: wait until it is over, or abort it",
    ),
    "busy": (
        (
            "{count} máy của đợt này đang ở trong {rollouts} ({devices}): mỗi lúc một máy chỉ nhận một bản "
            "cập nhật"
        ),
        "{count} of its devices are in {rollouts} ({devices}): a device takes one update at a time",
    ),
    "not-newest": (
        "{count} máy của đợt này đã nhận {rollouts} sau đó ({devices}): hãy bắt đầu từ đợt ấy",
        "{count} of its devices have taken {rollouts} since ({devices}): begin with that one",
    ),
}
_STATES: Final[dict[str, str]] = {
    "draft": "chưa chạy",
    "running": "đang chạy",
    "paused": "đang tạm dừng",
    "aborting": "đang quay lại bản cũ",
    "aborted": "đã dừng",
    "done": "đã xong",
}
_VERBS: Final[dict[str, str]] = {
    "started": "bắt đầu",
    "paused": "tạm dừng",
    "resumed": "chạy tiếp",
    "stopped": "dừng",
    "rolled back": "quay lại bản cũ",
    "retried": "thử lại",
}
_WHAT: Final[dict[str, str]] = {"row": "hàng", "hall": "hội trường"}


def refusal(key: str, /, **facts: object) -> Said:
    """The sentence of this key with its facts filled in."""
    return say(SAID, key, **facts)


def state_word(*states: str) -> Said:
    """One of them, or one of several."""
    return Said(" or ".join(states), " hoặc ".join(_STATES[state] for state in states))


def verb_word(verb: str) -> Said:
    return Said(verb, _VERBS[verb])


def kind_word(kind: str) -> Said:
    """row, hall."""
    return Said(kind, _WHAT[kind])
