"""What an installation is known by: the origin of its links, and the passes it signs."""

import msgspec

from payment_service.resources.passes import PassSigner


class Links(msgspec.Struct, frozen=True):
    """`base_url` is the origin of every link that is handed out, and the issuer of passes."""

    base_url: str
    passes: PassSigner

    def pay(self, token: str) -> str:
        return f"{self.base_url}/pay/{token}"
