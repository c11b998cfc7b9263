"""The gate on the bench: self-test, calibration, rehearsal on recordings."""
