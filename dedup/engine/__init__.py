"""Engines that carry the stages: `base` says what a stage may ask, `duck` does it with DuckDB."""
