"""What ballots need of the machine: the arithmetic of the group."""
