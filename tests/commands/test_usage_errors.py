"""A mistake on the command line is one line that names the option, and the door opens anyhow."""

from __future__ import annotations

import errno
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from simulation.cli import cli
from tests import synthetic
from tests.comparing import OTHER
from tests.refusals import nothing_written, refusal

ROOT = Path(__file__).parents[2]

LONG = "x" * 300
SWEEP = "sweep small.toml --vary sharing.UK-RS=none,low,medium,high,full"
AGREEMENTS = (
    "agreements summer.toml --among UK,FR,BE --replications 2 --refine 2 --refine-replications 2 "
    "--scale 0.02 --assumptions records"
)
BACKTEST = "backtest --scenario short.toml --assumptions records"
#: what is typed, and what the one line holds
MISTAKES = (
    # of any command
    ("run baseline --days 1.5",
     '--days = "1.5": not a whole number; allowed: digits only, such as 12'),
    ("run baseline --seed 1e30",
     '--seed = "1e30": not a whole number; allowed: digits only, such as 12'),
    ("run baseline --scale it\\'s",
     '--scale = "it\'s": not a number; allowed: a number such as 0.5'),
    ("run baseline --scale 1%", "--scale = 0.01: out of range; allowed: 0.02 to 1"),
    ("run baseline --scale 1,000", '--scale = "1,000": not a number'),
    ("run baseline --scale 10", '--scale = 10.0: out of range; did you mean "10%"? allowed: 0.02'),
    ("fit --scale 1.5", '--scale = 1.5: out of range; did you mean "1.5%"?'),
    ("run baseline --replicatoins 3",
     "--replicatoins: unknown option; did you mean "
     '"--replications"? allowed: --days, --seed, --replications, --scale, '
     "--assumptions, --out, --workers, --quiet, --json, --help"),
    ("--versio", '--versio: unknown option; did you mean "--version"? allowed: --version, --help'),
    ("run", "SCENARIO: missing; allowed: a scenario file, or a name from crossings scenario list"),
    ("scenario show", "FILE: missing; allowed: crossings scenario show [OPTIONS] FILE"),
    ("run baseline --seed", "--seed: needs a value"),
    ("run baseline --quiet=1", "--quiet: is a switch and takes no value"),
    ("run baseline full-sharing",
     '"full-sharing": unexpected argument; allowed: crossings run [OPTIONS] SCENARIO'),
    ("compare baseline full-sharing --assumptions range",
     '--assumptions = "range": unknown word; did you mean "ranges"? '
     "allowed: records, ranges, fitted"),
    ("scenari", 'did you mean "scenario"?'),
    ("scenario chekc",
     '"chekc": no such command; did you mean "check"? allowed: check, list, new, schema, show'),
    ("nope", '"nope": no such command; allowed: run, compare, '),
    # run
    ("run nowhere.toml", "nowhere.toml: no such file"),
    ("run small.toml --days 0", "--days = 0: out of range; allowed: 1 to 59"),
    ("run small.toml --days 60", "--days = 60: out of range; allowed: 1 to 59"),
    ("run small.toml --scale 0", "--scale = 0.0: out of range; allowed: 0.02 to 1"),
    ("run small.toml --scale 0.01", "--scale = 0.01: out of range; allowed: 0.02 to 1"),
    ("run small.toml --scale 300", "--scale = 300.0: out of range; allowed"),
    ("run small.toml --replications 0", "--replications = 0: out of range"),
    ("run small.toml --seed -4", "--seed = -4: out of range"),
    ("run small.toml --workers 0", "--workers = 0: out of range; allowed: 1 or more"),
    ("run small.toml --out ''", '--out = "": no name of a folder; allowed: the name of a folder'),
    ("run small.toml --out ' '", '--out = " ": no name of a folder'),
    (f"run small.toml --out {LONG}", "the folder cannot be used (file name too long)"),
    (f"run small.toml --out new/{LONG}/a", "the folder cannot be used (file name too long)"),
    (f"run small.toml --out {'a/' * 3000}", "the folder cannot be used (file name too long)"),
    ("run small.toml --out small.toml", '--out = "small.toml": the folder is a file'),
    ("run small.toml --out small.toml/x", '--out = "small.toml/x": the folder cannot be made'),
    # compare
    ("compare history", "crossings compare BASELINE history"),
    ("compare baseline", 'extends = "history": has the same policies over its days'),
    ("compare small.toml", "extends … BASELINE"),
    ("compare outlook early.toml", "[run]"),
    ("compare baseline outlook-full-sharing", '"outlook"'),
    ("compare baseline ful-sharing", 'ful-sharing … did you mean "full-sharing"'),
    ("compare small.toml far.toml", "far.toml:1: corridor … unknown"),
    ("compare small.toml other.toml short.toml",
     'short.toml … run.start = "2024-01-01": differs from'),
    ("compare small.toml other.toml warm.toml", "warm.toml … run.warm_up_days = 3: differs from"),
    ("compare small.toml other.toml ends.toml",
     'ends.toml … run.end = "2023-02-27": differs from "A small test"'),
    *((f"compare small.toml other.toml {options}", message) for options, message in (
        ("--replications 1", "--replications = 1: out of range; allowed: 2 to 100000"),
        ("--replications 0", "--replications = 0: out of range"),
        ("--replications -5", "--replications = -5: out of range"),
        ("--replications many", '--replications = "many": not a number of pairs; allowed: auto'),
        ("--replications 2.5", '--replications = "2.5": not a number of pairs'),
        ("--precision 0", "--precision = 0.0: out of range; allowed: above 0, below 1"),
        ("--precision 1", "--precision = 1.0: out of range"),
        ("--precision nan", "--precision = nan: out of range"),
        ("--time soon", '--time = "soon": not a length of time; allowed: such as 90s, 3m, 1h'),
        ("--time 0s", '--time = "0s": not a length of time'),
        ("--time 3m --replications 6", '--time = "3m": ends nothing where the number'),
        ("--limit 7", "--limit = 7: out of range; allowed: 8 to"),
        ("--days 0", "--days = 0: out of range; allowed: 1 to 59"),
        ("--scale 0", "--scale = 0.0: out of range"),
        ("--seed -1", "--seed = -1: out of range"),
        ("--workers 0", "--workers = 0: out of range; allowed: 1 or more"),
        *((f"--scheduler '{address}'", f'"{address}": not the address of a Dask scheduler')
          for address in (
            "localhost:8786", "http://host:80", "tcp://host", "tcp://:8786", "tcp://a b:1", "",
          )),
        ("--tls-ca ca.pem", '--tls-ca = "ca.pem" … about a cluster, and none is named'),
        ("--tls-key key.pem", '--tls-key = "key.pem" … about a cluster, and none is named'),
        *((f"--scheduler tls://127.0.0.1:1 {files}", message) for files, message in (
            ("--tls-ca page.md --tls-cert page.md", "--tls-key: missing"),
            ("--tls-cert page.md --tls-key page.md", "--tls-ca: missing"),
            ("--tls-ca no.pem --tls-cert page.md --tls-key page.md",
             '--tls-ca = "no.pem": file not found'),
            ("--tls-ca page.md --tls-cert no.pem --tls-key page.md",
             '--tls-cert = "no.pem": file not found'),
            ("--tls-ca page.md --tls-cert page.md --tls-key .", '--tls-key = ".": file not found'),
        )),
        ("--scheduler tcp://127.0.0.1:1 --tls-ca page.md --tls-cert page.md --tls-key page.md",
         '"tcp://127.0.0.1:1": certificates are of use only with'),
        ("--scheduler tcp://a:1 --workers 2", "--workers or --scheduler, not both"),
        ("--out small.toml", '--out = "small.toml": the folder is a file'),
        ("--out ''", '--out = "": no name of a folder; allowed: the name of a folder; . is the'),
        (f"--out {LONG}", "the folder cannot be used (file name too long)"),
    )),
    ("doctor --pack nowhere/pack.zip", '--pack = "nowhere/pack.zip": lies in no folder'),
    # scenarios that ask for the same
    ("compare small.toml alias.toml", 'alias.toml: asks for the same as "A small test" in all but'),
    ("compare base.toml policy.toml other-policy.toml",
     'other-policy.toml: asks for the same as "policy"'),
    ("sensitivity alias.toml --baseline small.toml", "alias.toml: asks for the same"),
    ("discover alias.toml --baseline small.toml", "alias.toml: asks for the same"),
    # sweep
    ("sweep small.toml", "--vary: missing"),
    ("sweep small.toml --vary shring.UK-RS=none,low", 'did you mean "sharing"?'),
    ("sweep small.toml --vary entries.balkan=0.5:1.5", "LOW:HIGH:COUNT"),
    (f"{SWEEP} --reference baseline", "run.end"),
    (f"{SWEEP} --vary sharing.RS-UK=none,low", "this is varied twice"),
    (f"{SWEEP} --replications 1", "--replications = 1: out of range"),
    (f"{SWEEP} --scale 0", "--scale = 0.0: out of range"),
    (f"{SWEEP} --workers 0", "--workers = 0: out of range; allowed: 1 or more"),
    # sensitivity and discover
    *((f"{command} policy.toml {options}", message)
      for command in ("sensitivity", "discover") for options, message in (
        ("--only markt", '--only = "markt": no group of parameters … did you mean "market"'),
        ("--assumptions ranges", "varies the assumptions itself; allowed: records"),
        ("--replications 0", "--replications = 0: out of range; allowed: 1 to"),
        ("--noise 2", "--noise = 2: out of range; allowed: 3 to"),
        ("--samples 4", "--samples = 4: out of range; allowed: "),
        ("--baseline baseline", "run.start … differs from"),
        ("--baseline baselin", 'did you mean "baseline"'),
        ("--scale 0", "--scale = 0.0"),
    )),
    ("sensitivity policy.toml --samples 48", "must be a power of 2 … such as 32 or 64"),
    ("sensitivity policy.toml --outcome channel_arrival", 'did you mean "channel_arrivals"'),
    ("sensitivity policy.toml --trajectories 1", "--trajectories = 1: out of range; allowed: 2 to"),
    ("sensitivity policy.toml --survivors 0", "--survivors = 0: out of range"),
    # agreements
    # of an option with commas that is typed twice, both count
    (f"{AGREEMENTS} --among FRA", '--among = "FRA" … did you mean "FR"?'),
    (f"{AGREEMENTS} --with Serbia",
     '--with = "Serbia": unknown authority or group; did you mean "RS"? allowed: UK, EU'),
    (AGREEMENTS.replace("UK,FR,BE", "UK"), '--among = "UK" … leaves no pair'),
    (f"{AGREEMENTS} --by deaths", '--by = "deaths" … channel_deaths'),
    (f"{AGREEMENTS} --replications 1", "--replications = 1 … 2 to "),
    (f"{AGREEMENTS} --refine -1", "--refine = -1 … allowed: 0 to 10000"),
    (f"{AGREEMENTS} --refine-replications 1", "--refine-replications = 1 … 2 to 10000"),
    (f"{AGREEMENTS} --scale 0", "--scale = 0.0: out of range"),
    (AGREEMENTS.replace("summer", "full"),
     "no pair of authorities has room: all 3 share at high or above already"),
    ("agreements summer.toml --all --scale 0.02 --days 2", "--yes: 1,712 runs for 231 agreements"),
    ("agreements summer.toml --between UK:ZZ", '--between = "ZZ": unknown authority or group'),
    ("agreements summer.toml --between UK:Serbia",
     '--between = "Serbia": unknown authority … did you mean "RS"?'),
    ("agreements summer.toml --between UK:RS,FR:FR", '--between = "FR:FR" … two different sides'),
    ("agreements summer.toml --between UK-RS", '--between = "UK-RS" … such as UK:RS'),
    ("agreements summer.toml --between UK:RS --with UK", "--between … --all, --among and --with"),
    ("agreements summer.toml --level hihg",
     '--level = "hihg": unknown level; did you mean "high"?'),
    ("agreements summer.toml --level 1.5", '--level = "1.5": unknown level … from 0 to 1'),
    ("agreements summer.toml --from 2031-01-01", '--from = "2031-01-01": not a day of the run'),
    ("agreements summer.toml --from soon", '--from = "soon": not a day of the run'),
    ("agreements summer.toml --from 2023-07-20 --days 5",
     "--from = … not a day of the run … to 2023-07-05"),
    ("agreements summer.toml --ramp-days -1", "--ramp-days = -1: out of range"),
    ("agreements summer.toml --period 2031", "--period … 2031"),
    # backtest
    ("backtest --scenario baseline --holdout 2022", "allowed: 2023, 2024"),
    (f"{BACKTEST} --holdout 2023", "--holdout = 2023 … not a whole year … allowed: 2024"),
    (f"{BACKTEST} --holdout 2031", "--holdout = 2031 … nothing was observed … allowed: 2024"),
    (f"{BACKTEST} --holdout 2017", "--holdout = 2017 … nothing was observed"),
    (f"{BACKTEST} --holdout soon", '--holdout = "soon"'),
    (f"{BACKTEST} --holdout 2025-2024", '--holdout = "2025-2024" … 2024-2025'),
    (f"{BACKTEST} --replications 1", "--replications = 1 … 2 or more"),
    (f"{BACKTEST} --replications 0", "--replications = 0 … 1 to"),
    (f"{BACKTEST} --members 5", "--members = 5 … --assumptions ranges"),
    (f"{BACKTEST} --members 0", "--members = 0 … 1 to"),
    (f"{BACKTEST} --ensemble 2021-2024", "--ensemble … fitted assumptions only"),
    (f"{BACKTEST} --days 100", "--days = 100 … held-out year 2025 … 731 or more"),
    (f"{BACKTEST} --document page.html", '--document = "page.html" … .md'),
    (f"{BACKTEST} --document short.toml/page.md", "--document … short.toml … not a folder"),
    (f"{BACKTEST} --document marks.md --holdout 2024", "marks are broken"),
    (f"{BACKTEST} --scenario histori", 'histori … did you mean "history"'),
    (f"{BACKTEST} --holdot 2024", '--holdot … "--holdout"'),
    (f"{BACKTEST} --scale 0", "--scale = 0.0"),
    # fit
    ("fit --from May", '--from = "May": not a month; allowed: a month such as 2023-12'),
    ("fit --to 2031-03", '--to = "2031-03": a month that cannot be fitted'),
    ("fit --from 2022-1", '--from = "2022-1": not a month'),
    ("fit --from 2020-01", '--from = "2020-01": a month that cannot be fitted'),
    ("fit --from 2023-06 --to 2023-02", "ends before it starts"),
    ("fit --budget 3", "--budget = 3: out of range; allowed: 50 to"),
    ("fit --budget many", '--budget = "many": not a whole number'),
    ("fit --scale 0", "--scale = 0.0: out of range"),
    ("fit --own-data nothing.csv", "nothing.csv: file not found"),
    ("fit --document page.html", '--document = "page.html": not a page of Markdown'),
    ("fit --workers 0", "--workers = 0: out of range; allowed: 1 or more"),
    # parameters
    ("parameters markt",
     '"markt": no such parameter; did you mean "market"? allowed: a group (patrol, '),
    ("parameters market.fee_bot", 'did you mean "market.fee_boat"?'),
    ("parameters --json --markdown",
     "--markdown, --json: cannot be had together; allowed: one of them"),
)  # fmt: skip


