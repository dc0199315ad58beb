"""What of a wandb package's GraphQL mockwb can serve: documents found, validated and judged.

Called by the `coverage` command and by the tests that keep the schema complete. The package is
read, never imported or run, so any release can be looked at.
"""
