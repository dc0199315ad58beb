"""mockwb's own HTTP API under `/_mockwb/`."""
