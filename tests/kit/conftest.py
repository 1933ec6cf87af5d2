"""A database of each kind with the table of tests/kit/parcels.py in it."""

import pytest

from tests.databases import create_tables
from tests.kit.parcels import tables


@pytest.fixture
def database_url(database_url: str) -> str:
    create_tables(database_url, tables)
    return database_url


@pytest.fixture
def sqlite_url(sqlite_url: str) -> str:
    create_tables(sqlite_url, tables)
    return sqlite_url


@pytest.fixture
def postgres_url(postgres_url: str) -> str:
    create_tables(postgres_url, tables)
    return postgres_url
