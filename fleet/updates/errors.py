"""What stands in the way of a release: its publisher's fault or an attacker's. Whatever was there stays."""

from wire.errors import HallError


class ReleaseRefused(HallError):
    """Fail closed: not one byte of it is served. The sentence names the file and what to do."""

    code = "release-refused"


class NothingPublished(HallError):
    """There is no repository here yet."""

    code = "nothing-published"
