"""Set the logo that payers see of an app, or take it away."""

import msgspec

from payment_service.kit.picture import Picture
from payment_service.kit.statements import Transaction, save
from payment_service.model.app import App, app_by_id
from payment_service.model.audit import By, record
from payment_service.model.logo import DROP_LOGO, KEEP_LOGO, name_of, stored


def set_logo(tx: Transaction, app_id: str, picture: Picture | None, by: By) -> App:
    """None takes it away, and nothing shows it any more. Raises NotFound."""
    app = app_by_id(tx, app_id)
    name = None if picture is None else name_of(picture)
    if name == app.logo:
        return app
    record(tx, by, app_id, "app.set_logo", app_id, before=app.logo, after=name)
    if picture is None:
        tx.run(DROP_LOGO, app_id=app_id)
    else:
        tx.run(KEEP_LOGO, app_id=app_id, name=name, picture=stored(picture))
    return save(tx, app, msgspec.structs.replace(app, logo=name))
