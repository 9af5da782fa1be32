"""Pure functions from what a cataloguer typed to a value that can be compared."""
