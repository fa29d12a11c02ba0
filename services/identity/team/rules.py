"""What is true of the tree of teams."""

from collections.abc import Sequence

from chassis.errors import FailedPrecondition

DEEPEST = 10


class TeamCycle(FailedPrecondition): ...


class TeamTooDeep(FailedPrecondition): ...


class TeamInUse(FailedPrecondition): ...


def refuse_misplaced(team_id: str, line_above: Sequence[str], height: int) -> None:
    """Whether a team with `height` levels below it fits under the last of `line_above`.

    Raises TeamCycle, TeamTooDeep.
    """
    if team_id in line_above:
        raise TeamCycle("a team cannot be below itself", id=team_id)
    if len(line_above) + 1 + height > DEEPEST:
        raise TeamTooDeep(f"teams cannot be more than {DEEPEST} levels deep", id=team_id)
