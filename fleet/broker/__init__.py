"""The MQTT broker of a hall: configuration from the registry, and the supervised child process."""
