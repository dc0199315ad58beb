"""`python -m mockwb`: the same as the `mockwb` command."""

from mockwb.cli.main import main

if __name__ == "__main__":
    main()
