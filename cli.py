"""Run the command line from a checkout: `python cli.py run fixtures/marc`."""

from dedup.commands import main

if __name__ == "__main__":
    main()
