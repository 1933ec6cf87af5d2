"""The search finds by what people have at hand, however they write it."""

from datetime import timedelta

import pytest

from payment_service.actions.add_plan import NewPlan, add_plan
from payment_service.actions.register_app import Registration, register_app
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.kit.database import Database
from payment_service.kit.statements import Transaction
from payment_service.model.charge import CHARGE
from payment_service.model.customer_word import international, split
from payment_service.model.hit import Hit
from payment_service.model.search import MOST, search
from tests.invariants import check_invariants
from tests.simulation.story_of_all import PLANS, code_of, pays
from tests.simulation.world import BOX, TARGETS, World

TENANTS = [
    Subscriber(
        "tenant-42", name="Bengkel Jaya Motor", email="Budi@Jaya.example", phone="08123456789"
    ),
    Subscriber("tenant-43", name="Bengkel Maju", phone="+62 813-1111-2222"),
    Subscriber("Ωmega", name="Café “Toraja” 茶 ☕"),
    Subscriber("tenant-44", name="Jaya Abadi"),
]


@pytest.fixture
async def world(database: Database) -> World:
    world = World(database)
    await world.begin({}, PLANS)
    for tenant in TENANTS:
        await comes(world, tenant)
    return world


async def comes(world: World, tenant: Subscriber) -> str:
    world.clock.advance(timedelta(seconds=1))
    made = await world.db.write(
        subscribe, await world.app(), world.runtime.links, tenant, "bulanan", None, {},
        world.clock.now(),
    )  # fmt: skip
    return made.resource.id


async def finds(world: World, text: str, app_id: str | None = None) -> list[Hit]:
    return await world.db.read(search, text, app_id)


async def names(world: World, text: str) -> list[tuple[str, str | None]]:
    return sorted((hit.by, hit.name) for hit in await finds(world, text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("jaya", [("name", "Bengkel Jaya Motor"), ("name", "Jaya Abadi")]),
        ("  BENG   jay ", [("name", "Bengkel Jaya Motor")]),
        ("motor bengkel", [("name", "Bengkel Jaya Motor")]),
        ("aya", []),
        ("cafe", [("name", "Café “Toraja” 茶 ☕")]),
        ("“toraja”", [("name", "Café “Toraja” 茶 ☕")]),
        ("☕", []),
        ("茶 ☕", [("name", "Café “Toraja” 茶 ☕")]),
        ("ωME", [("reference", "Café “Toraja” 茶 ☕")]),
        ("TENANT-43", [("reference", "Bengkel Maju")]),
        (
            "tenant",
            [("reference", n) for n in ("Bengkel Jaya Motor", "Bengkel Maju", "Jaya Abadi")],
        ),
        ("budi@", [("email", "Bengkel Jaya Motor")]),
        ("0812 3456", [("phone", "Bengkel Jaya Motor")]),
        ("+62 (812) 345-6789", [("phone", "Bengkel Jaya Motor")]),
        ("62813", [("phone", "Bengkel Maju")]),
        ("81311112222", [("phone", "Bengkel Maju")]),
        ("081", []),
        ("%", []),
        ("x", []),
        ("", []),
        ("' OR 1=1 --", []),
    ],
)
async def test_a_customer_is_found_by_the_beginning_of_any_of_its_words(
    world: World, text: str, found: list[tuple[str, str]]
) -> None:
    assert await names(world, text) == sorted(found)


async def test_whatever_is_typed_breaks_nothing(world: World) -> None:
    bad = ("\x00", "q\x00q", "a" * 10_000, "\u202e" * 300, "👩‍🔧" * 50, "1" * 300, "-", "chg_zz")
    for text in bad:
        assert await finds(world, text) == []


async def test_an_invoice_is_found_by_its_number_cut_short(world: World) -> None:
    year, prefix = world.clock.now().year, (await world.app()).invoice_prefix
    whole = f"{prefix}-{year}-000003"
    for text in (whole, whole.lower(), f"{prefix}-{year}-3", f"{year}-3", "000003", f" {whole} "):
        (hit,) = await finds(world, text)
        assert (hit.kind, hit.by, hit.text, hit.reference) == ("invoice", "number", whole, "Ωmega")
    begun = await finds(world, f"{prefix}-{year}-00000")
    assert [hit.text[-1] for hit in begun] == ["4", "3", "2", "1"]
    assert await finds(world, f"XX-{year}-000003") == []
    assert await finds(world, f"{prefix}-1999-000003") == []


