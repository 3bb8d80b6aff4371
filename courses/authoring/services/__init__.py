"""Checking courses and publishing them: from an upload, or from a folder."""

from courses.authoring.services.drafts import check_publishable, check_upload, prepare_draft, publish_draft, save_upload
from courses.authoring.services.folders import find_folder, read_folder, shipped_folders, write_folder, zip_files
from courses.authoring.services.publishing import HasFindings, check_folder, prepare_folder, publish_folder

__all__ = [
    "HasFindings",
    "check_folder",
    "check_publishable",
    "check_upload",
    "find_folder",
    "prepare_draft",
    "prepare_folder",
    "publish_draft",
    "publish_folder",
    "read_folder",
    "save_upload",
    "shipped_folders",
    "write_folder",
    "zip_files",
]
