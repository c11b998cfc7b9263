"""What to buy, how to wire it, what to print: made from pins.toml and parts.toml."""
