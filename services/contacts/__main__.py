"""`python -m contacts serve|migrate`."""

from chassis.run import main
from contacts.app import SERVICE

main(SERVICE)
