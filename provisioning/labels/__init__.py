"""Labels that are stuck on devices: a QR code to the device's page, and its serial number in words."""
