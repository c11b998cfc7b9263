"""Words in Vietnamese and English, as a unit's configuration asks for them. Pure."""

Words = tuple[str, str]
"""Vietnamese first."""


def said(words: Words, language: str) -> list[str]:
    """language: vi, en or vi+en."""
    if language == "vi":
        return [words[0]]
    return [words[1]] if language == "en" else [words[0], words[1]]


def brief(words: Words, language: str) -> str:
    """Where there is room for one: Vietnamese, unless English alone is asked for."""
    return words[1] if language == "en" else words[0]
