"""`python -m leadlag` is the command line, where the `leadlag` command is not on the path."""

from leadlag.cli import main

if __name__ == "__main__":
    main()
