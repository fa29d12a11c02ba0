"""`python -m service_desk serve|migrate`."""

from chassis.run import main
from service_desk.app import SERVICE

main(SERVICE)
