"""What a scenario's run said, for machines, for CI and for people: one file per form."""
