"""Bytes to records: containers, encodings, format sniffing and columnar extraction."""
