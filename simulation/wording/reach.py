"""The sentences of a search for what reaches a goal, and of proposals that runs verify."""

from __future__ import annotations

from simulation.engine.findings import Effect
from simulation.estimates.reach import ReachFindings
from simulation.estimates.verification import Condition, Proposal, ProposedFindings, Verdict
from simulation.wording import estimate, quoting
from simulation.wording.quoting import number_of
from simulation.wording.worlds import IF

#: what stands where nothing was run, or too little
NOT_RUN, TOO_FEW = "not run", "too few sets"
#: the largest share of worlds that is stated
_MOST = 0.99


def asked(condition: Condition) -> str:
    """A condition in a few words: `Small-boat arrivals: a fall of 10% or more`."""
    way = "fall" if condition.percent < 0.0 else "rise"
    if not condition.percent:
        return f"{condition.label}: no {'rise' if condition.most else 'fall'}"
    beyond = condition.most == (condition.percent < 0.0)
    size = f"{abs(condition.percent):g}% or {'more' if beyond else 'less'}"
    return f"{condition.label}: a {way} of {size}"


def headline(findings: ReachFindings) -> list[str]:
    """Whether the levers reach the goal, by the estimate and by the runs."""
    assert findings.goal is not None
    share = f"in {findings.share:.0%} of worlds or more"
    what = f"{asked(findings.goal)}, in {findings.year}, {share}"
    if findings.budget is not None:
        what += f", with at most GBP {findings.budget:g} million a year"
    if not findings.within:
        lines = [f"{what}: not within these levers, by estimate."]
        for one in findings.proposals:
            lines.append(f"How far they go, by estimate: {_estimated(one.verdicts[0])}.")
            if findings.verified:
                lines.append(f"By the runs: {_run(findings, one)}.")
        return lines
    lines = [f"{what}: {number_of(len(findings.proposals), 'proposal')}, by estimate."]
    if findings.verified:
        good = sum(holds(findings, one) for one in findings.proposals)
        pairs = number_of(findings.replications, "pair")
        verb = "does" if good == 1 else "do"
        lines.append(f"By {pairs} of runs, {good} of {len(findings.proposals)} {verb} it.")
    return lines


def holds(findings: ReachFindings, proposal: Proposal) -> bool:
    """Whether runs meet all conditions of a proposal in enough worlds.

    One on deaths is met where these do not rise in all but few worlds.
    """
    for one in proposal.verdicts:
        if one.condition.estimated:
            if one.share is None or one.share < findings.share:
                return False
        elif (entry := _entry(findings, proposal, one)) and entry.verdict == "rise":
            return False
    return True


def by_path(verdict: Verdict) -> str:
    """In how many worlds of each third of the paths a condition fails; empty without runs."""
    parts = [
        f"{IF[part].lower()}, {fails(share)}"
        for part, share in verdict.by_path.items()
        if share is not None
    ]
    return f"By the runs, it fails {'; '.join(parts)}." if parts else ""


def fails(share: float | None, none: str = TOO_FEW) -> str:
    """In how many worlds a condition fails, from the share that meets it."""
    # never in all of them: so few worlds cannot say that
    return none if share is None else f"in {min(1.0 - share, _MOST):.0%}"


def effect_cells(
    findings: ProposedFindings, proposal: Proposal, verdict: Verdict
) -> tuple[str, str]:
    """The effect by the estimate and by the runs, its middle over its range."""
    name, entry = verdict.condition.outcome, _entry(findings, proposal, verdict)
    by_estimate = "runs only" if verdict.estimate is None else _cell(name, verdict.estimate)
    return by_estimate, NOT_RUN if entry is None else _cell(name, entry)


def rests_on(findings: ProposedFindings) -> list[str]:
    """What the proposals rest on, and what an optimiser does."""
    return [
        "A search seeks the thresholds of a model, so what it proposes fails more often than "
        "what was not sought. Read in how many worlds it fails.",
        *estimate.rests_on(findings.estimated_from, findings.changed),
    ]


def _estimated(verdict: Verdict) -> str:
    assert verdict.estimate is not None
    name = verdict.condition.outcome
    return f"{quoting.median(name, verdict.estimate)} ({quoting.plausible(name, verdict.estimate)})"


def _run(findings: ProposedFindings, proposal: Proposal) -> str:
    verdict = proposal.verdicts[0]
    entry = _entry(findings, proposal, verdict)
    assert entry is not None
    return ", ".join(_cell(verdict.condition.outcome, entry).split("\n"))


def _entry(findings: ProposedFindings, proposal: Proposal, verdict: Verdict) -> Effect | None:
    """The effect by the runs."""
    run = findings.effects_of(proposal)
    return None if run is None else run.effect(verdict.condition.outcome)


def _cell(name: str, entry: Effect) -> str:
    """The middle of an effect over its range; of deaths the range and its direction."""
    inside = quoting.plausible(name, entry)
    if name in quoting.RANGE_ONLY:
        return f"{inside}\n{direction(entry)}" if inside else quoting.NOT_QUOTED
    middle = quoting.median(name, entry)
    return f"{middle}\n{inside}" if inside else quoting.whole(name, entry)


def direction(entry: Effect) -> str:
    """The direction of an effect, if it has one."""
    return {"rise": "a rise", "fall": "a fall"}.get(entry.verdict, "no direction")
