"""A user's script, run once against an unlimited server: what its logging does wrong."""
