"""`hallward provision badge`: the texts of badges."""

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from provisioning import commands
from provisioning.badge import REGISTRAR
from provisioning.errors import ConfigError
from provisioning.files import read_whole
from provisioning.verbs.asked import Verbs, add_authority, opened, verb
from wire.errors import BadSchema
from wire.ids import MemberRef
from wire.signers import signer_from_pem

BADGE_DAYS_MAX: Final = 3650


def add(verbs: Verbs) -> None:
    badge = verb(verbs, "badge", _badge, "print the texts of badges")
    add_authority(badge)
    badge.add_argument("member", nargs="+", help="pseudonym, 32 hexadecimal digits")
    badge.add_argument("--key", type=Path, required=True, help="private key of the registrar, PEM")
    badge.add_argument("--first-serial", type=int, required=True, help="the first that was never given")
    badge.add_argument("--days", type=int, default=14, help="how long it is good")


def _badge(given: argparse.Namespace) -> int:
    try:
        signer = signer_from_pem(REGISTRAR, read_whole(given.key, "the registrar's key"))
    except BadSchema as err:
        raise ConfigError(f"{given.key} is not the registrar's key: {err.what}") from None
    if not 1 <= given.days <= BADGE_DAYS_MAX:
        raise ConfigError(f"--days must be 1 to {BADGE_DAYS_MAX}, got {given.days}")
    end = datetime.now(UTC) + timedelta(days=given.days)
    texts = commands.badges(
        signer,
        opened(given).card.congress,
        [_member(text) for text in given.member],
        first_serial=given.first_serial,
        not_after_ms=int(end.timestamp() * 1000),
    )
    for text in texts:
        print(text)
    return 0


def _member(text: str) -> MemberRef:
    try:
        return MemberRef(bytes.fromhex(text))
    except ValueError:
        raise ConfigError(f"a member is 32 hexadecimal digits, got {text!r:.40}") from None
