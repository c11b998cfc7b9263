"""Which colours the cores of a cable have, by the words that its name begins with. Pure.

Sources, as recalled and to be verified on the drum that is bought: DIN 47100 (LIYY, LIYCY); VDE 0815
(JE-H(St)H: first pair red and black, second white and yellow); HD 308 (H05VV-F of two cores: brown, blue);
IEC 60947-5-2 (sensors: brown +, blue -, black the output); Qwiic and STEMMA QT.
"""

from collections.abc import Mapping
from typing import Final

_DIN_47100: Final = ("WH", "BN", "GN", "YE", "GY", "PK", "BU", "RD", "BK", "VT")
CORES: Final[Mapping[str, tuple[str, ...]]] = {
    "LIYY": _DIN_47100,
    "LIYCY": _DIN_47100,
    "fire-resistant JE-H(St)H": ("RD", "BK", "WH", "YE"),
    "H05VV-F 2 x": ("BN", "BU"),
    "sensor cable M8 3 x": ("BN", "BU", "BK"),
    "QT ": ("BK", "RD", "BU", "YE"),
}
"""Of cables that come ready coloured; single cores and ribbons are bought in the colours that are wanted."""


def colours_of(cable: str, cores: int) -> frozenset[str]:
    """Colours that a cable of so many cores has; empty: whatever is wanted."""
    for begins, colours in CORES.items():
        if cable.startswith(begins):
            return frozenset(colours[:cores])
    return frozenset()
