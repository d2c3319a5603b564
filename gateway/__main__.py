"""The command `python -m gateway`: what an operator does to a gateway besides running it."""

import typer

from gateway.key_commands import keys

app = typer.Typer(
    help="Look after a gateway: its API keys.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(keys, name="keys")

if __name__ == "__main__":
    app(prog_name="python -m gateway")
