"""Whether anything can be sealed to a gate's key at all: a few keys give everybody the same secret."""

from wire.ids import CongressId, DeviceId
from wire.lane import LANE_KEY_BYTES, wrap_lane_key


def can_seal_to(sealing_key: bytes, congress: CongressId, gate: DeviceId) -> bool:
    """By trial: a key of nothing is wrapped to it."""
    try:
        wrap_lane_key(bytes(LANE_KEY_BYTES), sealing_key, congress=congress, gate=gate)
    except ValueError:
        return False
    return True
