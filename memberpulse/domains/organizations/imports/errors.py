"""What imports may refuse."""

from typing import ClassVar

from memberpulse.engine.errors import BadArguments, Conflict, NotFound


class BadFile(BadArguments):
    """The file cannot be read; `message` says why and what to do."""

    code: ClassVar[str] = "bad_file"
    message = "This file cannot be read as a list of people."


class FileTooLarge(BadFile):
    code = "file_too_large"
    status: ClassVar[int] = 413
    message = "The file is larger than 2 MB. Split it and import the parts one after the other."


class ImportNotFound(NotFound):
    code = "import_not_found"
    message = "This import does not exist, or not any more."


class ImportBegun(Conflict):
    code = "import_begun"
    message = "This import was begun already."
