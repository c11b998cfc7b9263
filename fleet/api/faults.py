"""What is told of a request that no route has taken, and of mistakes of the server's own. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from fleet.saying import Said, Sentences, say

SAID: Final[Sentences] = {
    "field": ("{field}: {fault}.", "{field}: {fault}."),
    "body": ("Không đọc được nội dung gửi lên: {fault}.", "The body cannot be read: {fault}."),
    "store": (
        "Máy chủ không ghi được dữ liệu; không có gì thay đổi. Hãy báo quản trị. ({what})",
        "{what}",
    ),
    "record": ("Máy chủ không nhận bản ghi này ({what}).", "{what}"),
    "internal": (
        "Máy chủ gặp lỗi và đã hủy thay đổi; nhật ký của máy chủ ghi lỗi gì. Hãy báo quản trị.",
        "The server made a mistake and undid the change; its log says which.",
    ),
    "http": ("Máy chủ không có {path} cho {method}. ({detail})", "{method} {path}: {detail}."),
    "unread": (
        "{method} {path}: không đọc được nội dung gửi lên ({detail}).",
        "{method} {path}: {detail}.",
    ),
}
_VIETNAMESE: Final[Mapping[str, str]] = {
    "missing": "còn thiếu mục này",
    "extra_forbidden": "không có mục nào tên này",
    "string_type": "phải là chữ",
    "string_too_short": "phải có ít nhất {min_length} ký tự",
    "string_too_long": "chỉ được có nhiều nhất {max_length} ký tự",
    "string_pattern_mismatch": "không đúng dạng {pattern}",
    "int_type": "phải là số nguyên",
    "int_parsing": "phải là số nguyên",
    "bool_type": "phải là true hoặc false",
    "list_type": "phải là danh sách",
    "dict_type": "phải là một đối tượng JSON",
    "model_attributes_type": "phải là một đối tượng JSON",
    "too_short": "phải có ít nhất {min_length} mục",
    "too_long": "chỉ được có nhiều nhất {max_length} mục",
    "greater_than_equal": "phải từ {ge} trở lên",
    "less_than": "phải nhỏ hơn {lt}",
    "less_than_equal": "chỉ được đến {le}",
    "literal_error": "phải là một trong {expected}",
    "enum": "phải là một trong {expected}",
    "json_invalid": "không phải JSON",
}
"""By pydantic's types of errors, as far as the types of our bodies meet them."""
_OURS: Final[Mapping[str, str]] = {
    "must be 1 to 32 of a-z, 0-9 and '-', with no '-' at either end": (
        "phải gồm 1 đến 32 ký tự a-z, 0-9 và '-', không có '-' ở đầu hay cuối"
    ),
    "must be printable text in one line": "phải là chữ in được trên một dòng",
    "must be one line of text": "phải là chữ trên một dòng",
    "must be base64": "phải là base64",
}
"""By the sentences of our own validators."""


def of_body(error: Mapping[str, Any]) -> Said:
    """The first thing that is wrong with a body, as pydantic tells it; never the input itself, which may hold
    a password."""
    is_read = error["type"] != "json_invalid"  # where it is not, `loc` counts letters
    field = ".".join(str(part) for part in error["loc"][1:]) if is_read else ""
    english = error["msg"].removeprefix("Value error, ")
    vietnamese = _OURS.get(english) or _VIETNAMESE.get(error["type"], "giá trị chưa đúng ({msg})")
    facts = {name: _in_vietnamese(value) for name, value in error.get("ctx", {}).items()}
    fault = Said(english, vietnamese.format_map({**facts, "msg": english}))
    return say(SAID, "field", field=field, fault=fault) if field else say(SAID, "body", fault=fault)


def _in_vietnamese(fact: object) -> object:
    """pydantic joins what was expected with an English word."""
    return fact.replace(" or ", " hoặc ") if isinstance(fact, str) else fact
