"""Who takes the steps of a call: one blocks, the other is awaited."""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

import anyio
import anyio.to_thread
import httpx

from blackbar.connection import answered, prepared, transport_error
from blackbar.proof import Search
from blackbar.steps import Answer, Patience, Pause, Step, Steps, with_patience

P = ParamSpec("P")
T = TypeVar("T")


class Runner:
    """Takes steps and blocks."""

    def __init__(self, http: httpx.Client, patience: Patience) -> None:
        self.http, self.patience = http, patience

    def run(self, steps: Steps[T]) -> T:
        """Take all steps and return the result."""
        taken = with_patience(steps, self.patience)
        is_interrupted = False
        try:
            step = next(taken)
            while True:
                try:
                    answer = self._take(step, is_interrupted)
                except BaseException as exc:
                    is_interrupted = is_interrupted or not isinstance(exc, Exception)
                    step = taken.throw(exc)
                else:
                    step = taken.send(answer)
        except StopIteration as end:
            result: T = end.value
            return result

    def _take(self, step: Step, is_hurried: bool) -> Answer:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return Answer(0, {})
        if isinstance(step, Search):
            return Answer(0, {}, step.run())
        try:
            request = prepared(self.http, step, is_hurried=is_hurried)
            response = self.http.send(request, stream=True)
            try:
                if step.sink is None or not response.is_success:
                    return answered(response, response.read())
                for chunk in response.iter_bytes():
                    step.sink.write(chunk)
                return answered(response, b"")
            finally:
                response.close()
        except httpx.HTTPError as exc:
            error = transport_error(exc)
        raise error


class AsyncRunner:
    """Takes steps and is awaited."""

    def __init__(self, http: httpx.AsyncClient, patience: Patience) -> None:
        self.http, self.patience = http, patience

    async def run(self, steps: Steps[T]) -> T:
        """Take all steps and return the result."""
        taken = with_patience(steps, self.patience)
        is_interrupted = False
        try:
            step = next(taken)
            while True:
                try:
                    # What is left to do then has to be done in a scope that was cancelled.
                    with anyio.CancelScope(shield=is_interrupted):
                        answer = await self._take(step, is_interrupted)
                except BaseException as exc:
                    is_interrupted = is_interrupted or not isinstance(exc, Exception)
                    step = taken.throw(exc)
                else:
                    step = taken.send(answer)
        except StopIteration as end:
            result: T = end.value
            return result

    async def _take(self, step: Step, is_hurried: bool) -> Answer:
        if isinstance(step, Pause):
            await anyio.sleep(step.seconds)
            return Answer(0, {})
        if isinstance(step, Search):
            return Answer(0, {}, await anyio.to_thread.run_sync(step.run))
        try:
            request = prepared(self.http, step, is_hurried=is_hurried)
            response = await self.http.send(request, stream=True)
            try:
                if step.sink is None or not response.is_success:
                    return answered(response, await response.aread())
                async for chunk in response.aiter_bytes():
                    step.sink.write(chunk)
                return answered(response, b"")
            finally:
                await response.aclose()
        except httpx.HTTPError as exc:
            error = transport_error(exc)
        raise error


class Group:
    """Calls that belong together, on a blocking client."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner


class AsyncGroup:
    """The same on one that is awaited."""

    def __init__(self, runner: AsyncRunner) -> None:
        self._runner = runner


def blocking(steps: Callable[P, Steps[T]]) -> Callable[Concatenate[Group, P], T]:
    """Return a method that takes steps and blocks."""

    def method(self: Group, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._runner.run(steps(*args, **kwargs))

    _dress(method, steps)
    return method


def awaited(steps: Callable[P, Steps[T]]) -> Callable[Concatenate[AsyncGroup, P], Awaitable[T]]:
    """Return a method that takes steps and is awaited."""

    async def method(self: AsyncGroup, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._runner.run(steps(*args, **kwargs))

    _dress(method, steps)
    return method


def _dress(method: Any, steps: Callable[..., Any]) -> None:
    """Give a method the name, words and parameters of its steps, behind self."""
    update_wrapper(method, steps)
    del method.__wrapped__
    signature = inspect.signature(steps)
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    method.__signature__ = signature.replace(
        parameters=[own, *signature.parameters.values()],
        return_annotation=inspect.Signature.empty,
    )
