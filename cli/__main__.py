"""`python -m cli` is `kith`."""

from cli.main import main

main()
