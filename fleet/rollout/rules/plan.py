"""A plan as people write it (JSON), read strictly; and the plan that is used when nobody writes one. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from typing import Any, Final

from fleet.rollout.rules.errors import PlanRefused
from fleet.rollout.rules.refusals import kind_word
from fleet.rollout.rules.saying import Said
from fleet.rollout.rules.shape import Device, GateRules, Plan, Wave, Window
from fleet.rollout.rules.slots import clock_text, lasts_min

WAVES_MAX: Final = 50
NAME_MAX: Final = 64
DEFAULT_WAVES: Final = ("canary", "a quarter", "the rest")
_PPM: Final = 1_000_000
_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "good_ppm": (1, _PPM - 2),
    "bad_ppm": (2, _PPM - 1),
    "alpha_ppm": (1, 500_000),
    "beta_ppm": (1, 500_000),
    "soak_s": (0, 7 * 86_400),
    "deadline_s": (60, 7 * 86_400),
    "latency_ppm": (_PPM // 10, 100 * _PPM),
    "agree_ppm": (0, _PPM),
    "temperature_mc": (0, 100_000),
    "frames": (0, 1_000_000),
}
_FIELDS: Final = ("waves", "access_points", "per_access_point", "spacing_ms", "window", "gate")
_WAVE_FIELDS: Final = ("name", "halls", "rows", "percent", "per_row")
_WINDOW_FIELDS: Final = ("begins", "ends", "utc_offset_min")
_WINDOW: Final = Said("window", "khung giờ")
_GATE: Final = Said("gate", "gate")


def parse_plan(data: Any, rows: Collection[str], halls: Collection[str]) -> Plan:
    """rows, halls: those that there are. Raises PlanRefused with a sentence that says what to change."""
    given = _object(data, Said("the plan", "kế hoạch"), _FIELDS)
    waves = _waves(given.get("waves"), rows, halls)
    access_points = _access_points(given.get("access_points", {}), rows)
    window, gate = _window(given.get("window")), _gate(given.get("gate", {}))
    if window is not None and lasts_min(window) * 60 < gate.deadline_s:
        raise PlanRefused("short-window", minutes=lasts_min(window), deadline_s=gate.deadline_s)
    return Plan(
        waves=waves,
        access_points=access_points,
        per_access_point=_integer(given.get("per_access_point", 4), "per_access_point", 1, 1000),
        spacing_ms=_integer(given.get("spacing_ms", 2000), "spacing_ms", 0, 600_000),
        window=window,
        gate=gate,
    )


def plan_json(plan: Plan) -> dict[str, Any]:
    """As `parse_plan` reads it."""
    window = plan.window
    return {
        "waves": [
            {
                "name": wave.name,
                "halls": list(wave.halls),
                "rows": list(wave.rows),
                "percent": wave.percent,
                "per_row": wave.per_row,
            }
            for wave in plan.waves
        ],
        "access_points": {name: list(rows) for name, rows in sorted(plan.access_points.items())},
        "per_access_point": plan.per_access_point,
        "spacing_ms": plan.spacing_ms,
        "window": None
        if window is None
        else {
            "begins": clock_text(window.begins_min),
            "ends": clock_text(window.ends_min),
            "utc_offset_min": window.utc_offset_min,
        },
        "gate": {field.name: getattr(plan.gate, field.name) for field in fields(GateRules)},
    }


def default_plan(devices: Iterable[Device]) -> Plan:
    """For these, the eligible ones: a canary of one in each row, where that is no more than a tenth of all,
    and of 5 % otherwise; then a quarter; then the rest. As many waves as there are devices for."""
    found = list(devices)
    rows = len({one.row for one in found})
    by_row = rows > 1 and rows * 10 <= len(found)
    first, second, last = DEFAULT_WAVES
    canary = Wave(first, per_row=1) if by_row else Wave(first, percent=5)
    waves = (canary, Wave(second, percent=25), Wave(last))
    return Plan(waves[:1] + waves[2:] if 1 < len(found) < 8 else waves if len(found) >= 8 else waves[2:])


# -- parts -------------------------------------------------------------------------------------------------


def _waves(data: Any, rows: Collection[str], halls: Collection[str]) -> tuple[Wave, ...]:
    if type(data) is not list or not 1 <= len(data) <= WAVES_MAX:
        raise PlanRefused("no-waves", most=WAVES_MAX)
    waves = tuple(_wave(one, number, rows, halls) for number, one in enumerate(data, 1))
    names = [wave.name for wave in waves]
    for name in names:
        if names.count(name) > 1:
            raise PlanRefused("same-name", name=name)
    total = sum(wave.percent or 0 for wave in waves)
    if total > 100:
        raise PlanRefused("too-much", total=total)
    if total < 100 and all(wave.percent is not None for wave in waves):
        raise PlanRefused("too-little", total=total, left=100 - total)
    for number, wave in enumerate(waves[:-1]):
        if wave.percent is None and wave.per_row is None and not wave.rows and not wave.halls:
            raise PlanRefused("nobody-left", name=waves[number + 1].name, before=wave.name)
    return waves


def _wave(data: Any, number: int, rows: Collection[str], halls: Collection[str]) -> Wave:
    where = _wave_said(number)
    given = _object(data, where, _WAVE_FIELDS)
    name = given.get("name")
    if type(name) is not str or not 0 < len(name) <= NAME_MAX or not name.isprintable():
        raise PlanRefused("no-name", where=where, most=NAME_MAX)
    where = _wave_said(name)
    percent, per_row = given.get("percent"), given.get("per_row")
    if percent is not None and per_row is not None:
        raise PlanRefused("percent-and-per-row", where=where)
    return Wave(
        name=name,
        halls=_known(given.get("halls", []), where, "hall", halls),
        rows=_known(given.get("rows", []), where, "row", rows),
        percent=None if percent is None else _integer(percent, _of(where, "percent"), 1, 100),
        per_row=None if per_row is None else _integer(per_row, _of(where, "per_row"), 1, 1000),
    )


def _access_points(data: Any, rows: Collection[str]) -> dict[str, tuple[str, ...]]:
    if type(data) is not dict:
        raise PlanRefused("no-access-points")
    found: dict[str, tuple[str, ...]] = {}
    behind: dict[str, str] = {}
    for name, given in data.items():
        if not name or len(name) > NAME_MAX or not name.isprintable():
            raise PlanRefused("no-access-point-name", most=NAME_MAX, name=name)
        where = Said(f"access point {name}", f"điểm phát sóng {name}")
        found[name] = _known(given, where, "row", rows)
        for row in found[name]:
            if row in behind:
                raise PlanRefused("two-access-points", row=row, one=behind[row], other=name)
            behind[row] = name
    return found


def _known(data: Any, where: Said, kind: str, there: Collection[str]) -> tuple[str, ...]:
    if type(data) is not list or any(type(one) is not str for one in data):
        raise PlanRefused("no-list", where=where, field=f"{kind}s")
    what = kind_word(kind)
    for one in data:
        if one not in there:
            key = "not-there" if there else "no-places"
            raise PlanRefused(key, where=where, what=what, name=one, there=_list(there))
    if len(set(data)) < len(data):
        raise PlanRefused("named-twice", where=where, what=what)
    return tuple(data)


def _list(there: Collection[str]) -> str:
    names = sorted(there)
    return ", ".join(names[:20]) + (" …" if len(names) > 20 else "")


def _window(data: Any) -> Window | None:
    if data is None:
        return None
    given = _object(data, _WINDOW, _WINDOW_FIELDS)
    begins, ends = _minute(given.get("begins"), "begins"), _minute(given.get("ends"), "ends")
    if begins == ends:
        raise PlanRefused("no-window", at=clock_text(begins))
    offset = _integer(given.get("utc_offset_min", 0), _of(_WINDOW, "utc_offset_min"), -14 * 60, 14 * 60)
    return Window(begins, ends, offset)


def _minute(text: Any, what: str) -> int:
    hours, colon, minutes = text.partition(":") if type(text) is str else ("", "", "")
    both = hours + minutes
    is_time = colon and len(hours) == len(minutes) == 2 and both.isascii() and both.isdigit()
    if is_time and int(hours) < 24 and int(minutes) < 60:
        return int(hours) * 60 + int(minutes)
    raise PlanRefused("no-time", what=what, text=text)


def _gate(data: Any) -> GateRules:
    given = _object(data, _GATE, tuple(_RANGES))
    gate = GateRules(
        **{name: _integer(value, _of(_GATE, name), *_RANGES[name]) for name, value in given.items()}
    )
    if gate.good_ppm >= gate.bad_ppm:
        raise PlanRefused("good-not-below-bad", good=gate.good_ppm, bad=gate.bad_ppm)
    return gate


def _object(data: Any, where: Said, known: tuple[str, ...]) -> dict[str, Any]:
    if type(data) is not dict:
        raise PlanRefused("no-object", where=where, known=", ".join(known))
    for name in data:
        if name not in known:
            raise PlanRefused("unknown-field", where=where, name=name, known=", ".join(known))
    return data


def _integer(value: Any, what: Said | str, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise PlanRefused("no-integer", what=what, least=least, most=most, value=value)
    return value


def _wave_said(what: int | str) -> Said:
    return Said(f"wave {what}", f"đợt {what}")


def _of(where: Said, field: str) -> Said:
    return Said(f"{where.en}: {field}", f"{where.vi}: {field}")
