"""Calls in a thread of their own, so that the window never waits; what they bring is dealt with on the main thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from com.sun.star.lang import DisposedException

from examkit_office.gateway import Gateway, Report
from examkit_office.key_store import find_key
from examkit_office.listeners import OnMainThread
from examkit_office.messages import tell_refusal
from examkit_office.office import Office
from examkit_office.progress import Progress
from examkit_office.refusal import RefusedError
from examkit_office.wire import CancelledError, Wire

Result = TypeVar("Result")


@dataclass(frozen=True)
class Ends(Generic[Result]):
    """What follows, on the main thread: an answer, a refusal, or nothing any more."""

    done: Callable[[Result], None]
    failed: Callable[[RefusedError], None]
    cancelled: Callable[[], None] = lambda: None


def in_background(
    office: Office,
    work: Callable[[Gateway, Report], Result],
    done: Callable[[Result], None],
    gone: Callable[[], None] = lambda: None,
) -> None:
    """Work beside the open document; without an answer say why, unless it was cancelled, and then be gone."""

    def failed(refusal: RefusedError) -> None:
        gone()
        tell_refusal(office, refusal)

    progress = Progress(office, lambda action: on_main_thread(office, action))
    wire = ask(office, lambda gateway: work(gateway, progress.report), _after(progress, Ends(done, failed, gone)))
    progress.begin(wire.cancel)


def ask(office: Office, work: Callable[[Gateway], Result], ends: Ends[Result]) -> Wire:
    """Work in a thread; give what it can be broken off by."""
    preferences = office.preferences()
    wire = Wire(
        preferences.address,
        find_key(office, preferences.address),
        timeout_seconds=preferences.timeout_seconds,
        certificate_file=preferences.certificate_file,
    )
    threading.Thread(target=_work, args=(office, wire, work, ends), daemon=True).start()
    return wire


def on_main_thread(office: Office, action: Callable[[], None]) -> None:
    """Have something done by the main thread, soon; a document that was closed meanwhile ends it."""

    def act() -> None:
        try:
            action()
        except DisposedException:
            return
        except Exception as trouble:  # noqa: BLE001 - whatever it is, the examiner must hear of it
            tell_refusal(office, RefusedError("unexpected", detail=type(trouble).__name__))

    office.service("com.sun.star.awt.AsyncCallback").addCallback(OnMainThread(act), None)


def _work(office: Office, wire: Wire, work: Callable[[Gateway], Any], ends: Ends[Any]) -> None:
    end = _outcome(Gateway(wire), work, ends)
    on_main_thread(office, lambda: ends.cancelled() if wire.is_cancelled.is_set() else end())


def _outcome(gateway: Gateway, work: Callable[[Gateway], Any], ends: Ends[Any]) -> Callable[[], None]:
    try:
        result = work(gateway)
    except CancelledError:
        return ends.cancelled
    except RefusedError as refusal:
        reason = refusal
    except Exception as trouble:  # noqa: BLE001 - whatever it is, the examiner must hear of it
        reason = RefusedError("unexpected", detail=type(trouble).__name__)
    else:
        return lambda: ends.done(result)
    return lambda: ends.failed(reason)


def _after(progress: Progress, ends: Ends[Result]) -> Ends[Result]:
    """Take the progress away before whatever follows."""

    def done(result: Result) -> None:
        progress.close()
        ends.done(result)

    def failed(refusal: RefusedError) -> None:
        progress.close()
        ends.failed(refusal)

    def cancelled() -> None:
        progress.close()
        ends.cancelled()

    return replace(ends, done=done, failed=failed, cancelled=cancelled)
