"""An app with customers to look at."""

import pytest

from tests.service import Service
from tests.web.dashboard.seller import Seller, seller


@pytest.fixture
async def shop(service: Service) -> Seller:
    return await seller(service)
