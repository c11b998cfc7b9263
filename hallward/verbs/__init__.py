"""One small file per role: words of the command line to calls of its `commands`."""
