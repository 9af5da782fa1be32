"""Where the stages run: the protocol and its engines."""
