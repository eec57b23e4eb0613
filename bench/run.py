"""`make bench`: the figures of the docs, quickly by default, with all seeds by `--full`."""

import argparse

from bench import edit_distance, overhead, queries, sign_agreement


def main() -> None:
    """Run every benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="50 seeds instead of 5")
    full = parser.parse_args().full
    overhead.main(seeds=10 if full else 3)
    queries.main(seeds=50 if full else 5)
    sign_agreement.main(seeds=20 if full else 2)
    if full:
        # Fewer seeds would overwrite the numbers of the figure.
        edit_distance.main(seeds=edit_distance.SEEDS)


if __name__ == "__main__":
    main()
