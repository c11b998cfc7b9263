"""What every hall device has: outbox, uplink, link, identity, twin, commands, health, clock, and the loop
that joins them."""
