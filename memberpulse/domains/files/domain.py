"""The table of contents of files."""

from datetime import timedelta

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.audit import words
from memberpulse.domains.files import (
    attaching,
    checking,
    facts,
    folders,
    jobs,
    mutations,
    personal,
    policies,
    queries,
    receiving,
    seeding,
    serving,
    uploading,
    use,
)
from memberpulse.domains.organizations.facts import MemberLeft, MemberRemoved, MemberRestored, OrganizationFounded
from memberpulse.domains.organizations.policies import register
from memberpulse.engine import Cron, Domain, on

words.register_kind("file", "Files")
words.register_kind("file_folder", "Folders")
words.register_kind("file_storage", "Storage")
words.register(facts.FileUploaded, "uploaded {target}")
words.register(facts.FileKept, "uploaded {target} for some only")
words.register(facts.FileRenamed, "renamed a file to {target}", silent=True)
words.register(facts.FilesMoved, "moved {target} to {folder}")
words.register(facts.AudienceChanged, "changed who may see {target}")
words.register(facts.FileBinned, "deleted {target}")
words.register(facts.FileRestored, "brought back {target} from the bin")
words.register(facts.FileDeleted, "deleted {target} for good")
words.register(facts.FolderCreated, "made the folder {target}")
words.register(facts.FolderRenamed, "renamed the folder {before} to {target}", silent=True)
words.register(facts.FolderRemoved, "removed the folder {target}")
words.register(facts.QuotaChanged, "changed how much storage may be used")
words.register(facts.StorageDrifted, "found that the storage differs: {missing} files without content")

register(policies.SEE, policies.CHANGE)

DOMAIN = Domain(
    name="files",
    functions=[
        queries.list_files,
        queries.list_binned,
        queries.get_file,
        queries.get_place,
        queries.list_folders,
        queries.get_storage,
        queries.count_files,
        queries.list_attachments,
        queries.find_content,
        queries.list_named_objects,
        queries.list_doomed,
        uploading.reserve_upload,
        uploading.begin_receiving,
        uploading.note_received,
        uploading.stop_receiving,
        uploading.complete_upload,
        uploading.cancel_upload,
        mutations.rename_file,
        mutations.move_files,
        mutations.set_audience,
        mutations.bin_files,
        mutations.restore_files,
        mutations.delete_files,
        mutations.set_quota,
        folders.create_folder,
        folders.rename_folder,
        folders.remove_folder,
        attaching.attach_file,
        attaching.detach_file,
        attaching.detach_all,
        seeding.import_folders,
        seeding.import_files,
        jobs.expire_uploads,
        jobs.empty_bins,
        jobs.remove_doomed,
        jobs.forget_doomed,
        checking.check_storage,
        checking.begin_check,
        checking.note_part,
        checking.go_on,
        checking.add_up_use,
    ],
    crons=[
        Cron(job=jobs.expire_uploads, every=timedelta(minutes=10)),
        Cron(job=jobs.remove_doomed, every=timedelta(minutes=5)),
        Cron(job=jobs.empty_bins, every=timedelta(hours=1)),
        Cron(job=checking.check_storage, crontab="40 2 * * *"),
    ],
    listeners=[
        on(OrganizationFounded, use.begin_with_nothing),
        on(MemberLeft, jobs.bin_private_files),
        on(MemberRemoved, jobs.bin_private_files),
        on(MemberRestored, jobs.restore_private_files),
        on(AccountErased, personal.forget_private_files),
    ],
    routes=[*receiving.ROUTES, *serving.ROUTES],
    ui="memberpulse.domains.files.ui.pages",
)
