"""What follows from a call by itself, whoever made it: done by the service, in the caller's transaction."""

from chassis.call import Call


def as_service(call: Call) -> Call:
    """The same moment, transaction, trace and lane, with the rights of the service: only for effects the caller has no
    say in, such as when somebody was last dealt with."""
    served = Call(call.caller.served_by("contacts"), "", call.session, call.now, call.means, call.traceparent)
    served.lane = call.lane
    return served
