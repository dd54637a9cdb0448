"""What the file library may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict, EngineError, Forbidden, Gone, NotFound, TooLarge


class FileNotFound(NotFound):
    code = "file_not_found"
    message = "This file does not exist, or not for you."


class FolderNotFound(NotFound):
    code = "folder_not_found"
    message = "This folder is gone. Choose another one."


class UploadNotFound(NotFound):
    code = "upload_not_found"
    message = "This upload is over. Choose the file again."


class BadFileName(BadArguments):
    code = "bad_file_name"
    message = "The name was not accepted. Correct it and try again."


class FolderNotEmpty(Conflict):
    code = "folder_not_empty"
    message = "There is still something in this folder. Move or delete it first."


class NotYourFile(Forbidden):
    code = "not_your_file"
    message = "You can change the files that you uploaded. Ask whoever uploaded it, or an admin of your organization."


class FileTooLarge(TooLarge):
    code = "file_too_large"
    message = "This file is larger than this server accepts."


class StorageFull(Conflict):
    code = "storage_full"
    message = "There is no room for this file. Delete some from the bin, or ask an admin for more room."


class FileRefused(BadArguments):
    """The content is not on the list of what is kept, or not what it claims to be."""

    code = "file_refused"
    message = "Files of this kind are not kept here. Images, PDF, text and office documents are."


class WrongLength(BadArguments):
    code = "wrong_length"
    message = "The file did not arrive whole. Send it again."


class UploadTooSlow(EngineError):
    code = "upload_too_slow"
    status = 408
    message = "The file took too long to arrive. Look at your connection and try again."


class UploadOver(Gone):
    code = "upload_over"
    message = "This upload was cancelled or has expired. Choose the file again."


class UploadSuperseded(Conflict):
    code = "upload_superseded"
    message = "The file is being sent again elsewhere; that one counts."


class NotReceived(Conflict):
    code = "not_received"
    message = "The content of this file has not arrived yet. Send it first."


class TooManyUploads(Conflict):
    code = "too_many_uploads"
    message = "Many of your uploads are still waiting. Let them end, or cancel some."


class NothingToRestore(Conflict):
    code = "not_in_bin"
    message = "This file is not in the bin."


class ContentMissing(Gone):
    code = "content_missing"
    message = "The content of this file is missing from the storage. Tell an admin of your organization."


class BadRange(EngineError):
    code = "bad_range"
    status = 416
    message = "This part of the file does not exist."
