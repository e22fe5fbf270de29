"""`python -m transcaspian`."""

from transcaspian.cli import main

if __name__ == "__main__":
    main()
