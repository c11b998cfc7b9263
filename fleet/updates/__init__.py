"""What exists and what each device is to install, served to devices (SPEC §11)."""
