"""What of an effect on arrivals is arithmetic, what follows from the model, and what is assumed.

It is for levers that take people out of the flow. Returns after arrival admit others, who no longer
cross; units at sea prevent attempts. Both are counted in the runs. What is left of the effect
follows from prices, boats, routes and second tries, which were fitted. A landing stays an arrival
though the person is returned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from simulation.engine.findings import OutcomeEffects
from simulation.outcomes import HEADLINE
from simulation.scenario import Scenario
from simulation.scenario.levers.base import Lever
from simulation.scenario.levers.borders import InterceptionAtSea
from simulation.scenario.levers.entry import Returns, Visa
from simulation.scenario.levers.return_after_arrival import ReturnAfterArrival
from simulation.scenario.scenario import not_in
from simulation.statistics.finding import Finding

#: kind of lever -> what it counts, each of which is one arrival fewer
_COUNTED: Mapping[type[Lever], str] = {
    ReturnAfterArrival: "admitted_legally",
    InterceptionAtSea: "channel_prevented",
}
#: records on which the response to the risk of a return rests
_DETERRENCE = ("removal.opt_out_elasticity", "removal.loss")
#: kinds of lever by which a share of people no longer sets out
_PUT_IN = (Returns, Visa)


class EffectSplit(Finding):
    """Parts of the effect on small-boat arrivals over the whole run, in people.

    Attributes:
        arithmetic: By outcome, how much more of it there is: each is an arrival fewer, at most.
        returned: How many more are returned after arrival; None where the two scenarios return
            people alike.
        rest: What is left of the effect on arrivals, above zero for more; None where that has no
            direction, or nothing is counted.
        deterrence: Records of the response to the risk of a return; empty where none is assumed.
        put_in: Sizes that are put in and no result: records, or keys of levers.
    """

    arithmetic: dict[str, float]
    returned: float | None = None
    rest: float | None = None
    deterrence: list[str]
    put_in: list[str]


def effect_split(
    outcomes: Mapping[str, OutcomeEffects], base: Scenario, scenario: Scenario
) -> EffectSplit | None:
    """The parts of the effect on arrivals; None where no lever takes people out of the flow.

    Args:
        outcomes: The effects by outcome.
        base: What the scenario is compared with.
        scenario: The scenario.
    """
    kinds: tuple[type[Lever], ...] = (*_COUNTED, *_PUT_IN)
    levers = [lever for kind in kinds for lever in _changed(base.of(kind), scenario.of(kind))]
    if not levers:
        return None

    def more(outcome: str) -> float:
        return outcomes[outcome].periods["run"].mean_difference or 0.0

    counted = {
        outcome: more(outcome)
        for kind, outcome in _COUNTED.items()
        if any(isinstance(lever, kind) for lever in levers)
    }
    arrivals = outcomes[HEADLINE].periods["run"]
    # pairs with many people weigh more in people than in percent, by which a direction is judged
    has_direction = arrivals.detectable and arrivals.way * more(HEADLINE) > 0.0
    returns = [lever for lever in levers if isinstance(lever, ReturnAfterArrival)]
    deterring = any(lever.deterrence for lever in returns)
    return EffectSplit(
        arithmetic=counted,
        returned=more("returned_after_arrival") if returns else None,
        rest=more(HEADLINE) + sum(counted.values()) if counted and has_direction else None,
        deterrence=[*_DETERRENCE] if deterring else [],
        put_in=[
            *dict.fromkeys(
                lever.assumes[0] if lever.effect is None else f"{lever.section}.effect"
                for lever in levers
                if isinstance(lever, _PUT_IN)
            )
        ],
    )


def _changed(before: Iterable[Lever], after: Iterable[Lever]) -> list[Lever]:
    """The levers that one of two scenarios has and the other has not."""
    before, after = [*before], [*after]
    return [lever for _, lever in (*not_in(after, before), *not_in(before, after))]
