"""The results of runs and experiments, as pandas data frames read from their folders."""

from __future__ import annotations

import functools
import os
import shutil
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from simulation.studies.compare import ComparisonFindings

#: columns of CSV files that are words, though one may look like a number ("2023")
_WORDS = frozenset({
    "outcome", "label", "unit", "quote", "period", "month", "leg", "scenario_title", "responses",
    "name", "group", "series", "set", "path", "part", "scenario", "error", "file", "seeds",
    "agreements",
})  # fmt: skip
_DAYS = frozenset({"first", "last"})
_WHOLE = frozenset({"pairs", "sets", "paths", "row", "seed", "point", "rank", "size"})


@dataclass(frozen=True, eq=False)
class Results:
    """A folder of results and what its files say; tables are read when they are asked for.

    Attributes:
        folder: The folder. One that nobody asked for lasts as long as this object does.
        details: Content of `summary.json`.
        ran: Runs of the model done for it; 0 when all were in the folder already.
    """

    folder: Path
    details: dict[str, Any]
    ran: int

    def __repr__(self) -> str:
        return f"<{self.details['kind']} of {self.details['replications']} seeds in {self.folder}>"

    @property
    def notes(self) -> list[str]:
        """What was to be known before the runs: months beyond the data, slips in levers."""
        return [note["text"] for note in self.details.get("notes", ())]

    @property
    def observed_until(self) -> str | None:
        """Last month that the data on people who set out and their origins cover (`2025-12`)."""
        return self.details.get("observed_until")

    @property
    def projected_from(self) -> str | None:
        """First month of the run after the data of some input (`2026-01`); None if none."""
        return self.details.get("projected_from")

    def table(self, name: str) -> pd.DataFrame:
        """A Parquet table of the folder, such as `daily`; days are datetime64, words categories.

        Args:
            name: Its name without an ending, as `docs/results.md` and `docs/compare.md` list them.

        Raises:
            InputError: There is no such table.
        """
        import pyarrow.parquet as pq

        return pq.read_table(self._file(f"{name}.parquet")).to_pandas(date_as_object=False)

    def _csv(self, name: str) -> pd.DataFrame:
        import pandas as pd

        path = self._file(name)
        frame = pd.read_csv(path, dtype="str", keep_default_na=False)
        return frame.assign(**{column: _typed(frame[column]) for column in frame.columns})

    def _file(self, name: str) -> Path:
        from simulation.engine.result_folder import ResultFolder, sha256_of
        from simulation.errors import InputError

        path = self.folder / name
        if path.is_file():
            manifest = ResultFolder(self.folder).manifest()
            recorded = manifest.checksums.get(name) if manifest else None
            if recorded not in (None, sha256_of(path)):
                raise InputError("has changed since it was made", file=path)
            return path
        names = sorted(file.name for file in self.folder.glob(f"*{path.suffix}"))
        raise InputError("there is no such table", file=path, allowed=", ".join(names) or None)


def _typed(texts: pd.Series) -> pd.Series:
    """A column of a CSV file: numbers, days or truth values where all its cells are such."""
    import pandas as pd

    name = str(texts.name)
    if name in _WORDS:
        return texts
    if name in _DAYS and texts.str.fullmatch(r"\d{4}-\d\d-\d\d").all():
        return pd.to_datetime(texts, format="%Y-%m-%d")
    if len(texts) and texts.isin(["true", "false"]).all():
        return texts == "true"
    try:
        # pandas reads numbers by rules of its own, which change with its versions
        numbers = [float(text or "nan") for text in texts]
    except ValueError:
        return texts
    whole = name in _WHOLE and "" not in set(texts)
    return pd.Series([int(text) for text in texts] if whole else numbers, texts.index)


