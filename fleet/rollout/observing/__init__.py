"""What rollouts look at."""
