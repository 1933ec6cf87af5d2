"""Where the service is reached: the origin of every link it hands out."""

import msgspec


class Links(msgspec.Struct, frozen=True):
    """Where the service is reached: the origin of every link it hands out."""

    base_url: str

    def pay(self, token: str) -> str:
        return f"{self.base_url}/pay/{token}"
