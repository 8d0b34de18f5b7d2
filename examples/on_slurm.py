"""Run a command of crossings on a SLURM cluster: jobs of workers are submitted, and end with it.

    uv run --extra cluster --with dask-jobqueue python examples/on_slurm.py --jobs 4 \
        compare outlook outlook-full-sharing --scale 1 --replications 200

Start it on a node that may submit jobs, in the folder of the project, on a disk that the nodes
share. A job that ends early is submitted again. What is finished is kept: the same command goes on.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
from dask_jobqueue import SLURMCluster
from distributed import Client


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--jobs", type=click.IntRange(1), required=True, help="Jobs of workers.")
@click.option("--cores", type=click.IntRange(1), default=8, show_default=True, help="Of each job.")
@click.option("--gb", type=click.IntRange(1), default=16, show_default=True, help="Of each job.")
@click.option("--hours", type=click.IntRange(1), default=12, show_default=True, help="Of each job.")
@click.option("--queue", help="Partition [default: that of the cluster].")
@click.option("--interface", help="Network that workers reach this node by, such as ib0.")
@click.option("--logs", type=Path, default=Path("results/slurm"), show_default=True)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def main(
    jobs: int,
    cores: int,
    gb: int,
    hours: int,
    queue: str | None,
    interface: str | None,
    logs: Path,
    command: tuple[str, ...],
) -> None:
    """Run COMMAND, such as `compare outlook my-question.toml`, with workers in SLURM jobs."""
    logs.mkdir(parents=True, exist_ok=True)
    with (
        SLURMCluster(
            queue=queue,
            interface=interface,
            cores=cores,
            processes=cores,
            memory=f"{gb}GB",
            walltime=f"{hours}:00:00",
            log_directory=str(logs.resolve()),
            job_name="crossings",
        ) as cluster,
        Client(cluster) as client,
    ):
        cluster.adapt(minimum_jobs=jobs, maximum_jobs=jobs)
        click.echo(f"{jobs} jobs are submitted; waiting for the first worker")
        client.wait_for_workers(1)
        crossings = [sys.executable, "-m", "simulation", *command]
        done = subprocess.run([*crossings, "--scheduler", cluster.scheduler_address], check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
