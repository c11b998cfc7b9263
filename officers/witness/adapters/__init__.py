"""How a witness reaches a hall's fleet."""
