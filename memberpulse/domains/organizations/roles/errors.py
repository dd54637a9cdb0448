"""What custom roles may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict, Forbidden, NotFound


class BadRole(BadArguments):
    code = "bad_role"
    message = "The role was not saved. Correct what is marked and save it again."


class RoleNotFound(NotFound):
    code = "role_not_found"
    message = "There is no such role, or not any more."


class TooManyRoles(Conflict):
    code = "too_many_roles"
    message = "An organization has at most 30 roles of its own. Remove one that nobody holds."


class NotYoursToGive(Forbidden):
    code = "not_yours_to_give"
    message = "You cannot give a right that you do not hold yourself."