@dataclass(frozen=True, eq=False)
class RunResults(Results):
    """What `simulation.run` gives.

    Attributes:
        failed: Seed -> error of the replications that failed; they are in no table.
    """

    failed: dict[int, str]

    @functools.cached_property
    def summary(self) -> pd.DataFrame:
        """Each outcome by period: (outcomes x periods) rows.

        Columns `outcome`, `label`, `unit`, `quote` (how it may be quoted: `range` for deaths, by
        `low` and `high` only), `period` (`run`, or a year), `first` and `last` day, `mean` and
        `median` over replications in `unit`, `low` and `high` of their range (5-95% of 20 runs or
        more, lowest to highest of fewer, NaN for fewer than four), `projected` (whether some of its
        days lie after the data of an input).
        """
        return self._csv("summary.csv")

    @functools.cached_property
    def daily(self) -> pd.DataFrame:
        """Each outcome by day: (replications x days x outcomes) rows.

        Columns `replication` (from 0), `date`, `outcome`, `value` in the unit of the outcome.
        """
        return self.table("daily")

    @functools.cached_property
    def runs(self) -> pd.DataFrame:
        """Every run by itself.

        Columns `replication` (from 0), `scenario`, `set`, `path`, `seed`, `period`, `outcome`,
        `value`; see `ExperimentResults.runs`.
        """
        return self.table("replications")

    @functools.cached_property
    def legs(self) -> pd.DataFrame:
        """People on each leg by day: (replications x days x legs) rows.

        Columns `replication`, `date`, `leg` (`from>to:mode`), `departures`, `stops`, `arrivals`.
        """
        return self.table("legs")

    @functools.cached_property
    def places(self) -> pd.DataFrame:
        """People at each place by day: columns `replication`, `date`, `place`, `present`."""
        return self.table("places")

    @functools.cached_property
    def authorities(self) -> pd.DataFrame:
        """What each authority knows by day.

        Columns `replication`, `date`, `authority`, `cases` (active smugglers on its ground against
        whom it holds a case), `smugglers` (active smugglers there).
        """
        return self.table("authorities")

    @functools.cached_property
    def chain(self) -> pd.DataFrame:
        """What each link of the chain from facts to arrivals counts by day.

        Columns `replication`, `date`, `authority` (empty where a link belongs to none), `link`
        (docs/results.md lists them), `value` in the unit of the link. What is zero has no row.
        """
        return self.table("chain")

    def __repr__(self) -> str:
        runs = self.details["replications"]
        return f"<{runs} {'run' if runs == 1 else 'runs'} of “{self.details['scenario']}”>"


class ExperimentResults(Results):
    """What a function gives that runs many cases."""

    @functools.cached_property
    def runs(self) -> pd.DataFrame:
        """Every run by itself.

        Columns `case` (number, from 0), `name` of the case, `scenario` (title), `set` (of
        assumptions: `records`, `ranges:5`, `fitted:17:5`), `path` of the months after the data
        (`spread:7`, `central`, `low`, `high`), `seed`, `period`, `outcome`, `value`.
        """
        return self.table("runs")


class ComparisonResults(ExperimentResults):
    """What `simulation.compare` gives."""

    @functools.cached_property
    def differences(self) -> pd.DataFrame:
        """Each outcome by scenario and period: what differs from the baseline.

        Columns `scenario_title`, `period` (`run`, or a year), `outcome`, `quote` (how it may be
        quoted: `percent`; `absolute`, in its unit; or `range` for deaths, by the ends of ranges
        only), `pairs` of runs, how many `sets` and `paths` these have, and medians of `baseline`
        and `scenario` (with `_low` and `_high` their 5-95%).

        The effect over worlds, with what chance adds removed: `plausible_low`, `median` and
        `plausible_high` (5, 50 and 95% of worlds; the ends are NaN for fewer than 20 pairs), with
        their standard errors (`_error`), in `plausible_unit`: `%` of each pair's own baseline, or
        the unit of the outcome; `probability_of_fall` and `probability_of_rise` (NaN for fewer than
        8 sets), and `fall_beyond_1` to `rise_beyond_10`, those of more than 1, 5 and 10%.

        The mean over the pairs: `mean_difference` with `mean_low` and `mean_high` of its 90%
        interval in the unit of the outcome, `mean_percent` with `mean_percent_low` and
        `mean_percent_high` (NaN where none is stated), and `mean_probability` that the mean has its
        sign (NaN for fewer than 8 pairs). `projected` says whether some of the days lie after the
        data of an input.
        """
        return self._csv("differences.csv")

    @functools.cached_property
    def month_differences(self) -> pd.DataFrame:
        """The same by `month` (`2023-01`) in place of `period`."""
        return self._csv("month_differences.csv")

    @functools.cached_property
    def leg_differences(self) -> pd.DataFrame:
        """The same by `leg`, for its `departures`, `stops` and `arrivals` in the whole run."""
        return self._csv("leg_differences.csv")

    @functools.cached_property
    def path_differences(self) -> pd.DataFrame:
        """The same by third of the future paths (`path`), of a run with projected months."""
        return self._csv("path_differences.csv")

    @functools.cached_property
    def pair_differences(self) -> pd.DataFrame:
        """The difference of each pair over the whole run, with what the pair is made of.

        Columns `scenario_title`, `seed`, `set`, `path`, `position` (share of paths that bring fewer
        people), `part` (third of the paths), `outcome`, `quote`, `baseline`, `scenario`,
        `difference`, `percent`. Outcomes that are quoted as a range only are left out.
        """
        return self._csv("pair_differences.csv")

    @functools.cached_property
    def ladder(self) -> pd.DataFrame:
        """The effect with ever more responses of smugglers, of a comparison with `ladder=True`."""
        return self._csv("ladder.csv")

    @property
    def headlines(self) -> list[str]:
        """For each scenario a paragraph: arrivals with their interval, and deaths beside them."""
        from simulation.wording.differences import headline

        return [headline(scenario, self.findings) for scenario in self.findings.scenarios]

    @functools.cached_property
    def findings(self) -> ComparisonFindings:
        """What the comparison found, typed: effects, intervals, years since the change."""
        from simulation.studies.compare import ComparisonFindings

        return ComparisonFindings.model_validate(self.details)

    def __str__(self) -> str:
        from simulation.wording.differences import basis

        return "\n\n".join([*self.headlines, basis(self.findings)])

    def __repr__(self) -> str:
        titles = ", ".join(f"“{scenario.title}”" for scenario in self.findings.scenarios)
        return f"<{titles} compared with “{self.findings.baseline}”>"


