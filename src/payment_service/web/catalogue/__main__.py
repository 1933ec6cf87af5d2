"""Prints docs/errors.md."""

import sys

from payment_service.web.catalogue.page import errors_page

sys.stdout.write(errors_page())
