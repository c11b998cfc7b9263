"""The tally of a secret question: one aggregate, the shares that open it, the counts (SPEC §7). Pure."""
