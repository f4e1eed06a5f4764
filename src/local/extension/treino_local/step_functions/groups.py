"""Lines that run at the same time: the branches of a Parallel state and the iterations of a Map state."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from treino_local.step_functions.errors import RUNTIME, Interrupted, StateError
from treino_local.step_functions.history import Event
from treino_local.step_functions.lines import Line
from treino_local.step_functions.retries import attempted
from treino_local.step_functions.scopes import Scope
from treino_local.step_functions.visits import Left, Visit


@dataclass
class Job:
    """One branch or iteration."""

    run: Callable[[Line], Any]
    item: Event | None = None
    # What is recorded around an iteration: `MapIteration` with the state's name and the index.
    iteration: Event | None = None


@dataclass
class _Together:
    """What the lines of one state have in common."""

    line: Line
    jobs: list[Job]
    scope: Scope
    changed: threading.Condition = field(default_factory=threading.Condition)
    running: dict[int, Line] = field(default_factory=dict)
    results: dict[int, Any] = field(default_factory=dict)
    following: int = 0
    last: int = 0
    failed: tuple[int, Line, Exception] | None = None


def parallel(visit: Visit) -> Left:
    branches = visit.state["Branches"]

    def attempt() -> Left:
        data = visit.given()
        visit.line.add("ParallelStateStarted")
        jobs = [_branch(branch, data) for branch in branches]
        results = together(visit.line, jobs, len(jobs))
        visit.line.beside("ParallelStateSucceeded")
        return visit.leave(results)

    return attempted(visit, attempt, lambda: visit.line.add("ParallelStateFailed"))


def _branch(machine: dict[str, Any], data: Any) -> Job:
    return Job(lambda line: line.execution.walk(line, machine, data))


def together(line: Line, jobs: list[Job], limit: int) -> list[Any]:
    """The results of all jobs, of which so many run at a time. The first failure interrupts the others."""
    all_of_them = _Together(line, jobs, Scope(line.scope), last=line.last)
    try:
        if min(limit, len(jobs)) <= 1:
            _work(all_of_them, None)
        else:
            # The first iterations begin in their order.
            begun = [_begin(all_of_them, line.last) for _ in range(min(limit, len(jobs)))]
            for first in begun:
                context = contextvars.copy_context()
                threading.Thread(target=context.run, args=(_work, all_of_them, first), daemon=True).start()
        with line.scope.calling(lambda: _awaken(all_of_them)), all_of_them.changed:
            all_of_them.changed.wait_for(
                lambda: all_of_them.failed or len(all_of_them.results) == len(jobs) or line.scope.cancelled
            )
        line.scope.check()
        if all_of_them.failed:
            _fail(all_of_them)
        line.last = all_of_them.last
        return [all_of_them.results[at] for at in range(len(jobs))]
    finally:
        all_of_them.scope.cancel()
        all_of_them.scope.close()


def _awaken(all_of_them: _Together) -> None:
    with all_of_them.changed:
        all_of_them.changed.notify_all()


def _begin(all_of_them: _Together, last: int) -> tuple[int, Line] | None:
    """The next job, with its line; none where all have begun."""
    with all_of_them.changed:
        at = all_of_them.following
        if at >= len(all_of_them.jobs) or all_of_them.failed:
            return None
        all_of_them.following += 1
        job = all_of_them.jobs[at]
        line = all_of_them.line.branch(all_of_them.scope, job.item)
        line.last = last
        all_of_them.running[at] = line
    if job.iteration:
        line.add("MapIterationStarted", job.iteration)
    return at, line


def _work(all_of_them: _Together, begun: tuple[int, Line] | None) -> None:
    """Runs one job after the other."""
    last = all_of_them.line.last
    try:
        while True:
            begun = begun or _begin(all_of_them, last)
            if begun is None:
                return
            at, line = begun
            begun = None
            job = all_of_them.jobs[at]
            try:
                result = job.run(line)
                # The iteration that follows here follows from this one's last state.
                last = line.last
                if job.iteration:
                    line.add("MapIterationSucceeded", job.iteration)
            except Interrupted:
                return
            except Exception as error:
                # Whatever it is, the state fails with it, in the thread that waits.
                with all_of_them.changed:
                    all_of_them.running.pop(at, None)
                    if not all_of_them.failed:
                        all_of_them.failed = (at, line, error)
                    all_of_them.changed.notify_all()
                return
            with all_of_them.changed:
                all_of_them.running.pop(at, None)
                all_of_them.results[at] = result
                all_of_them.last = line.last
                all_of_them.changed.notify_all()
    except Interrupted:
        return
    except Exception as error:
        # Not a job's own: the history is full before the next one begins.
        with all_of_them.changed:
            all_of_them.failed = all_of_them.failed or (0, all_of_them.line, error)
            all_of_them.changed.notify_all()


def _fail(all_of_them: _Together) -> None:
    """Interrupts what still runs, records it, and raises the failure."""
    assert all_of_them.failed is not None
    at, line, error = all_of_them.failed
    all_of_them.scope.cancel()
    outer = all_of_them.line
    outer.last = line.last
    if isinstance(error, StateError) and not (error.terminal and error.error == RUNTIME):
        if all_of_them.jobs[at].iteration:
            outer.beside("MapIterationFailed", all_of_them.jobs[at].iteration)
        if line.visit and line.visit.kind == "Task" and line.visit.scheduled:
            outer.beside("TaskStateAborted")
        with all_of_them.changed:
            others = sorted(all_of_them.running.items())
        for place, other in others:
            if all_of_them.jobs[place].iteration:
                outer.beside("MapIterationAborted", all_of_them.jobs[place].iteration)
            if other.visit:
                outer.beside(f"{other.visit.kind}StateAborted")
    raise error
