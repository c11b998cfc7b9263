"""Everything that `make hardware` makes: name of a folder below out -> what fills it.

A generator gets the folder `out`, writes below out/<name>/ and says which files it wrote. None of them reads
a clock, the network or another generator's files.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from hardware.adapters.bom_files import make_bom, make_plan
from hardware.adapters.circuit_pictures import make_circuits
from hardware.adapters.config_files import make_configs
from hardware.adapters.enclosure_files import make_enclosures
from hardware.adapters.harness_pictures import make_harnesses
from hardware.adapters.sheet_files import make_sheets

Generator = Callable[[Path], list[Path]]

GENERATORS: Final[Mapping[str, Generator]] = {
    "configs": make_configs,
    "harness": make_harnesses,
    "circuits": make_circuits,
    "sheets": make_sheets,
    "bom": make_bom,
    "plan": make_plan,
    "enclosures": make_enclosures,
}
