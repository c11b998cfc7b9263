"""What the roles of accounts are called in sentences for people. Pure."""

from collections.abc import Iterable
from typing import Final

from fleet.accounts.rules import Role
from fleet.saying import Said, joined

_ROLES: Final = {
    Role.TECHNICIAN: "kỹ thuật viên",
    Role.USHER: "lễ tân",
    Role.SECRETARIAT: "ban thư ký",
    Role.STAFF: "nhân viên trung tâm",
    Role.AUDITOR: "kiểm toán viên",
    Role.ADMIN: "quản trị viên",
    Role.TRUSTEE: "người giữ khóa",
    Role.BOARD: "bảng",
}


def roles_word(roles: Iterable[Role]) -> Said:
    """One after the other; in English as commands and bodies name them."""
    return joined((Said(role, _ROLES[role]) for role in sorted(roles)), ", ")
