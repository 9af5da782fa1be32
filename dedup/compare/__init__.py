"""One small pure function per question a cataloguer asks, and the policy that turns answers into a verdict."""
