"""dedup: finds, explains and helps to correct duplicate records in a union catalogue."""

__version__ = "0.1.0"
