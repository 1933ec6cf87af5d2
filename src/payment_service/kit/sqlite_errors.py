"""What SQLite's errors mean: the disk failed, or the rules may know and go on."""

from payment_service.kit.errors import Unavailable
from payment_service.kit.statements import Duplicate, NoSuchTable
from payment_service.kit.write_metrics import counted

FATAL = ("SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_NOMEM", "SQLITE_CANTOPEN")


def error_name(error: Exception) -> str:
    return getattr(error, "sqlite_errorname", None) or type(error).__name__


def fatal(error: Exception) -> bool:
    """Whether the disk or the file itself failed, after which SQLite cannot be trusted."""
    return error_name(error).startswith(FATAL)


def lost_for_writing(error: Exception) -> bool:
    """Whether the connection can write no more: one that may only read stays so, also when its disk
    can be written again."""
    return fatal(error) or error_name(error).startswith("SQLITE_READONLY")


def refused(error: Exception) -> Exception:
    """The error as the rules know it."""
    if error_name(error).startswith("SQLITE_FULL"):
        return counted(Unavailable("disk_full", "The disk is full; nothing was changed."))
    if error_name(error).startswith("SQLITE_BUSY"):
        return counted(
            Unavailable("database_busy", "Another command holds the database; ask again.")
        )
    if error_name(error).startswith("SQLITE_CONSTRAINT") and "UNIQUE" in str(error):
        return Duplicate(str(error))
    if "no such table" in str(error):
        return NoSuchTable(str(error))
    return error
