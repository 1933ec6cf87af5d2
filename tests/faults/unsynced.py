"""`payment-service` with the setting of SQLite that the service refuses: its commits do not wait
for the disk. What is lost with it shows that a power cut is one."""

from payment_service.cli import main
from payment_service.kit.sqlite_connection import PRAGMAS

if __name__ == "__main__":
    PRAGMAS["synchronous"] = ("NORMAL", 1)
    main()
