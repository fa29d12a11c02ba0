"""What a tag is."""

from chassis.resource.resource import Resource
from kith.contacts.v1.tag_pb2 import Tag

TAGS = Resource(Tag)
