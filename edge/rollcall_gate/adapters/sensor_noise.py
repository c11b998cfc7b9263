"""The grain of a sensor: two pictures of the same thing are never the same pixels."""

from typing import Final

import numpy as np

from edge.rollcall_gate.frames import Pixels

SIGMA: Final = 2.0
"""Grey levels, about what a small camera shows in the light of a hall."""
_SPARE: Final = 65_521


class SensorNoise:
    """Seeded, so that a run can be repeated.

    Noise is drawn once for the largest picture; each picture takes it from another place, which costs a tenth
    of drawing it anew.
    """

    def __init__(self, seed: int, sigma: float = SIGMA) -> None:
        self._random = np.random.default_rng(seed)
        self._sigma = sigma
        self._grain = np.zeros(0, np.int16)

    def on(self, pixels: Pixels) -> Pixels:
        """A copy with noise, clipped to 0..255; the very same pixels when sigma is 0."""
        if not self._sigma:
            return pixels
        if self._grain.size < pixels.size + _SPARE:
            drawn = self._random.standard_normal(pixels.size + _SPARE, dtype=np.float32)
            self._grain = np.rint(drawn * np.float32(self._sigma)).astype(np.int16)
        start = int(self._random.integers(self._grain.size - pixels.size))
        grain = self._grain[start : start + pixels.size].reshape(pixels.shape)
        return np.clip(pixels.astype(np.int16) + grain, 0, 255).astype(np.uint8)
