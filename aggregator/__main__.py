"""`python -m aggregator` is the same as `aggregator`."""

from .cli import main

if __name__ == "__main__":
    main()
