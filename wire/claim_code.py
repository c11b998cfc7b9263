"""The code that a device shows before it belongs to a hall: eight characters that a person reads off one
screen and types on another (SPEC §10.2).

Seven characters of Crockford's base 32 hold 35 random bits; the eighth makes a weighted sum over GF(32) zero,
so that every single wrong character and every two neighbours in the wrong order are noticed.
"""

from collections.abc import Sequence
from typing import Final

from wire.errors import BadSchema

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_CHARACTERS: Final = 8
RANDOM_BITS: Final = 35
_FIELD: Final = 0b100101
"""x^5 + x^2 + 1, primitive over GF(2)."""
_MEANT: Final = str.maketrans({"I": "1", "L": "1", "O": "0", " ": None, "-": None})


def claim_code(number: int) -> str:
    """The code of a random number of 35 bits. Raises ValueError for any other."""
    if not 0 <= number < 1 << RANDOM_BITS:
        raise ValueError(f"a code holds {RANDOM_BITS} bits")
    values = [number >> 5 * place & 31 for place in reversed(range(CODE_CHARACTERS - 1))]
    return "".join(ALPHABET[value] for value in (*values, _sum((*values, 0))))


def typed_code(text: str) -> str:
    """The code that somebody typed: small letters, blanks and dashes are taken, I and L for 1, O for 0.

    Raises BadSchema in a sentence for the person when it cannot be a code.
    """
    code = text.strip().upper().translate(_MEANT)
    if len(code) != CODE_CHARACTERS:
        raise BadSchema(f"a code has {CODE_CHARACTERS} characters, these are {len(code)}: type it again")
    strange = sorted(set(code) - set(ALPHABET))
    if strange:
        raise BadSchema(f"no code holds {strange[0]!r:.8}: look at the device again")
    if _sum([ALPHABET.index(character) for character in code]) != 0:
        raise BadSchema("one character is wrong, or two are exchanged: look at the device again")
    return code


def spaced(code: str) -> str:
    """As it is shown: two groups of four."""
    return f"{code[:4]} {code[4:]}"


def _sum(values: Sequence[int]) -> int:
    """Sum of a^(n-1-i) · value_i. The last weighs 1: its value is whatever the others add up to."""
    total = 0
    for value in values:
        total = _times_a(total) ^ value
    return total


def _times_a(value: int) -> int:
    doubled = value << 1
    return doubled ^ _FIELD if doubled & 32 else doubled
