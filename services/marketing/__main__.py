"""`python -m marketing serve|migrate`."""

from chassis.run import main
from marketing.app import SERVICE

main(SERVICE)
