"""What can be configured."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pulumi


class SettingsError(pulumi.RunError):
    """The configuration of the stack is wrong; the message lists every mistake, one per line."""


@dataclass(frozen=True)
class Settings:
    """The configuration.

    Attributes:
        project: The Google Cloud project.
        owner, repository: The repository on GitHub whose pipeline deploys.
        branch: The branch whose pushes may deploy.
        location: Region of state and keys.
        protect: Whether `pulumi destroy` refuses to destroy state and keys.
    """

    project: str
    owner: str
    repository: str
    branch: str
    location: str
    protect: bool


def read_settings() -> Settings:
    """Read the configuration of the stack.

    Raises:
        SettingsError: With every mistake at once.
    """
    config, problems = pulumi.Config(), list[str]()

    def text(key: str, default: str | None, pattern: str, meaning: str) -> str:
        value = config.get(key)
        if value is None and default is not None:
            return default
        if value is None or not re.fullmatch(pattern, value):
            found = "missing" if value is None else f"{value!r} is not {meaning}"
            problems.append(f"{config.full_key(key)}: {found}; set it to {meaning}")
            return ""
        return value

    project = pulumi.Config("gcp").get("project") or ""
    if not re.fullmatch(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", project):
        problems.append("gcp:project: set it to the id of a project")
    repository = text("repository", None, r"[\w.-]+/[\w.-]+", "OWNER/NAME of a repository on GitHub")
    owner, _, name = repository.partition("/")
    branch = text("branch", "main", r"[\w./-]+", "the name of a branch")
    location = text("location", "europe-west1", r"[a-z]+-[a-z]+\d+", "a region such as europe-west1")
    protect = (config.get("protectState") or "true").lower()
    if protect not in {"true", "false"}:
        problems.append(f"{config.full_key('protectState')}: {protect!r} is not valid; valid are true, false")
    if problems:
        lines = "\n".join(f"  - {problem}" for problem in problems)
        raise SettingsError(f"the configuration of this stack is not valid:\n{lines}")
    return Settings(project, owner, name, branch, location, protect == "true")
