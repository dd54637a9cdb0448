"""Files of an organization: uploads, folders, previews, the bin, the quota."""
