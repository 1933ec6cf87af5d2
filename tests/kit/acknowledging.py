"""A process of its own that writes to a SQLite file and prints each id once it is answered."""

import asyncio
import sys

from payment_service.kit.database import open_database
from tests.kit.parcels import Parcel, send

AT_ONCE, ROUNDS = 5, 20


async def main(url: str) -> None:
    database = open_database(url)

    async def send_one(number: int) -> None:
        answer = await database.write(send, Parcel(number))
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()

    for start in range(0, AT_ONCE * ROUNDS, AT_ONCE):
        await asyncio.gather(*(send_one(start + step) for step in range(AT_ONCE)))
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