async def test_a_code_and_its_payment_are_found_by_order_and_reference(world: World) -> None:
    subscription = await comes(world, Subscriber("tenant-50", name="Kios"))
    charge_id = await code_of(world, subscription)
    await pays(world, charge_id)
    charge = await world.db.read(lambda tx: tx.one(CHARGE, id=charge_id))
    assert charge is not None
    assert charge.reference is not None
    for text in (charge_id, charge_id.upper(), charge_id[:20]):
        (hit,) = await finds(world, text)
        assert (hit.kind, hit.by, hit.id, hit.subscription_id) == (
            "charge", "order", charge_id, subscription,
        )  # fmt: skip
    referred = await finds(world, charge.reference.upper())
    assert [(hit.kind, hit.by) for hit in referred] == [
        ("payment", "gateway_reference"), ("charge", "gateway_reference"),
    ]  # fmt: skip
    assert {hit.invoice_id for hit in referred} == {charge.invoice_id}
    (hit,) = await finds(world, subscription)
    assert (hit.kind, hit.name) == ("subscription", "Kios")


async def another_app(world: World) -> str:
    def unit(tx: Transaction) -> str:
        wanted = Registration("Lain Sekali", "test")
        app = register_app(tx, wanted, BOX, TARGETS, world.clock.now()).app
        add_plan(tx, app.id, NewPlan("bulanan", "Bulanan", 99_000, 1), world.clock.now())
        subscribe(
            tx, app, world.runtime.links, Subscriber("tenant-42", name="Jaya Lain"), "bulanan",
            None, {}, world.clock.now(),
        )  # fmt: skip
        return app.id

    return await world.db.write(unit)


async def test_one_app_or_all_of_them_are_searched(world: World) -> None:
    other = await another_app(world)
    assert {hit.app_id for hit in await finds(world, "tenant-42")} == {world.app_id, other}
    (hit,) = await finds(world, "tenant-42", other)
    assert hit.name == "Jaya Lain"
    assert await finds(world, hit.customer_id, world.app_id) == []
    assert len(await finds(world, "jaya")) == 3
    assert len(await finds(world, "jaya", other)) == 1


async def test_no_more_is_shown_than_can_be_read(world: World) -> None:
    for number in range(MOST + 5):
        await comes(world, Subscriber(f"banyak-{number}", name=f"Toko {number}"))
    assert len(await finds(world, "toko")) == MOST
    assert len(await finds(world, "banyak")) == MOST


async def test_who_is_renamed_is_found_by_the_new_name_alone(
    world: World, database_url: str
) -> None:
    changed = Subscriber("tenant-42", name="Bengkel Baru", phone="0899 0000 0000")
    await world.db.write(
        subscribe, await world.app(), world.runtime.links, changed, "bulanan", None, {},
        world.clock.now(),
    )  # fmt: skip
    assert await names(world, "motor") == []
    assert await names(world, "baru") == [("name", "Bengkel Baru")]
    assert await names(world, "0812345") == []
    assert await names(world, "budi@jaya") == [("email", "Bengkel Baru")]
    check_invariants(database_url)


@pytest.mark.parametrize(
    ("phone", "digits"),
    [("0812-345", "62812345"), ("+62 812 345", "62812345"), ("812345", "62812345"),
     ("(021) 555", "6221555"), ("65 8123", "658123"), ("abc", ""), ("", "")],
)  # fmt: skip
def test_a_phone_number_is_one_number_however_it_is_written(phone: str, digits: str) -> None:
    assert international(phone) == digits


def test_a_name_has_words_without_case_accents_and_signs() -> None:
    assert split("Ñandú’s  Café-2000, PT. (Tbk)") == ["nandu", "s", "cafe", "2000", "pt", "tbk"]
    assert split(" ".join(str(number) for number in range(50)))[-1] == "11"
    assert [len(word) for word in split("a" * 300)] == [60]


def test_a_name_in_other_letters_has_words_too() -> None:
    assert split("مطعم الشام") == ["مطعم", "الشام"]
