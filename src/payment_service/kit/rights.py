"""Rights: what is told of a file that this process may not read."""

import os
import pwd
from pathlib import Path


def why_unread(path: Path, error: OSError) -> str:
    """The reason, and what to do where it is a matter of rights."""
    if not isinstance(error, PermissionError):
        return str(error.strerror)
    shut = [one for one in path.absolute().parents if not os.access(one, os.X_OK)]
    if shut:
        return (
            f"{error.strerror}; the user {_user()} may not look into {shut[-1]}: let it, or put "
            "the file elsewhere"
        )
    return (
        f"{error.strerror}; give it to the user that this ran as: sudo chown {_user()} "
        f"{path.absolute()}"
    )


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a container's user may have no name
        return str(os.geteuid())
