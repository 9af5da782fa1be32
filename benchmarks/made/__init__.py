"""Made catalogues: words, books, the stories told about them, and their MARC records."""
