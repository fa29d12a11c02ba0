"""What a note is."""

from chassis.resource.resource import Resource
from kith.contacts.v1.note_pb2 import Note

NOTES = Resource(Note)
