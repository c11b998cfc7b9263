"""The desk over HTTPS: devices in CBOR, phones in HTML and JSON, renewals over mutual TLS."""
