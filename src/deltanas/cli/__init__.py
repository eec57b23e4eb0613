"""The command line: arguments in, study and report out; no logic of its own."""
