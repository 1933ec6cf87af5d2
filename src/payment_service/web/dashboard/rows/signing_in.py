"""The way in, for those who are not signed in, and the proof of who still sits there."""

from payment_service.web.dashboard import first, shown, sign_in, step_up
from payment_service.web.dashboard.guard_row import Guard

ROWS: tuple[Guard, ...] = (
    Guard("GET", "/sign-in", None, sign_in.show_sign_in),
    Guard("POST", "/sign-in", None, sign_in.give_password, page=sign_in.show_sign_in),
    Guard("POST", "/sign-in/passkey", None, sign_in.give_passkey, page=sign_in.show_sign_in),
    Guard("GET", "/sign-in/second", None, sign_in.show_second),
    Guard("POST", "/sign-in/second", None, sign_in.give_code, page=sign_in.show_second),
    Guard("POST", "/sign-in/leave", None, sign_in.leave),
    Guard("GET", "/first", None, first.show_code),
    Guard("POST", "/first", None, first.give_code, page=first.show_code),
    Guard("GET", "/first/password", None, first.show_password),
    Guard("POST", "/first/password", None, first.choose_password, page=first.show_password),
    Guard("GET", "/first/factor", None, first.show_factor),
    Guard("POST", "/first/totp", None, first.begin_with_totp, page=first.show_factor),
    Guard("POST", "/first/passkey", None, first.begin_with_passkey, page=first.show_factor),
    Guard("POST", "/language", None, shown.choose_language),
    Guard("GET", "/step-up", "viewer", step_up.show_step_up),
    Guard("POST", "/step-up", "viewer", step_up.step_up, page=step_up.show_step_up),
)  # fmt: skip
