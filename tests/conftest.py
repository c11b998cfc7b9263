"""For the whole suite: real brokers and a real database in temporary folders; patience on busy machines."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.servers.plugin"]

# How long an example takes says how busy the machine is, not whether a promise holds.
settings.register_profile(
    "hall", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("hall")