def run_table(start: str, end: str, warm_up: int = 0) -> str:
    return f"run = {{ start = {start}, end = {end}, warm_up_days = {warm_up} }}\n"


SUMMER = run_table("2023-07-01", "2023-08-10", 40)
SCENARIOS = {
    "small": synthetic.SCENARIO,
    "other": OTHER,
    "far": 'corridor = "elsewhere"\n' + synthetic.SCENARIO,
    "warm": synthetic.SCENARIO.replace("warm_up_days = 0", "warm_up_days = 3"),
    "ends": synthetic.SCENARIO.replace("2023-02-28", "2023-02-27"),
    "early": 'extends = "baseline"\n[run]\nend = 2024-06-30\n',
    "short": 'extends = "history"\n' + run_table("2024-01-01", "2024-12-31", 5),
    "summer": 'extends = "no-sharing"\n' + SUMMER,
    "full": 'extends = "full-sharing"\n' + SUMMER,
    "base": 'extends = "baseline"\n' + run_table("2023-06-01", "2023-06-10", 10),
    "alias": re.sub("title = .*", 'title = "Another name"', synthetic.SCENARIO),
    "other-policy": 'extends = "base.toml"\nsharing_default = { level = "full" }\n',
    "policy": 'extends = "base.toml"\nsharing_default = { level = "full" }\n',
}


