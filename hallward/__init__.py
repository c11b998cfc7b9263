"""The command line and the demo: one verb group per role, lazy imports, nothing else."""
