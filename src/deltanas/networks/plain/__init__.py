"""Networks in plain torch, one file a space, each on its own: `export` gives these files away."""