@pytest.fixture
def here(crossings, tmp_path):
    """The command line, in a folder with scenarios and pages."""
    for name, text in SCENARIOS.items():
        title = "" if "title" in text else f'title = "{name}"\n'
        (tmp_path / f"{name}.toml").write_text(title + text, encoding="utf-8")
    (tmp_path / "page.md").write_text("Nothing here.\n", encoding="utf-8")
    (tmp_path / "marks.md").write_text("<!-- begin: backtest-2024 -->\n", encoding="utf-8")
    (tmp_path / "bytes.md").write_bytes(b"\xff\xfe\xfa")
    return crossings


@pytest.mark.parametrize(("typed", "words"), MISTAKES, ids=[typed[:60] for typed, _ in MISTAKES])
def test_a_mistake_is_one_line_and_writes_nothing(here, tmp_path, typed, words):
    with nothing_written(tmp_path):
        refusal(here(*shlex.split(typed)), *words.split(" … "))


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize("module", ["simulation", "simulation.entrypoint"])
def test_the_package_is_the_command(module):
    assert python("-m", module, "scenario", "list").stdout.startswith("baseline")
    done = python("-m", module, "nope")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith('"nope": no such command')


def test_the_module_of_the_command_line_does_not_pretend_to_be_the_command():
    done = python("-m", "simulation.cli", "scenario", "list")
    assert (done.returncode, done.stdout) == (2, "")
    assert "use crossings, or python -m simulation" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["scenario"]])
def test_no_command_asks_for_help(crossings, arguments):
    assert "Commands:" in crossings(*arguments).output


@pytest.mark.parametrize(("arguments", "goes_on"), [
    (("run", "baseline"), True),
    (("compare", "baseline", "full-sharing"), True),
    (("fit",), True), (("scenario", "new"), False), (("parameters",), False),
    (("results", "report", "."), False),
])  # fmt: skip
def test_on_a_full_disk_only_what_runs_says_that_it_goes_on(
    crossings, monkeypatch, arguments, goes_on
):
    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "there")

    command = cli.get_command(click.Context(cli), arguments[0])
    monkeypatch.setattr(command, "invoke", full)
    line = refusal(crossings(*arguments))
    assert "No space left on device" in line
    assert ("the same command goes on from there" in line) == goes_on
