"""What a person sees when a form comes back."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_summary_names_the_fields_and_takes_the_focus(visit):
    nobody = visit()
    nobody.get("/sign-up")
    nobody.page.locator("form").evaluate("form => form.noValidate = true")
    nobody.page.get_by_role("button", name="Create").click()
    summary = nobody.page.locator("[data-error-summary]")
    assert summary.get_by_role("link").all_inner_texts() == [
        "Your name: Fill this in.",
        "Workspace name: Fill this in.",
        "E-mail: Fill this in.",
        "Password: Fill this in.",
    ]
    assert summary.evaluate("summary => summary === document.activeElement")
    summary.get_by_role("link", name="E-mail").click()
    assert nobody.page.evaluate("document.activeElement.name") == "email"
