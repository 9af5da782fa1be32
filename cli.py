"""Run the command line from a checkout: `python cli.py run fixtures/marc`."""

if __name__ == "__main__":
    # Here and not above: worker processes read this file, too, and need no command line.
    from dedup.commands import main

    main()
