"""out/configs: the firmware's own tables."""

from pathlib import Path

from hardware.adapters.source import classes, write
from hardware.configs import config_text


def make_configs(out: Path) -> list[Path]:
    return [write(out / "configs" / f"{name}.toml", config_text(kind)) for name, kind in classes().items()]
