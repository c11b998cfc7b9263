"""The provisioning desk of a hall: devices that belong to nobody say hello, technicians give them places."""
