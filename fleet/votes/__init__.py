"""Questions put to the vote, their life and their results."""