class ProposalResults(ComparisonResults):
    """What `simulation.reach` gives.

    Tables of differences are those of the runs that verify the proposals; there are none with
    `propose_only=True`.
    """

    @functools.cached_property
    def proposals(self) -> pd.DataFrame:
        """Each proposal by condition, with the shares of worlds that meet it.

        Columns `title`, `file` of the scenario in the folder, `changes` in sentences, `outcome`,
        `most` (whether the effect must be at most `percent`, else at least), `percent`,
        `estimate` (median) with `plausible_low` and `plausible_high` of the library,
        `estimated_share` by it, and `share` by the runs (NaN of deaths, and without runs).
        """
        import pandas as pd

        rows = []
        for one in self.details["proposals"]:
            for verdict in one["verdicts"]:
                estimate = verdict.get("estimate") or {}
                ends = {name: estimate.get(name) for name in ("plausible_low", "plausible_high")}
                rows.append({
                    **{name: one.get(name) for name in ("title", "file", "changes")},
                    **{name: verdict["condition"][name] for name in ("outcome", "most", "percent")},
                    "estimate": estimate.get("median"), **ends,
                    **{name: verdict.get(name) for name in ("estimated_share", "share")},
                })  # fmt: skip
        return pd.DataFrame(rows)

    @property
    def headlines(self) -> list[str]:
        """What was found, a sentence each."""
        from simulation.estimates.reach import ReachFindings
        from simulation.wording import reach

        return reach.headline(ReachFindings.model_validate(self.details))

    def __str__(self) -> str:
        return "\n".join(self.headlines)

    def __repr__(self) -> str:
        return f"<{len(self.details['proposals'])} proposals over “{self.details['scenario']}”>"


class SweepResults(ExperimentResults):
    """What `simulation.sweep` gives."""

    @functools.cached_property
    def points(self) -> pd.DataFrame:
        """Each point against the reference, by outcome.

        Columns `point` (from 1), one for each variable, `file`, `outcome`, `pairs`, means of
        `reference` and of the point (`value`), and the difference with its interval.
        """
        return self._csv("points.csv")


class AgreementsResults(ExperimentResults):
    """What `simulation.agreements` gives."""

    @functools.cached_property
    def agreements(self) -> pd.DataFrame:
        """Each agreement, by stage (screening, refined) and outcome, with the effect.

        A difference of deaths is a range: quote `mean_low` and `mean_high`.
        """
        return self._csv("agreements.csv")


class SensitivityResults(ExperimentResults):
    """What `simulation.sensitivity` gives."""

    @functools.cached_property
    def screening(self) -> pd.DataFrame:
        """Elementary effects (Morris) of every assumption, by outcome, the strongest first."""
        return self._csv("morris.csv")

    @functools.cached_property
    def variance(self) -> pd.DataFrame:
        """Shares of variance (Sobol) of the assumptions that survived the screening, by outcome."""
        return self._csv("sobol.csv")

    @functools.cached_property
    def points(self) -> pd.DataFrame:
        """What was assumed at every point of the designs, and the outcomes of both sides."""
        return self._csv("points.csv")


class DiscoveryResults(ExperimentResults):
    """What `simulation.discover` gives."""

    @functools.cached_property
    def regions(self) -> pd.DataFrame:
        """The limits of each region in which the scenario fails, by question and box."""
        return self._csv("boxes.csv")

    @functools.cached_property
    def points(self) -> pd.DataFrame:
        """What was assumed at every point, and the outcomes of both sides."""
        return self._csv("points.csv")


