"""The shell of an update: what edge/device/update.py decides is done here."""
