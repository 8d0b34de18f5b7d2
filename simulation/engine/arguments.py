"""What every run and experiment can be asked, declared once: name, type, default, bounds and help.

The options of the commands are made from these declarations, and so are the bounds that studies
check and the documentation of the arguments of the Python functions. A test holds the signatures of
the functions to them. Nothing heavy is imported here: commands load at once.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from simulation.engine.argument import MOST_SEED, Argument
from simulation.engine.time_budget import DEFAULT_TIME

#: runs of one case that nobody exceeds on purpose
MOST_RUNS = 100_000
#: fewest pairs of runs with an interval, and with a direction: tests hold them to the statistics
_INTERVAL, _DIRECTION = 4, 8
_NEEDED = f"an interval needs {_INTERVAL} pairs"
_MOST = 10_000


def _with(argument: Argument, **changed: Any) -> Argument:
    return replace(argument, **changed)


# -- what several commands share -------------------------------------------------------------------

DAYS = Argument("days", int, None, "Days to count, from the start.", shown="all")
SEED = Argument(
    "seed", int, 1, "Seed of the first run; the others follow it.", low=0, high=MOST_SEED
)
REPLICATIONS = Argument(
    "replications", int, 1, "Runs with seeds SEED, SEED + 1, ...", low=1, high=MOST_RUNS
)
#: below its lower end one agent stands for more people than a boat holds
SCALE = Argument(
    "scale",
    float,
    1.0,
    "Share of the people to simulate: 0.1 or 10% is a tenth, with counts scaled back.",
    low=0.02,
    high=1.0,
    note="the share of the people to simulate",
)
_WORDS = ("records", "ranges", "fitted")
ASSUMPTIONS = Argument(
    "assumptions",
    str,
    None,
    "records: every assumption at its value, so intervals hold chance only; ranges: each seed "
    "draws every assumption from between its low and its high; fitted: each seed draws a set that "
    "crossings fit found, and every other assumption from its range.",
    words=_WORDS,
    shown="fitted where the package holds a fit, records where it does not",
)
#: of an experiment that has a design of its own over the assumptions
_DESIGNED = _with(
    ASSUMPTIONS,
    default="records",
    help="records, and no other choice: a set drawn with each seed would drown what the design "
    "does.",
    shown=None,
)
ENSEMBLE = Argument(
    "ensemble",
    str,
    None,
    "Fitted sets to draw from: a window such as 2021-01..2023-12, or a file that crossings fit "
    "wrote.",
    metavar="WINDOW|FILE",
    shown="the newest window of the package",
)
WORKERS = Argument("workers", int, None, "Processes.", low=1, shown="one per core")
CLUSTER = (
    Argument(
        "scheduler", str, None, "Run on a Dask cluster instead: tcp://host:port or tls://host:port."
    ),
    Argument(
        "tls_ca",
        Path,
        None,
        "Certificate of the authority of the cluster (PEM), with tls://.",
        metavar="FILE",
        flags=("--tls-ca", "--tls-ca-file"),
    ),
    Argument(
        "tls_cert",
        Path,
        None,
        "Certificate of this client, signed by that authority (PEM).",
        metavar="FILE",
    ),
    Argument("tls_key", Path, None, "Private key of that certificate (PEM).", metavar="FILE"),
)
OUT = Argument("out", Path, None, "Folder of this experiment.")
YES = Argument("yes", bool, False, "Start more than 500 runs without being asked.")
#: bounds of what every experiment is asked
COMMON = (SEED, SCALE, WORKERS, ASSUMPTIONS)


def experiment(scale: float = 1.0, *, designed: bool = False) -> tuple[Argument, ...]:
    """The arguments of every experiment.

    Args:
        scale: Default share of the people simulated.
        designed: Whether the experiment varies the assumptions by a design of its own.
    """
    drawn = (_DESIGNED,) if designed else (ASSUMPTIONS, ENSEMBLE)
    return (DAYS, SEED, _with(SCALE, default=scale), *drawn, WORKERS, *CLUSTER, OUT)


_OF_A_FIT = (_with(SCALE, default=0.3), WORKERS, *CLUSTER)
_FROM = Argument("first", str, None, "First month.", metavar="MONTH", flags=("--from",))
_TO = Argument(
    "last", str, None, "Last month.", metavar="MONTH", flags=("--to",), shown="the last observed"
)
_OWN_DATA = Argument("own_data", Path, None, "Monthly series of your own.", metavar="FILE")
_DESIGN = (
    Argument("baseline", str, None, "What it is compared with.", shown="its parent"),
    Argument(
        "only",
        str,
        (),
        "Vary only this group of assumptions, or this one; may be given several times.",
        metavar="GROUP",
        several=True,
    ),
    _with(REPLICATIONS, help="Pairs of runs at each point, averaged.", high=_MOST),
    Argument(
        "noise",
        int,
        8,
        "Pairs of runs with every assumption at its value, to see what chance does.",
        low=3,
        high=_MOST,
    ),
    YES,
)

# -- command by command ----------------------------------------------------------------------------

RUN = (
    DAYS,
    SEED,
    REPLICATIONS,
    SCALE,
    _with(
        ASSUMPTIONS,
        default="records",
        help="records: every assumption at its value, so intervals hold chance only. ranges: each "
        "seed draws every assumption from its range. fitted: each seed draws a set that crossings "
        "fit found. Intervals hold that too.",
        shown=None,
    ),
    _with(OUT, help="Folder of this run.", shown="results/<scenario>/<run id>"),
    WORKERS,
)
PAIRS = Argument(
    "replications",
    int,
    "auto",
    "Pairs of runs, or auto: add pairs until the range is known well enough or the time is over.",
    low=2,
    high=MOST_RUNS,
    note=f"or auto; {_NEEDED}, a direction {_DIRECTION}",
    words=("auto",),
)
PRECISION = Argument(
    "precision",
    float,
    0.01,
    "Error of the range of arrivals that is small enough, as a share of the baseline's arrivals; a "
    "tenth of the range always is.",
    low=0,
    high=1,
    between=True,
)
LIMIT = Argument("limit", int, 100, "Most pairs with auto.", low=_DIRECTION, high=MOST_RUNS)
SET = Argument(
    "set_",
    int,
    None,
    "Fitted set of all pairs; all else is drawn.",
    low=1,
    metavar="N",
    shown="drawn by weight",
    flags=("--set",),
)
PATH = Argument(
    "path",
    str,
    None,
    "Future path of all pairs: low, central or high as in [future], or a drawn one by the share of "
    "paths that bring fewer people.",
    low=0,
    high=1,
    note="or low, central, high",
    metavar="PATH",
    shown="spread evenly",
)
PERIOD = Argument(
    "period",
    str,
    None,
    "Years that every figure is of, such as 2027 or 2027..2028.",
    metavar="YEARS",
    shown="all days of the run",
)
MARGIN = Argument(
    "margin", str, None, "Largest change that does not matter: 5%, or channel_arrivals=5%,...",
    metavar="SHARES", shown="3%, or the scenario's [margin]",
)  # fmt: skip
#: what options are ranked by; less of each is better
RANKS = (
    "channel_arrivals", "uk_total", "channel_deaths", "corridor_deaths", "in_transit",
    "smuggler_revenue_eur", "cost",
)  # fmt: skip
RANK = Argument(
    "rank", str, "channel_arrivals", "What ranks several scenarios, the lowest first.", words=RANKS
)
COMPARE = (
    PAIRS,
    PRECISION,
    LIMIT,
    SET,
    PATH,
    PERIOD,
    Argument(
        "time",
        str,
        None,
        "Time after which auto adds no more pairs: 90s, 3m, 1h, or a number of minutes. The same "
        "command again goes on for as long.",
        metavar="TIME",
        shown=DEFAULT_TIME,
    ),
    RANK,
    MARGIN,
    Argument(
        "ladder",
        bool,
        False,
        "Show also the effect without adaptation, then with each response of smugglers added.",
    ),
    *experiment(),
)
SWEEP = (
    Argument(
        "vary",
        str,
        (),
        "What to vary and its values; may be given several times. Sharing: "
        "sharing.UK-RS=none,low,high, sharing.UK>RS for one way, sharing_default=LEVELS. Other "
        "levers: staff.AUTHORITY.KIND=TIMES, funding.AUTHORITY=GBP, "
        "operation.AUTHORITY.PLACE=TIMES, freeze.AUTHORITY=OPERATORS, entries.ROUTE=TIMES. "
        "Smugglers and assumptions: adaptation.price=true,false, parameters.GROUP.NAME=VALUES. "
        "LOW:HIGH:COUNT for evenly spaced values.",
        metavar="NAME=VALUES",
        several=True,
        required=True,
    ),
    Argument(
        "reference",
        str,
        None,
        "What every point is compared with.",
        metavar="SCENARIO",
        shown="the scenario itself as it stands",
    ),
    _with(
        REPLICATIONS,
        default=8,
        help="Pairs of runs of each point and the reference.",
        low=2,
        note=_NEEDED,
    ),
    _with(YES, help="Run even if it takes more than 200 runs."),
    *experiment(0.1),
)
BETWEEN = Argument(
    "between",
    str,
    None,
    "Agreements to rank, each between two authorities or groups: UK:RS,UK:WB6; with + for pairs "
    "that sign together: UK:RS+UK:MK.",
    metavar="PAIRS",
    commas=True,
    shown="UK:RS, UK:MK and UK:XK, each alone and all together",
)
AGREEMENTS = (
    BETWEEN,
    Argument("all_", bool, False, "Every pair of authorities instead.", flags=("--all",)),
    Argument("among", str, None, "Only these: CALAIS or UK,FR,BE.", metavar="NAMES", commas=True),
    Argument(
        "with_",
        str,
        None,
        "Only agreements with this authority.",
        metavar="NAME",
        flags=("--with",),
    ),
    Argument(
        "level",
        str,
        None,
        "Level of sharing they are raised to: low, medium, high, full, or 0 to 1; several with "
        "commas.",
        metavar="LEVELS",
        commas=True,
        shown="high; medium (as signed) and high (deepened) without any of the options above",
    ),
    Argument(
        "from_",
        str,
        None,
        "First day of an agreement.",
        metavar="DATE",
        flags=("--from",),
        shown="always, warm-up included; 2027-01-01 without SCENARIO",
    ),
    Argument("ramp_days", int, 180, "Days it takes to grow, with --from.", low=0, high=3650),
    _with(PERIOD, shown="all days of the run; 2027..2028 without SCENARIO"),
    MARGIN,
    Argument(
        "by",
        str,
        "channel_arrivals",
        "Outcome that ranks: channel_arrivals, channel_deaths, corridor_deaths, "
        "smuggler_profit_eur (lower is better), seat_price_eur or mapped_share (higher is better).",
        metavar="OUTCOME",
    ),
    _with(
        REPLICATIONS,
        default=6,
        help="Seeds to screen every pair with.",
        low=2,
        high=_MOST,
        note=f"{_NEEDED} of runs",
    ),
    Argument("refine", int, 15, "How many of the best to run again.", low=0, high=_MOST),
    Argument(
        "refine_replications",
        int,
        20,
        "Fresh seeds for those, and for agreements that are named.",
        low=2,
        high=_MOST,
        note=f"{_NEEDED} of runs",
    ),
    YES,
    *experiment(0.1),
)
SENSITIVITY = (
    Argument(
        "outcome",
        str,
        "channel_arrivals",
        "The difference in this outcome decides which assumptions are looked at closely.",
    ),
    Argument(
        "trajectories",
        int,
        4,
        "Trajectories of the screening (Morris): 2 runs for each assumption and trajectory.",
        low=2,
        high=_MOST,
    ),
    Argument("survivors", int, 6, "Assumptions that are looked at closely.", low=1, high=_MOST),
    Argument(
        "samples",
        int,
        64,
        "Base samples for that (Sobol), a power of 2: 2 runs for each survivor and sample.",
        low=8,
        high=2**16,
    ),
    *_DESIGN,
    *experiment(0.1, designed=True),
)
DISCOVER = (
    Argument(
        "samples",
        int,
        200,
        "Sets of assumptions (a Latin hypercube): 2 runs for each.",
        low=20,
        high=100_000,
    ),
    *_DESIGN,
    *experiment(0.1, designed=True),
)
BACKTEST = (
    Argument(
        "holdout",
        str,
        None,
        "Year to forecast, or several, such as 2023-2025.",
        metavar="YEARS",
        shown="the last that was observed whole",
    ),
    Argument("scenario", str, "history", "What happened, with its dated levers: a name or a file."),
    Argument(
        "members",
        int,
        None,
        "Sets of assumptions.",
        low=1,
        high=_MOST,
        shown="1 with --assumptions records, else 50",
    ),
    _with(
        REPLICATIONS,
        default=None,
        help="Runs of each of these sets.",
        high=_MOST,
        shown="40 with records, else 2",
    ),
    Argument(
        "discrepancy",
        bool,
        True,
        "Lay what the model leaves out over its runs, as large as it was in the years before.",
        flags=("--discrepancy/--no-discrepancy",),
    ),
    YES,
    *experiment(),
)
#: of a fit: its default is seven to eight runs for each assumption
BUDGET = Argument(
    "budget",
    int,
    2500,
    "Runs in all; 2500 take some 90 minutes on two cores.",
    low=50,
    high=10_000_000,
    unit="runs",
)
FIT = (
    _with(_FROM, help="First month that is fitted.", shown="2021-01"),
    _with(_TO, help="Last month that is fitted."),
    BUDGET,
    _with(_OWN_DATA, help="Monthly series of your own, in place of ours."),
    Argument("install", bool, False, "Put it beside the fits of the package."),
    _with(SEED, help="Seed of the fit."),
    _with(SCALE, default=0.1),
    WORKERS,
    *CLUSTER,
    _with(OUT, help="Folder of this fit."),
)
MONITOR = (
    Argument(
        "scenario",
        str,
        None,
        "What happened, with its dated levers: a name or a file.",
        shown="history, and for later months the policies of outlook as well",
    ),
    _with(_FROM, shown="the one after the fit"),
    _TO,
    _with(
        ENSEMBLE,
        help="Fitted sets, as 2021-01..2023-12.",
        shown="the newest that ends before the months",
    ),
    _with(_OWN_DATA, help="Monthly series of your own; their months go before ours."),
    Argument("members", int, 100, "Sets of assumptions.", low=2, high=_MOST),
    _with(REPLICATIONS, default=1, help="Runs of each of these sets.", high=_MOST),
    YES,
    SEED,
    *_OF_A_FIT,
    _with(OUT, help="Folder of this look."),
)
EMULATOR_BUILD = (
    Argument(
        "base",
        str,
        "outlook",
        "Scenario that the policies are laid over.",
        words=("agreements-absent", "outlook"),
    ),
    Argument(
        "pairs",
        int,
        64,
        "Pairs of runs of each policy; more later go on from these.",
        low=2,
        high=1000,
    ),
    Argument("install", bool, False, "Put it into the package."),
    _with(SEED, help="Seed of the design."),
    _with(SCALE, default=0.1),
    WORKERS,
    *CLUSTER,
    _with(OUT, help="Folder of this build."),
)
EMULATOR = Argument(
    "emulator", Path, None, "Library to answer from: a file that crossings emulator build wrote.",
    metavar="FILE", shown="that of the package",
)  # fmt: skip
ESTIMATE = (PERIOD, MARGIN, EMULATOR)
#: share of worlds in which a goal is to be reached
SHARE = Argument(
    "share", float, 0.5, "Share of plausible worlds in which a goal is to be reached.",
    low=0.05, high=0.95,
)  # fmt: skip

#: pairs of runs that verify a proposal
VERIFYING_PAIRS = _with(
    REPLICATIONS,
    default=64,
    help="Pairs of runs that verify each proposal.",
    low=_DIRECTION,
    note="a share of worlds needs as many",
)


#: of what is proposed from the library and verified by pairs of runs
_PROPOSED = (
    Argument("by", int, None, "Year that is judged.", metavar="YEAR", shown="the last of outlook"),
    EMULATOR,
    Argument("propose_only", bool, False, "Propose only: no run verifies the proposals."),
    VERIFYING_PAIRS,
    SEED,
    _with(SCALE, default=0.1),
    ASSUMPTIONS,
    ENSEMBLE,
    WORKERS,
    *CLUSTER,
    OUT,
    YES,
)
REACH = (
    Argument(
        "goal",
        str,
        None,
        "What is to be reached: an outcome and its change in percent, such as "
        "channel_arrivals=-10%.",
        metavar="OUTCOME=N%",
        required=True,
    ),
    Argument(
        "vary",
        str,
        (),
        "Levers that may change: a section such as sharing or funding, or a lever by its name; may "
        "be given several times.",
        metavar="LEVERS",
        several=True,
        shown="all of them",
    ),
    Argument(
        "keep",
        str,
        (),
        "What must hold in as many worlds, such as 'channel_boats<=0%'; may be given several "
        "times. 'channel_deaths<=0' is checked by the runs alone.",
        metavar="OUTCOME<=N%",
        several=True,
    ),
    SHARE,
    Argument(
        "budget",
        str,
        None,
        "What may be spent of all funding together: 'GBP 75m a year'.",
        metavar="AMOUNT",
        shown="as much as the levers go to",
    ),
    *_PROPOSED,
)
#: of a line of the ledger
WHY = Argument(
    "why",
    str,
    None,
    "Why the questions are asked anew, and why answers move: a sentence.",
    metavar="TEXT",
    required=True,
)
LEDGER_ADD = (
    WHY,
    Argument(
        "question",
        str,
        (),
        "Ask only this question; may be given several times.",
        metavar="NAME",
        several=True,
        shown="all",
    ),
    _with(PAIRS, default=24, help="Pairs of runs of each question.", words=(), note=_NEEDED),
    SEED,
    _with(SCALE, default=0.1),
    _with(
        ASSUMPTIONS,
        help="Ask under these assumptions alone: drawn from their ranges, or fitted sets.",
        words=("ranges", "fitted"),
        shown="ranges and fitted, a line each",
    ),
    ENSEMBLE,
    WORKERS,
    *CLUSTER,
    _with(OUT, help="Folder for the comparisons.", shown="results/ledger"),
)

#: what a brief is written as
FORMATS = ("docx", "html")
BRIEF = (
    Argument("format", str, "docx", "A document of Word, or a page of HTML.", words=FORMATS),
    Argument("output", Path, None, "File to write.", metavar="FILE", shown="DIR/brief.FORMAT"),
)
ASSURANCE = (_with(OUT, help="Folder to write.", shown="DIR-assurance"),)
VERIFY = (
    Argument("run", bool, True, "Run the comparison again.", flags=("--run/--no-run",)),
    WORKERS,
)

#: the arguments of each command that has a function with them, in the order of its help
DECLARED: dict[str, tuple[Argument, ...]] = {
    "run": RUN,
    "compare": COMPARE,
    "sweep": SWEEP,
    "agreements": AGREEMENTS,
    "sensitivity": SENSITIVITY,
    "discover": DISCOVER,
    "backtest": BACKTEST,
    "monitor": MONITOR,
    "fit": FIT,
    "emulator build": EMULATOR_BUILD,
    "estimate": ESTIMATE,
    "reach": REACH,
    "results ledger add": LEDGER_ADD,
    "brief": BRIEF,
    "results assurance": ASSURANCE,
    "results verify": VERIFY,
}
