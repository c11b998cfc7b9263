"""Where devices stand: the plan of the hall, its spares, and one device in the place of another."""
