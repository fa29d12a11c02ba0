"""What a task is."""

from chassis.resource.resource import Resource
from contacts.task import rules
from kith.contacts.v1.task_pb2 import Task

TASKS = Resource(Task, defaults=Task(state=Task.OPEN), check=rules.check)
