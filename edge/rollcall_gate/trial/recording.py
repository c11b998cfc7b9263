"""What a camera and a pin pad saw, by the clock: recording.toml, beside its photographs -> Recording.

    every_ms = 100           interval of frames, 10..10000 (default 100)
    noise = 2                sensor noise, grey levels of standard deviation, 0..50 (default 0)
    [[show]]                 1 to 10,000 of them, each later than the one before
    at_ms = 0                since the beginning, 0..3600000
    picture = "a.jpg"        a photograph in the recording's folder,
    badge = "HW1:..."        or a badge held up, its code drawn into the frame,
    nobody = true            or an empty lane: no frames
    for_ms = 500             how long, 1..3600000 (default: until the next show of any of these three)
    keys = "123456E"         keys pressed at at_ms, 1 to 64 of 0-9, E (enter), C (clear); alone or beside them
A held picture without noise is the same frame again and again, which the gate rightly takes for one look.
"""

import tomllib
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.device.config import Section
from edge.device.errors import ConfigError

RECORDING_FILE: Final = "recording.toml"
FILE_BYTES_MAX: Final = 8 * 1024 * 1024
SHOWS_MAX: Final = 10_000
LASTS_MS_MAX: Final = 3_600_000
KEYS_MAX: Final = 64
BADGE_CHARS_MAX: Final = 1_000
_KEYS: Final = frozenset("0123456789EC")
_SIGHTS: Final = ("picture", "badge", "nobody")


@dataclass(frozen=True, slots=True)
class Sight:
    """What stands before the camera from at_ms until end_ms: a photograph, the text of a badge, or nobody."""

    at_ms: int
    end_ms: int
    shows: Path | str | None


@dataclass(frozen=True, slots=True)
class Recording:
    """presses: moment and keys. Sights and presses are in order of time; sights do not overlap."""

    source: Path
    every_ms: int
    noise: int
    sights: tuple[Sight, ...]
    presses: tuple[tuple[int, str], ...]

    @property
    def ends_ms(self) -> int:
        """When everything has been shown and pressed."""
        pressed = self.presses[-1][0] + 1 if self.presses else 0
        return max(pressed, self.sights[-1].end_ms if self.sights else 0)

    def shown_at(self, ms: int) -> Path | str | None:
        """What is before the camera then: a photograph, the text of a badge, or nobody."""
        place = bisect_right(self.sights, ms, key=_begins) - 1
        return self.sights[place].shows if place >= 0 and ms < self.sights[place].end_ms else None

    def keys_between(self, since_ms: int, until_ms: int) -> str:
        """Keys pressed at since_ms or later, and before until_ms."""
        first = bisect_left(self.presses, since_ms, key=_pressed)
        last = bisect_left(self.presses, until_ms, key=_pressed)
        return "".join(keys for _, keys in self.presses[first:last])


def _begins(sight: Sight) -> int:
    return sight.at_ms


def _pressed(press: tuple[int, str]) -> int:
    return press[0]


def read_recording(file: Path) -> Recording:
    """Raises ConfigError: file, entry by number from 1, and what is allowed."""
    try:
        if not file.is_file():
            raise ConfigError(f"{file}: not a file; a recording is a folder with {RECORDING_FILE} in it")
        if file.stat().st_size > FILE_BYTES_MAX:
            raise ConfigError(f"{file}: larger than {FILE_BYTES_MAX // 2**20} MiB")
        text = file.read_text(encoding="utf-8")
    except OSError as err:
        raise ConfigError(f"{file}: cannot be read ({err.strerror})") from err
    except UnicodeDecodeError as err:
        raise ConfigError(f"{file}: not UTF-8 text (byte {err.start})") from err
    return parse_recording(text, file)


