"""Where the root's key may lie: an encrypted file, or a PKCS #11 token."""
