"""The admin routes: which versions a running service holds, and which of them answer.

GET /admin/versions tells; POST /admin/versions/load, /unload and /rollback change, and answer what GET does once this
worker has followed; the others follow within a second. Every call carries ``Authorization: Bearer <token>``.
"""

import asyncio
import hmac
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from stillroom.serving.body import read_body
from stillroom.serving.document import parse
from stillroom.serving.errors import RefusedError
from stillroom.serving.follower import Follower
from stillroom.serving.settings import PREFIX, ServiceConfig
from stillroom.serving.state import State

logger = logging.getLogger(__name__)
VARIABLE = f"{PREFIX}ADMIN_TOKEN"
LONGEST = 10_000
Number = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$", max_length=63)]
Answer = Callable[[Request], Awaitable[Response]]


class Asked(BaseModel, ABC):
    """The body of a call: a change of the state."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @abstractmethod
    def change(self, state: State) -> State:
        """The state after it; raises RefusedError."""


class Load(Asked):
    """A version to load, and its part: the default, a canary with this share, or only for who asks for it."""

    version: Number
    default: Literal[True] | None = None
    canary: float | None = Field(default=None, ge=0, le=1)

    @model_validator(mode="after")
    def _one_part(self) -> Self:
        if self.default and self.canary is not None:
            raise ValueError("a version is the default or the canary, not both")
        return self

    def change(self, state: State) -> State:
        """The state with it."""
        if self.default:
            return state.with_default(self.version)
        if self.canary is not None:
            return state.with_canary(self.version, self.canary)
        return state.with_loaded(self.version)


class Unload(Asked):
    """A version to let go of."""

    version: Number

    def change(self, state: State) -> State:
        """The state without it."""
        return state.without(self.version)


class Rollback(Asked):
    """Back to what answered before."""

    def change(self, state: State) -> State:
        """The state without the canary, else with the default before."""
        return state.rolled_back()


def admin_routes(follower: Follower, config: ServiceConfig) -> list[BaseRoute]:
    """The routes, for who has the declared token."""
    token = config.admin_token.get_secret_value().encode() if config.admin_token else None

    async def tell(request: Request) -> Response:
        return await _answered(follower)

    def changing(asked: type[Asked]) -> Answer:
        async def change(request: Request) -> Response:
            wanted = await _read(request, asked, config.timeout_seconds)
            await asyncio.to_thread(follower.change, wanted.change)
            logger.warning("%s %r was asked for and done", asked.__name__.lower(), wanted.model_dump(exclude_none=True))
            return await _answered(follower)

        return change

    posts: dict[str, type[Asked]] = {"load": Load, "unload": Unload, "rollback": Rollback}
    return [
        Route("/admin/versions", _guarded(token, tell)),
        *(Route(f"/admin/versions/{n}", _guarded(token, changing(a)), methods=["POST"]) for n, a in posts.items()),
    ]


def _guarded(token: bytes | None, answer: Answer) -> Answer:
    """The answer to who has the token; one sentence to all others, and where the answer is refused."""

    async def guarded(request: Request) -> Response:
        try:
            _check(token, request.headers.get("authorization", ""))
            return await answer(request)
        except RefusedError as refused:
            headers = {"www-authenticate": "Bearer"} if refused.status == 401 else None
            return _json({"error": refused.sentence}, refused.status, headers)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        except OSError as error:
            logger.exception("the state of the versions cannot be read or written")
            return _json({"error": f"the shared state cannot be read or written ({error.strerror})"}, 503)

    return guarded


def _check(token: bytes | None, authorization: str) -> None:
    if token is None:
        raise RefusedError(403, f"the admin routes are closed; set {VARIABLE} to open them to who has that token")
    scheme, _, given = authorization.partition(" ")
    # In constant time, so that its length is all that a wrong guess can learn.
    if not hmac.compare_digest(given.strip().encode("latin-1"), token) or scheme.lower() != "bearer":
        raise RefusedError(401, f"send the token of {VARIABLE} as the header Authorization: Bearer <token>")


async def _read(request: Request, asked: type[Asked], patience: float) -> Asked:
    declared = request.headers.get("content-length")
    body = await read_body(declared.encode() if declared else None, request.receive, LONGEST, patience)
    try:
        return asked.model_validate(parse(body) if body.strip() else {})
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"])) or "the body"
        raise RefusedError(422, f"{where}: {problem['msg']}") from None


async def _answered(follower: Follower) -> Response:
    return _json(await asyncio.to_thread(follower.report))


def _json(document: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(document), status, headers, media_type="application/json")
