"""Checking courses and publishing them: from an upload, or from a folder."""

from courses.authoring.services.drafts import check_upload, publish_draft
from courses.authoring.services.folders import find_folder, read_folder, shipped_folders, write_folder, zip_files
from courses.authoring.services.publishing import HasFindings, check_folder, publish_folder, publish_shipped

__all__ = [
    "HasFindings",
    "check_folder",
    "check_upload",
    "find_folder",
    "publish_draft",
    "publish_folder",
    "publish_shipped",
    "read_folder",
    "shipped_folders",
    "write_folder",
    "zip_files",
]
