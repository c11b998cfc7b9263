"""Brings devices into a hall. Its own process, the only holder of the CA key; meets the fleet by its API."""
