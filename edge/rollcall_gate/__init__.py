"""Roll-call gate: camera, detect, landmarks, align, quality, embed, compare, decide, passage, record."""
