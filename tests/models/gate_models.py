"""The fetched and converted files, made once per run. Without them tests of faces fail; they do not skip."""

import os
from functools import cache
from pathlib import Path

from models.cache import cache_folder
from models.commands import prepare


@cache
def ready_cache() -> Path:
    folder = cache_folder(os.environ)
    outcome = prepare(folder)
    if outcome.failures:
        raise outcome.failures[0]
    return folder
