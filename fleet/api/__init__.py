"""The fleet over HTTP: who may, within which limits, in which types and errors. Routes are in their rooms."""
