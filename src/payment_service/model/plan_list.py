"""Lists of plans, newest first."""

from sqlalchemy import Text, and_, or_

from payment_service.kit.statements import param, query, rows_of
from payment_service.model.page import Walk, of_page, walk_of
from payment_service.model.plan import Plan, plans

_archived = param("archived", Text)
OF_APP = walk_of(
    plans,
    [plans.c.app_id == param("app_id")],
    or_(
        _archived.is_(None),
        and_(_archived == "yes", plans.c.archived_at.is_not(None)),
        and_(_archived == "no", plans.c.archived_at.is_(None)),
    ),
)
PLANS_LISTED = query(of_page(rows_of(Plan), plans.c.id), Plan)


def walk_plans(app_id: str, *, archived: bool | None) -> Walk:
    """All of them where `archived` is None."""
    words = {None: None, True: "yes", False: "no"}
    return Walk(OF_APP, {"app_id": app_id, "archived": words[archived]})
