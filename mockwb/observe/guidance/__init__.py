"""The watch on W&B's guidance: one file per range, listed in `ranges`."""