def parse_recording(text: str, file: Path) -> Recording:
    """file: where the text is from; pictures are looked for in its folder. Raises ConfigError."""
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as err:
        raise ConfigError(f"{file} is not TOML: {err}") from err
    top = Section(str(file), "", values)
    top.only("every_ms", "noise", "show")
    shows = values.get("show")
    if not isinstance(shows, list) or not 1 <= len(shows) <= SHOWS_MAX:
        raise ConfigError(f"{file}: it must hold 1 to {SHOWS_MAX:,} entries [[show]]")
    entries = [_entry(file, number, show) for number, show in enumerate(shows, 1)]
    starts = [entry.integer("at_ms", 0, LASTS_MS_MAX) for entry in entries]
    for before, entry, start in zip(starts, entries[1:], starts[1:], strict=False):
        if start <= before:
            raise entry.wrong("at_ms", f"later than the {before} of the entry before it")
    return Recording(
        source=file,
        every_ms=top.integer("every_ms", 10, 10_000, 100),
        noise=top.integer("noise", 0, 50, 0),
        sights=_sights(file.parent, entries, starts),
        presses=tuple(
            (start, _keys(entry))
            for start, entry in zip(starts, entries, strict=True)
            if "keys" in entry.values
        ),
    )


def _entry(file: Path, number: int, show: object) -> Section:
    if not isinstance(show, dict):
        raise ConfigError(f"{file}: show {number} must be a table [[show]]")
    values: dict[str, Any] = show
    entry = Section(str(file), f"show {number}", values)
    entry.only("at_ms", "for_ms", "keys", *_SIGHTS)
    sights = [name for name in _SIGHTS if name in values]
    if len(sights) > 1:
        raise entry.wrong(sights[1], f"removed: the entry shows a {sights[0]} already")
    if not sights and "keys" not in values:
        raise ConfigError(f"{file}: show {number} must hold picture, badge, nobody = true, or keys")
    if not sights and "for_ms" in values:
        raise entry.wrong("for_ms", "removed: keys are pressed at one moment")
    if "nobody" in values and values["nobody"] is not True:
        raise entry.wrong("nobody", "true, or left out")
    return entry


def _sights(folder: Path, entries: list[Section], starts: list[int]) -> tuple[Sight, ...]:
    seen = [
        (start, entry)
        for start, entry in zip(starts, entries, strict=True)
        if not entry.values.keys().isdisjoint(_SIGHTS)
    ]
    sights = []
    for place, (start, entry) in enumerate(seen, 1):
        following = seen[place][0] if place < len(seen) else None
        sights.append(Sight(start, _end_ms(entry, start, following), _shows(folder, entry)))
    return tuple(sights)


def _shows(folder: Path, entry: Section) -> Path | str | None:
    if "picture" in entry.values:
        return _picture(folder, entry)
    return _badge(entry) if "badge" in entry.values else None


def _end_ms(entry: Section, start: int, following: int | None) -> int:
    if following is None and "nobody" in entry.values and "for_ms" not in entry.values:
        return start
    if following is not None and "for_ms" not in entry.values:
        return following
    end = start + entry.integer("for_ms", 1, LASTS_MS_MAX)
    if end > LASTS_MS_MAX:
        raise entry.wrong("for_ms", f"at most {LASTS_MS_MAX - start}: a recording lasts an hour at most")
    if following is not None and end > following:
        raise entry.wrong("for_ms", f"at most {following - start}: then comes the next show")
    return end


def _picture(folder: Path, entry: Section) -> Path:
    allowed = f"a photograph in {folder}"
    name = entry.text("picture", allowed)
    try:
        picture = (folder / name).resolve(strict=True)
        inside = picture.is_relative_to(folder.resolve(strict=True))
    except (OSError, ValueError, RuntimeError) as err:  # missing; a null character; a loop of links
        raise entry.wrong("picture", allowed) from err
    if not inside:  # also when a link leads out
        raise entry.wrong("picture", f"{allowed}, not outside it")
    return picture


def _badge(entry: Section) -> str:
    allowed = f"text of 1 to {BADGE_CHARS_MAX} printable ASCII characters"
    text = entry.text("badge", allowed)
    if len(text) > BADGE_CHARS_MAX or not text.isascii() or not text.isprintable():
        raise entry.wrong("badge", allowed)
    return text


def _keys(entry: Section) -> str:
    allowed = f"1 to {KEYS_MAX} of 0-9, E (enter) and C (clear)"
    keys = entry.text("keys", allowed)
    if len(keys) > KEYS_MAX or not _KEYS.issuperset(keys):
        raise entry.wrong("keys", allowed)
    return keys
