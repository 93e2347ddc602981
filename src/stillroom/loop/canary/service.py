"""One replica of the service, by its metrics and its admin routes."""

import os
from typing import Any

import httpx
from click import ClickException

TOKEN = "STILLROOM_SERVING_ADMIN_TOKEN"
SECONDS = 60


class NotLoadedError(ClickException):
    """The service cannot load the version; the message is its own sentence."""


class Service:
    """A running service at ``url``; the token of its admin routes is in the environment, as it is for the service.

    What it refuses is raised as a ClickException with the service's own sentence, a version that it cannot load as
    NotLoadedError; httpx.HTTPError where it cannot be reached or its answer makes no sense.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def metrics(self) -> str:
        """Its metrics in Prometheus' text format."""
        return httpx.get(f"{self.url}/metrics", timeout=SECONDS).raise_for_status().text

    def place(self, number: str, share: float) -> None:
        """Make a version the canary with this share, unless it is that already, or the default."""
        state = self._state()
        if state["default"] != number and (state["canary"], state["canary_share"]) != (number, share):
            self._ask("load", version=number, canary=share)

    def promote(self, number: str) -> None:
        """Let a version answer whoever asks for none."""
        self._ask("load", version=number, default=True)

    def withdraw(self, number: str) -> None:
        """Let a version answer nobody any more, be it the canary or the default by now."""
        state = self._state()
        if number in (state["canary"], state["default"]):
            state = self._ask("rollback")
        if number in state["loaded"]:
            self._ask("unload", version=number)

    def _state(self) -> dict[str, Any]:
        return self._answer(httpx.get(f"{self.url}/admin/versions", headers=self._headers(), timeout=SECONDS))

    def _ask(self, call: str, **body: Any) -> dict[str, Any]:
        url = f"{self.url}/admin/versions/{call}"
        return self._answer(httpx.post(url, json=body, headers=self._headers(), timeout=SECONDS))

    def _answer(self, answer: httpx.Response) -> dict[str, Any]:
        if answer.is_success:
            return dict(answer.json())
        if answer.headers.get("content-type", "").startswith("application/json") and "error" in answer.json():
            refused = NotLoadedError if answer.status_code in (404, 422) else ClickException
            raise refused(f"{self.url}: {answer.json()['error']}")
        raise httpx.HTTPError(f"{self.url} answered {answer.status_code}")

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {os.environ.get(TOKEN, '')}"}
