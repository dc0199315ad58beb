"""The command group. A further command is one more file and one more line here."""

import click

from mockwb import __version__
from mockwb.cli.audit import audit
from mockwb.cli.check import check
from mockwb.cli.compare import compare_command
from mockwb.cli.coverage import coverage
from mockwb.cli.ctl.group import ctl
from mockwb.cli.plans import plans
from mockwb.cli.replay_journal import replay_journal
from mockwb.cli.run import run
from mockwb.cli.schema import schema
from mockwb.cli.serve import serve
from mockwb.cli.simulate import simulate_command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mockwb")
def main() -> None:
    """Stand in for the Weights & Biases server: real SDKs log to it, rate limits and all."""


main.add_command(serve)
main.add_command(run)
main.add_command(simulate_command)
main.add_command(compare_command)
main.add_command(schema)
main.add_command(check)
main.add_command(plans)
main.add_command(ctl)
main.add_command(replay_journal)
main.add_command(coverage)
main.add_command(audit)
