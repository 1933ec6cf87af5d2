"""An installation with rows in every table, and the secrets that were handed out or entered."""

import base64
from datetime import datetime, timedelta

from payment_service.actions.add_channel import NewChannel, add_channel
from payment_service.actions.check_money_nightly import check_money_nightly
from payment_service.actions.create_endpoint import NewEndpoint, create_endpoint
from payment_service.actions.decide_review import credit_review
from payment_service.actions.resend import begin_resend
from payment_service.actions.set_logo import set_logo
from payment_service.kit.crypto import new_webhook_secret
from payment_service.kit.ids import new_id
from payment_service.kit.picture import Picture
from payment_service.kit.statements import Transaction, add
from payment_service.model.app import app_by_id
from payment_service.model.audit import By
from payment_service.model.passkey import Passkey
from payment_service.model.signing_key import SIGNING_KEYS
from payment_service.web.dashboard.cookies import SESSION
from tests.busy import busy
from tests.service import API_KEY, KEY, NOTICE_SECRET
from tests.story import PLANS, Story, owner_of
from tests.web.dashboard.people import PASSWORD, Browser, person

INVITE = "/dashboard/admins/new"
CHANNEL = "https://hooks.example.com/services/T0000/rahasia-saluran"


class Filled:
    """What was done to fill the tables, and `secrets`: each by what it is."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.runtime = story.service.runtime
        self.secrets = {"the key": KEY, "a gateway's key": API_KEY, "its secret": NOTICE_SECRET}

    async def fill(self) -> "Filled":
        self.busy = await busy(self.story)
        assert self.story.the_app is not None
        self.app = self.story.the_app
        await self._by_apps()
        await self._by_gateways()
        await self._by_a_test_app()
        await self._by_admins()
        return self

    async def _by_apps(self) -> None:
        """A request that is repeated, an answer that is sealed, and messages sent again."""
        story, runtime, app = self.story, self.runtime, self.app
        admin = await owner_of(story.service, app)
        asked = {"name": "kedua", "scopes": ["read"]}
        made = await admin.asks("POST", "/v1/keys", asked, idempotency_key="kunci-kedua")
        assert made.status == 201, made.body
        await app.subscribes("Bengkel Joko", "murah", idempotency_key="sekali-saja")

        def ask_again(tx: Transaction) -> str:
            now = runtime.clock.now()
            wanted = NewEndpoint(url=f"{story.receiver.url}?of=bills", types=("invoice.paid",))
            _, secret = create_endpoint(
                tx, app_by_id(tx, app.id), wanted, runtime.secrets, runtime.targets, now
            )
            begin_resend(tx, app.id, self.busy.ids["endpoints"], None, now)
            return secret

        self.secrets["an endpoint's secret"] = await runtime.db.write(ask_again)
        self.secrets["the first endpoint's secret"] = app.webhook_secret
        self.secrets["an app's key"] = app.api_key
        self.secrets["an owner's key"] = admin.api_key
        self.secrets["a key in a sealed answer"] = made.json["secret"]

    async def _by_gateways(self) -> None:
        """Notices in vain, a night's comparison, and a payment that was put up for review."""
        story, runtime = self.story, self.runtime
        unknown = {"order_id": "INV-DULU", "txn_id": "TRX-1", "amount": 1, "status": "completed"}
        assert (await story.notice_comes(unknown)).status == 200
        assert (await story.notice_comes(unknown, secret="tebakan")).status == 401
        doubtful = self.busy.by_state["payments"]["needs_review"]
        await runtime.db.write(credit_review, runtime.links, doubtful, self._by(), self._now())
        story.clock.advance(timedelta(hours=17))
        assert await check_money_nightly(runtime)

    async def _by_a_test_app(self) -> None:
        """The simulator inside the service, and a clock that was moved on."""
        app = await self.story.app(name="Coba", simulated=True)
        self.secrets["a test app's key"] = app.api_key
        made = (await app.subscribes("Penyewa", PLANS[0].code)).json
        habit = {"habit": "pays_on_time"}
        path = f"/v1/test/subscriptions/{made['id']}/payer"
        assert (await app.asks("PUT", path, habit)).status == 200
        to = (self.story.today + timedelta(days=40)).isoformat()
        assert (await app.asks("POST", "/v1/test/clock", {"advance_to": to})).status == 200

    async def _by_admins(self) -> None:
        """One who is in, one who was invited, one who is halfway in, and one who guesses."""
        story, runtime = self.story, self.runtime
        sari = await person(story.service, story.clock, "owner")
        page = await sari.browser.sends(INVITE, name="Rini", email="rini@x.id", role="viewer")
        code = page.html.partition('id="one-time-code">')[2].partition("<")[0]
        halfway, guessing = Browser(story.service), Browser(story.service, "203.0.113.8")
        await halfway.sends("/dashboard/sign-in", email=sari.email, password=PASSWORD)
        await guessing.sends("/dashboard/sign-in", email=sari.email, password="salah sekali")
        channel_secret = new_webhook_secret()

        def adds(tx: Transaction) -> str:
            wanted = NewChannel("webhook", CHANNEL, channel_secret, "Telegram")
            add_channel(tx, wanted, runtime.secrets, runtime.targets, self._by())
            set_logo(tx, self.busy.app_id, Picture(b"RIFF....WEBP", 1, 1), self._by())
            credential = base64.urlsafe_b64encode(b"credential").decode()
            add(
                tx,
                Passkey(
                    id=new_id("pky", self._now()),
                    admin_id=sari.id,
                    credential_id=credential,
                    public_key=base64.b64encode(b"public half").decode(),
                    uses=0,
                    name="Telepon",
                    created_at=self._now(),
                    used_at=None,
                    version=1,
                ),
            )
            (signing, *_) = tx.all(SIGNING_KEYS)
            return runtime.secrets.open(signing.private)

        self.secrets["the key of passes"] = await runtime.db.write(adds)
        self.secrets |= {
            "a channel's URL": CHANNEL,
            "a channel's secret": channel_secret,
            "a password": PASSWORD,
            "an authenticator's seed": sari.seed,
            "an invitation": code,
            "a session": sari.browser.cookies[SESSION],
            "an entrance": next(iter(halfway.cookies.values())),
            **{f"recovery code {n}": code for n, code in enumerate(sari.recovery_codes)},
        }
        story.clock.advance(timedelta(minutes=31))
        await sari.browser.sends(INVITE, name="Dewi", email="dewi@x.id", role="viewer")

    def _now(self) -> datetime:
        return self.story.clock.now()

    def _by(self) -> By:
        return By("command line", "to fill the tables", self._now())
