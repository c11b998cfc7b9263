"""From counted integers and facts about the roll to an outcome that a person can redo by hand (RULES.md).
Pure."""
