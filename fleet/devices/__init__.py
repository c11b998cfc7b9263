"""Devices of the hall: registry, certificates, last signs of life, desired state."""
