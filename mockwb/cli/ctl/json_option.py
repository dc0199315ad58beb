"""`--json`, which every command that reads takes."""

import click

json_option = click.option("--json", "as_json", is_flag=True, help="The server's answer as it is.")
