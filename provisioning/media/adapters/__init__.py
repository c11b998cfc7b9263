"""Where boot files are written: a mounted boot partition, or an image of one."""
