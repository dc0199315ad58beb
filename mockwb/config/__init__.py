"""What a server can be told: the typed model, and how defaults, plan, file and flags merge."""
