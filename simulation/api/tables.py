"""What is assumed, which figures are in use, which results there are, and whether all works."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from simulation.api.asking import declared, python_errors, read_arguments
from simulation.parameters.document import parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from simulation.engine.progress import Progress

__all__ = [
    "assurance", "brief", "check_machine", "data_status", "list_results", "parameters",
    "undo_update", "update_data", "verify", "write_report",
]  # fmt: skip


def data_status(folder: str | Path | None = None) -> pd.DataFrame:
    """Which figures are in use, as `crossings data status` shows them.

    Args:
        folder: Folder of your tables; `$CROSSINGS_DATA`, or the system's place for data, when None.

    Returns:
        A row for each kind of figures: `what`, `table`, `first` and `last` period, `published`,
        `age_days` (NaN where it is not known), `label`, `yours` (whether the last figures are your
        own) and `source`.

    Raises:
        InputError: A table of yours cannot be used.
    """
    import pandas as pd

    from simulation.data.store import status

    with python_errors():
        return pd.DataFrame([asdict(row) for row in status(_folder(folder), date.today()).rows])


def update_data(
    *files: str | Path,
    published: date | None = None,
    folder: str | Path | None = None,
    dry_run: bool = False,
) -> pd.DataFrame:
    """Take in official files as downloaded, or your own CSV of months: `crossings data update`.

    Args:
        files: The files; none to add what was taken in before to the tables of this version.
        published: Day of the publication or the download, where the files do not say it.
        folder: Folder of your tables; `$CROSSINGS_DATA`, or the system's place for data, when None.
        dry_run: Show what would change and take nothing in.

    Returns:
        A row for each figure that is added or revised: `table`, `period`, `series`, `old` (NaN
        where there was none), `new`.

    Raises:
        InputError: A file cannot be taken in; nothing is.
    """
    import pandas as pd

    from simulation.data.store import prepare, take_in

    with python_errors():
        where = _folder(folder)
        prepared = prepare(where, [Path(file) for file in files], published, date.today())
        if not dry_run:
            take_in(where, prepared)
    columns = ["table", "period", "series", "old", "new"]
    rows = [(*one.key, float(one.old or "nan"), float(one.new)) for one in prepared.changes]
    return pd.DataFrame(rows, columns=columns)


def undo_update(folder: str | Path | None = None) -> list[str]:
    """Take back the last update, as `crossings data undo` does.

    Args:
        folder: Folder of your tables; `$CROSSINGS_DATA`, or the system's place for data, when None.

    Returns:
        The files whose figures are no longer in use.

    Raises:
        InputError: There is nothing to take back.
    """
    from simulation.data.store import undo

    with python_errors():
        return [source.file for source in undo(_folder(folder))]


def _folder(named: str | Path | None) -> Path:
    from simulation.corridor.in_use import user_folder

    return user_folder() if named is None else Path(named).absolute()


def list_results(folder: str | Path = "results") -> pd.DataFrame:
    """The runs and experiments in and below a folder, as `crossings results list` shows them.

    Args:
        folder: Where to look.

    Returns:
        A row for each, the latest first: `folder`, `kind`, `title`, `id`, runs `done`, `asked` and
        `failed`, `status`, `bytes`, `when` it ended or began (UTC), `problem` and `data`.

    Raises:
        InputError: The folder cannot be read.
    """
    import pandas as pd

    from simulation.engine.catalogue import Entry, results_in

    rows = [asdict(entry) for entry in results_in(Path(folder), "folder")]
    return pd.DataFrame(rows, columns=list(Entry.__dataclass_fields__))


def write_report(folder: str | Path) -> Path:
    """Write the page of a folder of results again, as `crossings results report` does.

    Args:
        folder: The folder of a run or an experiment.

    Returns:
        The page.

    Raises:
        InputError: The folder holds no finished results, or its files have changed since.
    """
    from simulation.report.remake import write_page

    with python_errors():
        return write_page(Path(folder))


@declared("brief", folder="The folder of a finished comparison.")
def brief(
    folder: str | Path,
    *,
    format: str = "docx",
    output: str | Path | None = None,
) -> Path:
    """Write the first page of a comparison as a file to take along, as `crossings brief` does.

    Returns:
        The file.

    Raises:
        InputError: The folder holds no finished comparison, the file exists, or the extra `brief`
            is not installed.
    """
    from simulation.report.brief import write_brief

    with python_errors():
        asked = read_arguments("brief", locals())
        return write_brief(Path(folder), asked["format"], asked["output"])


@declared("results assurance", folder="The folder of a finished comparison.")
def assurance(folder: str | Path, *, out: str | Path | None = None) -> Path:
    """Write the assurance pack of a comparison, as `crossings results assurance` does.

    Returns:
        The folder of the pack.

    Raises:
        InputError: The folder holds no finished comparison of this version, or the folder to write
            exists.
    """
    from simulation.crates.pack import write_pack

    with python_errors():
        return write_pack(Path(folder), read_arguments("results assurance", locals())["out"])


@declared("results verify", pack="A folder that `assurance` has written.")
def verify(
    pack: str | Path,
    *,
    run: bool = True,
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> pd.DataFrame:
    """Check a pack and run its comparison again, as `crossings results verify` does.

    Returns:
        A row for each version and hash, and for each file that was made again: `what`, `recorded`
        in the pack, `here`, and whether they are the `same`.

    Raises:
        InputError: It is no pack, it was edited, or it is of another version.
        Interrupted: Ctrl-C (a KeyboardInterrupt).
    """
    import pandas as pd

    from simulation.crates.verify import Checked, verify_pack

    with python_errors():
        asked = read_arguments("results verify", locals())
        verified = verify_pack(Path(pack), **asked, progress=progress)
    return pd.DataFrame(verified.rows, columns=list(Checked._fields))


def check_machine(results: str | Path = "results") -> pd.DataFrame:
    """See whether all is well on this machine, as `crossings doctor` does; a small run is part.

    Args:
        results: Folder that results are to go to.

    Returns:
        A row for each thing: `status` (`ok`, `warn` or `fail`), `what` and `text`.
    """
    import pandas as pd

    from simulation.doctor.checks import look

    return pd.DataFrame([finding._asdict() for finding in look(Path(results))])
