"""The stages of a run: table in, table out."""