class FitResults(Results):
    """What `simulation.fit` gives."""

    @property
    def ensemble(self) -> Path:
        """The file of the fitted sets, for `ensemble=` of the other functions.

        It lasts as long as these results unless `out` named a folder.
        """
        return self.folder / "fitted.json"

    @functools.cached_property
    def parameters(self) -> pd.DataFrame:
        """Each assumption before and after: 5%, 50% and 95%, and whether the figures inform it."""
        return self._csv("parameters.csv")

    @functools.cached_property
    def correlations(self) -> pd.DataFrame:
        """Pairs of assumptions that the figures tie together."""
        return self._csv("correlations.csv")

    @functools.cached_property
    def predictive(self) -> pd.DataFrame:
        """Each observed figure beside the quantiles of the fitted runs."""
        return self._csv("predictive.csv")


class EmulatorResults(Results):
    """What `simulation.build_emulator` gives."""

    @property
    def emulator(self) -> Path:
        """The file of the library, for `emulator=` of `simulation.estimate`.

        It lasts as long as these results unless `out` named a folder.
        """
        return self.folder / "library.npz"

    @functools.cached_property
    def card(self) -> pd.DataFrame:
        """How near interpolation comes: `lever`, `strength`, `median`, `interpolated`, `passed`."""
        import pandas as pd

        return pd.DataFrame(self.details["card"])

    def __repr__(self) -> str:
        policies, pairs = self.details["policies"], self.details["pairs"]
        return f"<library of {policies} policies, {pairs} pairs of runs each, in {self.folder}>"


@dataclass(frozen=True, eq=False)
class EstimateResults:
    """What `simulation.estimate` gives; printed, it is the answer of `crossings estimate`.

    Attributes:
        details: The whole estimate, as `crossings estimate --json` prints it.
        text: The answer in sentences.
    """

    details: dict[str, Any]
    text: str

    @functools.cached_property
    def changes(self) -> pd.DataFrame:
        """Each outcome by path and period, and the links of the chain over the whole run.

        Columns `outcome`, `label`, `path` (`all`, or a third of the paths by how many people they
        bring; these over the years asked for), `period` (`run`, or years), `median` over plausible
        worlds, `plausible_low` and `plausible_high`, their `plausible_unit`, and
        `probability_of_fall`. Deaths have no median.
        """
        import pandas as pd

        names = ("median", "plausible_low", "plausible_high", "plausible_unit",
                 "probability_of_fall")  # fmt: skip
        period, links = self.details["period"], self.details["chain"]
        total = {"uk_total": self.details["uk_total"]}
        labelled = {**self.details["outcomes"], **links, **total}
        effects = [
            ("all", name, one, entry)
            for name, of in self.details["outcomes"].items()
            for one, entry in of["periods"].items()
        ]
        effects += [
            (one["part"], name, period, entry)
            for one in self.details["by_path"]
            for name, entry in one["outcomes"].items()
        ]
        effects += [("all", name, "run", entry) for name, entry in links.items()]
        if period != "run":
            effects += [("all", name, period, entry) for name, entry in total.items()]
        return pd.DataFrame([
            {
                "outcome": name, "label": labelled[name]["label"], "path": part, "period": years,
                **{key: entry.get(key) for key in names},
            }
            for part, name, years, entry in effects
        ])  # fmt: skip

    def __repr__(self) -> str:
        return self.text


class BacktestResults(ExperimentResults):
    """What `simulation.backtest` gives."""

    @functools.cached_property
    def scores(self) -> pd.DataFrame:
        """The scores by year, series, horizon (months, year) and forecast; lower CRPS is better."""
        return self._csv("scores.csv")


class MonitorResults(ExperimentResults):
    """What `simulation.monitor` gives."""

    @property
    def verdict(self) -> str:
        """`inside`, `too early to tell`, `drifting` or `out`: that of the worst figure."""
        return str(self.details["verdict"])

    @functools.cached_property
    def months(self) -> pd.DataFrame:
        """Each month of each figure: observed, and quantiles of the forecast."""
        return self._csv("months.csv")


def forget_folder(results: Results, folder: Path) -> None:
    """Remove a folder when the results that read from it are gone, or Python ends."""
    weakref.finalize(results, _remove, folder, os.getpid())


def _remove(folder: Path, owner: int) -> None:
    # a forked worker holds a copy of the results, but the folder is not its own
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
