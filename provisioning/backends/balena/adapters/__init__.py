"""balena-sdk and HTTP, met here and nowhere else."""
