"""`python -m sales serve` or `migrate`."""

from chassis.run import main
from sales.app import SERVICE

main(SERVICE)
