"""What officers sign: charter, documents and their bodies (ballot/SPEC §2). Pure."""
