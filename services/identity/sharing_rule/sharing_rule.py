"""What a sharing rule is."""

from chassis.resource.resource import Resource
from identity.sharing_rule import rules
from kith.identity.v1.sharing_rule_pb2 import SharingRule

SHARING_RULES = Resource(SharingRule, check=rules.check)
