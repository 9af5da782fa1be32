"""The command line: a command parses, calls one function and prints."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import click

from dedup import __version__
from dedup.commands.explain import explain
from dedup.commands.judge import judge
from dedup.commands.replies import replies
from dedup.commands.rule import rule
from dedup.commands.run import run
from dedup.commands.settings import Settings
from dedup.commands.stats import stats
from dedup.errors import DedupError

_DONE, _ERROR, _STOPPED = 0, 2, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dedup")
@click.option("--rules", type=click.Path(path_type=Path), help="Folder of rule tables. [default: the built-in ones]")
@click.option("--config", type=click.Path(path_type=Path), help="Configuration. [default: dedup.toml in INPUT or here]")
@click.option("--threads", type=click.IntRange(1, 256), default=2, show_default=True, help="Workers to keep busy.")
@click.pass_context
def dedup(context: click.Context, rules: Path | None, config: Path | None, threads: int) -> None:
    """Find, explain and help to correct duplicate records in a union catalogue."""
    context.obj = Settings(rules, config, threads)


dedup.add_command(run)
dedup.add_command(judge)
dedup.add_command(explain)
dedup.add_command(rule)
dedup.add_command(replies)
dedup.add_command(stats)


def main() -> None:
    """Run the command line: 0 done, 1 findings, 2 error. A fault of this program is one line, too."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            # A GBK or ASCII console shows what it cannot write as \uNNNN instead of failing.
            reconfigure(errors="backslashreplace")
    sys.exit(_run())


def _run() -> int:
    try:
        code = dedup.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as stopped:
        return stopped.exit_code
    except click.ClickException as error:
        error.show()
        return _ERROR
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; the last finished run stands as it was", err=True)
        return _STOPPED
    except BrokenPipeError:
        # The reader has gone (`dedup judge ... | head`): say nothing, and let nothing be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _DONE
    except DedupError as error:
        click.echo(f"dedup: {error}", err=True)
        return _ERROR
    except MemoryError:
        click.echo("dedup: out of memory; run again with --threads 1, or on a machine with more", err=True)
        return _ERROR
    except Exception as error:
        _fault(error)
        return _ERROR
    return code if isinstance(code, int) else _DONE


def _fault(error: Exception) -> None:
    """One line about a fault of the program, with the place in it; all of it with DEDUP_DEBUG set."""
    if os.environ.get("DEDUP_DEBUG"):
        traceback.print_exception(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    text = " ".join(str(error).split())
    hint = "a fault of this program, please report it"
    click.echo(f"dedup: {type(error).__name__} in {place}: {text}; {hint}", err=True)
