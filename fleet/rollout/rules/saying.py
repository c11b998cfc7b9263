"""Sentences of the rules for people, in English and in Vietnamese. Pure."""

from collections.abc import Iterable
from typing import Final

from fleet.saying import Said, joined

__all__ = ["NOTHING", "Said", "facts", "joined", "wave_word"]
NOTHING: Final = Said()
_FACTS: Final = {
    "access-point": "điểm phát sóng",
    "backend": "hệ cập nhật",
    "config": "cấu hình",
    "environment": "thư viện",
    "firmware": "phần mềm",
    "hardware": "phần cứng",
    "models": "mô hình",
    "os": "hệ điều hành",
    "os-version": "bản hệ điều hành",
    "row": "hàng",
    "software": "phần mềm đang chạy",
}
_BEFORE: Final = "-before"
_WAVES: Final = {"canary": "thử trước", "a quarter": "một phần tư", "the rest": "còn lại"}
"""Of the plan that nobody wrote (plan.py). Other waves are called as somebody has called them."""


def facts(found: Iterable[tuple[str, str]]) -> Said:
    """Facts of devices by name and value; names that have no other word stay as they are."""
    pairs = list(found)
    return Said(
        " + ".join(f"{name} {value}" for name, value in pairs),
        " + ".join(f"{_fact(name)} {value}" for name, value in pairs),
    )


def wave_word(name: str) -> Said:
    return Said(name, _WAVES.get(name, name))


def _fact(name: str) -> str:
    known = _FACTS.get(name.removesuffix(_BEFORE), name.removesuffix(_BEFORE))
    return f"{known} trước đó" if name.endswith(_BEFORE) else known
