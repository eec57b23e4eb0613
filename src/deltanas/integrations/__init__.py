"""Other people's tools, each in the one file named after it."""
