"""The way back: answers of libraries are read into the log of judgements; what became of findings is told."""
