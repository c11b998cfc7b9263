"""Fixtures for the whole suite: real brokers and a real database, started in temporary folders."""

pytest_plugins = ["tests.servers.plugin"]
