"""`python -m bot` is `paperboy`."""

import sys

if __name__ == "__main__":
    try:
        from bot.cli import INTERRUPTED, main
    except KeyboardInterrupt:  # while everything is being imported
        sys.exit(130)
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
