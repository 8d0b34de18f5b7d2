"""What a comparison was made with: version, fit, data and options, and how two of them differ."""

from __future__ import annotations

from typing import NamedTuple

from simulation.engine.findings import Seed, Word
from simulation.engine.result_folder import ExperimentManifest
from simulation.parameters.fitted import window_name
from simulation.statistics.finding import Count, Finding
from simulation.studies.compare import ComparisonFindings

#: letters of a hash that are shown
_LETTERS = 8


class Provenance(Finding):
    """The provenance of a comparison: versions, assumptions, data and size.

    Attributes:
        version: Of crossings.
        commit: Of the code; None where it ran from no checkout.
        source: Hash of all code and data of the package.
        model: Hash of the code and data that numbers depend on.
        assumptions: `records`, `ranges` or `fitted`.
        ensemble: Hash of the fitted ensemble; None where none was drawn from.
        window: First and last month of its fit.
        data: Hash of the tables of figures.
        published: The latest day or month on which a table was published.
        observed_until: Last month that all data cover.
        scale: Share of the people simulated.
        seed: Seed of the first pair.
        pairs: Pairs of runs that finished.
        days: Days counted.
        settings: What else it was asked.
        scenarios: Hash of each scenario, the baseline first.
    """

    version: Word
    commit: str | None
    source: Word
    model: Word
    assumptions: Word
    ensemble: str | None
    window: list[str] | None
    data: Word
    published: Word
    observed_until: str | None
    scale: float
    seed: Seed
    pairs: Count
    days: Count
    settings: dict[str, object]
    scenarios: list[str]

    @property
    def basis(self) -> str:
        """Where the assumptions come from, in words that name the fit."""
        if self.ensemble is None:
            return {"ranges": "ranges", "records": "central values"}[self.assumptions]
        window = window_name(*self.window) if self.window else "no recorded window"
        return f"fit of {window} ({self.ensemble[:_LETTERS]})"

    @property
    def facts(self) -> dict[str, str]:
        """Each thing that can differ, by what it is called."""
        hashes = [one[:_LETTERS] for one in self.scenarios]
        return {
            "version": self.version,
            "source": self.source,
            "model": self.model,
            "assumptions": self.basis,
            "data": f"published to {self.published} ({self.data[:_LETTERS]})",
            "scale": f"{self.scale:g}",
            "pairs": str(self.pairs),
            "first seed": str(self.seed),
            "settings": ", ".join(f"{key} {value}" for key, value in self.settings.items()),
            "baseline": hashes[0],
            "scenarios": ", ".join(hashes[1:]),
        }


def provenance_of(manifest: ExperimentManifest, findings: ComparisonFindings) -> Provenance:
    """The provenance of a finished comparison.

    Args:
        manifest: Of its folder.
        findings: Its findings.
    """
    identity, data = manifest.identity, manifest.data
    published = data.get("published")
    dates = [str(one) for one in published.values()] if isinstance(published, dict) else []
    return Provenance(
        version=manifest.versions.get("crossings", ""),
        commit=manifest.commit,
        source=manifest.source,
        model=identity.model_hash,
        assumptions=findings.assumptions,
        ensemble=identity.fitted_hash,
        window=None if findings.fitted is None else findings.fitted.window,
        data=str(data.get("hash", "")),
        published=max(dates, default="no recorded day"),
        observed_until=findings.observed_until,
        scale=identity.scale,
        seed=identity.seed,
        pairs=findings.replications,
        days=identity.days,
        settings=identity.settings,
        scenarios=[checksum for _, checksum in identity.cases],
    )


class Change(NamedTuple):
    """A thing that differs between two comparisons, and what it was in each."""

    what: str
    old: str
    new: str


def changes(old: Provenance, new: Provenance) -> list[Change]:
    """The differences in provenance between two comparisons."""
    after = new.facts
    return [
        Change(what, before, after[what])
        for what, before in old.facts.items()
        if before != after[what]
    ]
