"""Other methods, each one file behind one small interface."""
