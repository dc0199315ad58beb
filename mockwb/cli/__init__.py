"""The `mockwb` command: one thin file per subcommand."""
