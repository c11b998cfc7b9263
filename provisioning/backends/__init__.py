"""Who manages the devices of a hall: our own fleet, or balena; one port, and one contract for both."""
