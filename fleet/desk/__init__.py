"""The desk: acts of officers, signed, recorded in the hall log and told to the devices."""
