"""The command `python -m gateway`: what an operator does to a gateway besides running it."""

import typer

from gateway.audit_commands import audit
from gateway.key_commands import keys

app = typer.Typer(
    help="Look after a gateway: its API keys and its audit trail.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(audit, name="audit")
app.add_typer(keys, name="keys")

if __name__ == "__main__":
    app(prog_name="python -m gateway")
