"""What happens to a test whose server is not installed: skipped with the reason, or failed where CI promises
it."""

import os
from typing import NoReturn

import pytest


def skip_or_fail(program: str, package: str) -> NoReturn:
    """Skip, naming the Debian package; fail when CI=true, because CI installs it and must not pass
    without."""
    reason = f"{program} is not installed: apt install {package}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
