"""`python -m blackbar` is the command."""

from blackbar.command import run

if __name__ == "__main__":
    run()
