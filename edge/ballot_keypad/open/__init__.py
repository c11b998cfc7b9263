"""The open ballot: a choice in clear, published by name (DESIGN §7)."""
