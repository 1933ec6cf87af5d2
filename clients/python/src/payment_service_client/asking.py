"""How a group of calls gets its methods: each call is written once, and asked in either face."""

import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, overload

from payment_service_client.call import Call

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Part(Protocol[T_co]):
    """Of a list; `next_after` leads to the next one while there is more."""

    @property
    def data(self) -> Sequence[T_co]: ...
    @property
    def has_more(self) -> bool: ...
    @property
    def next_after(self) -> str | int | None: ...


class Sender(Protocol):
    def send(self, call: Call[T], /, stop: threading.Event | None = None) -> T: ...


class AsyncSender(Protocol):
    async def send(self, call: Call[T], /) -> T: ...


class Group:
    """Calls about one kind of thing."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender


class AsyncGroup:
    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender


class asks(Generic[P, T]):  # noqa: N801 - it stands where a method would
    """A method that sends the call and gives its answer."""

    def __init__(self, make: Callable[P, Call[T]]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, group: None, owner: Any) -> "asks[P, T]": ...
    @overload
    def __get__(self, group: Group, owner: Any) -> Callable[P, T]: ...
    @overload
    def __get__(self, group: AsyncGroup, owner: Any) -> Callable[P, Awaitable[T]]: ...
    def __get__(self, group: Any, owner: Any) -> Any:
        if group is None:
            return self

        def ask(*args: P.args, **kwargs: P.kwargs) -> Any:
            return group._sender.send(self._make(*args, **kwargs))

        ask.__doc__ = self.__doc__
        return ask


class walks(Generic[P, T]):  # noqa: N801
    """A method that gives everything in a list, asking for the next page when it is reached."""

    def __init__(self, make: Callable[P, Call[Part[T]]]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, group: None, owner: Any) -> "walks[P, T]": ...
    @overload
    def __get__(self, group: Group, owner: Any) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, group: AsyncGroup, owner: Any) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, group: Any, owner: Any) -> Any:
        if group is None:
            return self
        walk = _walk_async if isinstance(group, AsyncGroup) else _walk

        def go(*args: P.args, **kwargs: P.kwargs) -> Any:
            return walk(group._sender, self._make(*args, **kwargs))

        go.__doc__ = self.__doc__
        return go


def _walk(sender: Sender, call: Call[Part[T]]) -> Iterator[T]:
    while True:
        page = sender.send(call)
        yield from page.data
        if not page.has_more or page.next_after is None:
            return
        call = call.after(page.next_after)


async def _walk_async(sender: AsyncSender, call: Call[Part[T]]) -> AsyncIterator[T]:
    while True:
        page = await sender.send(call)
        for one in page.data:
            yield one
        if not page.has_more or page.next_after is None:
            return
        call = call.after(page.next_after)
