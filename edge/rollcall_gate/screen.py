"""What the display beside the gate says: a pure view, Vietnamese first. At most four lines."""

from enum import StrEnum
from typing import Final

from edge.rollcall_gate.decide import Ambiguous, BadBadge, Decision, LowQuality, NotOnRoster, Revoked
from edge.rollcall_gate.quality import Fault


class View(StrEnum):
    """The pictures the gate knows."""

    NO_SITTING = "no-sitting"
    READY = "ready"
    WALK_IN = "walk-in"
    STORED = "stored"
    NOT_STORED = "not-stored"
    BADGE_LANE = "badge-lane"
    CAMERA_OUT = "camera-out"
    DOOR_OUT = "door-out"
    SHUT_DOOR = "shut-door"


TEXTS: Final[dict[View, tuple[str, str]]] = {
    View.NO_SITTING: ("Chưa có phiên họp.", "No sitting is open."),
    View.READY: ("Mời nhìn vào máy ảnh, hoặc đưa thẻ.", "Look at the camera, or show your badge."),
    View.WALK_IN: ("Mời vào.", "Please walk in."),
    View.STORED: ("Đã lưu. Cảm ơn.", "Stored. Thank you."),
    View.NOT_STORED: ("KHÔNG lưu được. Xin gặp người hướng dẫn.", "NOT stored. Please see the usher."),
    View.BADGE_LANE: ("Xin đưa thẻ, hoặc gặp người hướng dẫn.", "Please show your badge, or see the usher."),
    View.CAMERA_OUT: ("Máy ảnh hỏng. Xin đưa thẻ.", "No camera. Please show your badge."),
    View.DOOR_OUT: ("Cửa hỏng. Xin gặp người hướng dẫn.", "The door does not answer. Please see the usher."),
    View.SHUT_DOOR: ("Xin đóng cửa.", "Please let the door fall shut."),
}
FAULTS_VI: Final[dict[Fault, str]] = {
    Fault.NOT_A_FACE: "Không rõ mặt. Xin bỏ khẩu trang hoặc kính.",
    Fault.TOO_FAR: "Xin lại gần hơn.",
    Fault.BLURRED: "Xin đứng yên.",
    Fault.TOO_DARK: "Thiếu sáng. Xin quay về phía sáng.",
    Fault.TOO_BRIGHT: "Quá sáng. Xin quay khỏi nguồn sáng.",
    Fault.TURNED_AWAY: "Xin nhìn thẳng vào máy ảnh.",
    Fault.TILTED: "Xin giữ thẳng đầu.",
}


def lines(view: View, language: str, decision: Decision | None = None) -> tuple[str, ...]:
    """language: `vi`, `en`, `vi+en`. decision: why somebody is sent to the badge lane; never who they are."""
    vietnamese, english = TEXTS[view]
    why_vi, why_en = _why(decision) if view is View.BADGE_LANE else ("", "")
    spoken = {"vi": (why_vi, vietnamese), "en": (why_en, english)}
    chosen = language.split("+")
    return tuple(line for tongue in chosen for line in spoken[tongue] if line)


def _why(decision: Decision | None) -> tuple[str, str]:
    if isinstance(decision, LowQuality):
        return FAULTS_VI[decision.fault], str(decision.fault)
    if isinstance(decision, NotOnRoster):
        return "Thẻ của đại hội khác.", "This badge is for another congress."
    if isinstance(decision, Revoked):
        return "Thẻ không còn hiệu lực.", "This badge is no longer valid."
    if isinstance(decision, BadBadge):
        return "Không đọc được thẻ.", "This badge cannot be read."
    if isinstance(decision, Ambiguous):
        return "Chưa chắc chắn.", "Not sure who this is."
    return "Chưa nhận ra.", "Not recognised."
