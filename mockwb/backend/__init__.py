"""The pretend W&B: users, projects, runs, history, files. Knows its rules, nothing of HTTP."""
