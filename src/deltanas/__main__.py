"""`python -m deltanas` is the command `deltanas`."""

from deltanas.cli.app import main

main()
