"""Units and their checks. A check's docstring is its line in the rubric; registering one is decorating it.

unit = ServerUnit(__doc__, "tcp_server", section="21.2.1.1", starts=Serve("TCPServer", default_port=8888))

@unit.check(points=10)
@given(text=texts())
def answers_a_text(server: Server, text: str) -> None:
    '''原样带前缀回答一段文字。 Answers a text with the prefix and the text.'''
    with server.connect("A") as a:
        a.send(text)
        a.expect(echo_of(text))
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from hypothesis.strategies import SearchStrategy

from graders.core.results import Tier
from graders.core.text import Text
from graders.core.wire.ports import FixedPort

#: The folders of units, in the order of the lesson; the same names as in a submission.
TIERS = ("examples", "exercises", "challenges")

CheckFunction = Callable[..., None]


def given(**strategies: SearchStrategy[Any]) -> Callable[[CheckFunction], CheckFunction]:
    """Generate these arguments of a check, as many times as its ``cases`` and the budget say."""

    def attach(function: CheckFunction) -> CheckFunction:
        function.strategies = strategies  # type: ignore[attr-defined]
        return function

    return attach


class Actor(StrEnum):
    """What a check converses with; units with a server give SERVER unless a check says otherwise."""

    SERVER = "server"  # a Server that listens
    STOPPED = "stopped"  # a Server that the check starts itself
    PROGRAM = "program"  # a Program with the module imported
    BARE = "bare"  # the Sandbox alone, for scripts
    WINDOW = "window"  # a Window of the check's module


@dataclass(frozen=True)
class Check:
    id: str
    title: Text
    function: CheckFunction
    points: int
    tier: Tier
    needs: tuple[str, ...]
    strategies: Mapping[str, SearchStrategy[Any]]
    cases: int  # conversations to try at budget 1; 1 where nothing is generated
    diagnosis: str | None  # where the oracle has none of its own
    options: Mapping[str, Any]  # keyword arguments for the program's start or constructor
    fresh: bool  # a new process for every case
    actor: Actor  # what the function is given first
    module: str = ""  # the second module that it grades; "" for the unit's own
    ports: tuple[FixedPort, ...] = ()  # that its conversations have to themselves

    @property
    def alone(self) -> bool:
        """Whether every case has a process of its own, so that no earlier one can matter to it.

        A check that starts its program itself would meet the one of the case before: on its port.
        """
        return self.fresh or self.actor not in (Actor.SERVER, Actor.PROGRAM)


@dataclass(frozen=True)
class Serve:
    """How the program's server is started: ``cls(host=…, port=…, **options).method()``."""

    cls: str
    method: str = "start"
    default_port: int = 0
    transport: str = "tcp"


@dataclass(frozen=True)
class ServeWsgi:
    """The program offers a WSGI application, which the sandbox serves: ``app``, or ``factory(**options)``."""

    app: str
    factory: bool = False
    default_port: int = 5000
    transport: str = "tcp"


@dataclass
class Unit:
    """One module to implement and its checks, in the order in which they run."""

    docstring: str | None
    name: str
    section: str
    offers: Mapping[str, Iterable[str]]  # public names: classes with their methods, functions with none
    starts: Serve | ServeWsgi | None = None  # a server; None for modules that are called
    clients: int = 0  # how many clients at once it is graded with; its limits grow with them
    modules: tuple[str, ...] = ()  # others beside it, optional: a check says which one it grades
    tier_folder: str = ""
    checks: dict[str, Check] = field(default_factory=dict)

    @property
    def title(self) -> Text:
        return Text.parse((self.docstring or "").split("\n\n")[0])

    @property
    def path(self) -> str:
        """Of the module, inside a submission."""
        return self.path_of(self.name)

    def path_of(self, module: str) -> str:
        """Of one of its modules, inside a submission."""
        return f"{self.tier_folder}/{module}.py"

    def check(
        self,
        *,
        points: int,
        tier: str = "core",
        needs: Iterable[str] = (),
        cases: int = 25,
        diagnosis: str | None = None,
        options: Mapping[str, Any] | None = None,
        fresh: bool = False,
        actor: str = "",
        module: str = "",
        ports: Iterable[str] = (),
        id: str | None = None,
    ) -> Callable[[CheckFunction], CheckFunction]:
        """Register a check. Raises ValueError for what a reader of the rubric would stumble over."""

        def register(function: CheckFunction) -> CheckFunction:
            name = id or function.__name__
            if name in self.checks:
                raise ValueError(f"{self.name}: two checks are called {name}")
            if unknown := [need for need in needs if need not in self.checks]:
                raise ValueError(f"{self.name}.{name} needs {unknown}, which must be registered before it")
            if module and module not in self.modules:
                raise ValueError(f"{self.name}.{name} grades {module}, which is none of the unit's modules")
            strategies = getattr(function, "strategies", {})
            self.checks[name] = Check(
                id=name,
                title=Text.parse(function.__doc__),
                function=function,
                points=points,
                tier=Tier(tier),
                needs=tuple(needs),
                strategies=strategies,
                cases=cases if strategies else 1,
                diagnosis=diagnosis,
                options=dict(options or {}),
                fresh=fresh,
                actor=Actor(actor) if actor else (Actor.SERVER if self.starts else Actor.PROGRAM),
                module=module,
                ports=tuple(map(FixedPort.parse, ports)),
            )
            return function

        return register


@cache
def all_units() -> dict[str, Unit]:
    """Every unit by name, in the order of the lesson's sections: the files in the tier folders, no list to keep."""
    found: list[Unit] = []
    for tier in TIERS:
        package = importlib.import_module(f"graders.{tier}")
        for module in pkgutil.iter_modules(package.__path__):
            unit: Unit = importlib.import_module(f"graders.{tier}.{module.name}").unit
            unit.tier_folder = tier
            if unit.name != module.name:
                raise ValueError(f"graders/{tier}/{module.name}.py calls its unit {unit.name}")
            found.append(unit)
    found.sort(
        key=lambda unit: ([int(part) for part in unit.section.split(".")], TIERS.index(unit.tier_folder), unit.name)
    )
    return {unit.name: unit for unit in found}
