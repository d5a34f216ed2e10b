"""`statekeep completion`: a script for bash, zsh or fish, written from the commands' own parsers.

The scripts are static: they hold every command and option of this release and complete files
elsewhere, so that pressing Tab starts no Python.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from statekeep.cli.main import COMMANDS, load
from statekeep.cli.parser import Example, build

DESCRIPTION = """
Prints the completion script of a shell. For the current shell:

  bash  source <(statekeep completion bash)
  zsh   source <(statekeep completion zsh)
  fish  statekeep completion fish | source
"""

EXAMPLES = (
    Example("statekeep completion bash", "put it where bash-completion looks, or source it"),
)


@dataclass(frozen=True, slots=True)
class Option:
    names: tuple[str, ...]
    values: tuple[str, ...]
    takes_value: bool
    says: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=sorted(_SHELLS), metavar="SHELL", help="bash, zsh or fish")


def run(args: argparse.Namespace) -> int:
    print(_SHELLS[args.shell](), end="")
    return 0


def options_of(name: str) -> tuple[Option, ...]:
    """Every option of a command, as its parser has it."""
    parser = build(load(name), name)
    return tuple(
        Option(
            tuple(action.option_strings),
            tuple(str(choice) for choice in action.choices or ()),
            action.nargs != 0,
            (action.help or "").replace("%%", "%"),
        )
        for action in parser._actions
        if action.option_strings and action.help != argparse.SUPPRESS
    )


def choices_of(name: str) -> tuple[str, ...]:
    """What the command's positional arguments can be, where that is a closed set."""
    parser = build(load(name), name)
    return tuple(
        str(choice)
        for action in parser._actions
        if not action.option_strings
        for choice in action.choices or ()
    )


def _flags(options: tuple[Option, ...]) -> str:
    return " ".join(name for option in options for name in option.names)


def bash() -> str:
    cases = "".join(_bash_case(name) for name in COMMANDS)
    return _BASH.format(commands=" ".join(COMMANDS), cases=cases)


def _bash_case(name: str) -> str:
    options = options_of(name)
    valued = [
        f'    {"|".join(option.names)}) words="{" ".join(option.values)}"; closed=1 ;;\n'
        for option in options
        if option.values
    ]
    inner = "".join(['    case "$previous" in\n', *valued, "    esac\n"]) if valued else ""
    choices = " ".join(choices_of(name))
    return f'  {name})\n    flags="{_flags(options)}" words="{choices}"\n{inner}    ;;\n'


_BASH = """\
# bash completion of statekeep; written by `statekeep completion bash`
_statekeep() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}"
  local flags="" words="" closed=0
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{commands} help --help --version" -- "$current"))
    return
  fi
  case "${{COMP_WORDS[1]}}" in
  help) words="{commands}" ;;
{cases}  esac
  if [[ "$current" == -* ]] && [ "$closed" -eq 0 ]; then
    words="$flags"
  fi
  [ -z "$words" ] || COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ -n "$words" ] || COMPREPLY=($(compgen -f -- "$current"))
}}
complete -o filenames -F _statekeep statekeep
"""


def zsh() -> str:
    listed = "".join(f"    '{name}:{_zsh(says)}'\n" for name, (_, says) in COMMANDS.items())
    cases = "".join(f"    {name})\n{_zsh_arguments(name)}      ;;\n" for name in COMMANDS)
    return _ZSH.format(listed=listed, cases=cases)


def _zsh_arguments(name: str) -> str:
    lines = ["      _arguments \\\n"]
    for option in options_of(name):
        value = f":value:({' '.join(option.values)})" if option.values else ""
        value = value or (":value:_files" if option.takes_value else "")
        lines += [f"        '*{flag}[{_zsh(option.says)}]{value}' \\\n" for flag in option.names]
    choices = choices_of(name)
    rest = f"({' '.join(choices)})" if choices else "_files"
    return "".join([*lines, f"        '*:argument:{rest}'\n"])


def _zsh(text: str) -> str:
    """Inside single quotes, brackets and colons have a meaning of their own."""
    return text.replace("'", "").replace("[", "(").replace("]", ")").replace(":", "\\:")


_ZSH = """\
#compdef statekeep
# zsh completion of statekeep; written by `statekeep completion zsh`
_statekeep() {{
  local -a commands
  commands=(
{listed}  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
{cases}  esac
}}
compdef _statekeep statekeep
"""


def fish() -> str:
    lines = ["# fish completion of statekeep; written by `statekeep completion fish`"]
    for name, (_, says) in COMMANDS.items():
        lines.append(
            f"complete -c statekeep -n __fish_use_subcommand -f -a {name} -d '{_fish(says)}'"
        )
    for name in COMMANDS:
        seen = f"complete -c statekeep -n '__fish_seen_subcommand_from {name}'"
        choices = choices_of(name)
        if choices:
            lines.append(f"{seen} -f -a '{' '.join(choices)}'")
        lines += [f"{seen} {_fish_option(option)}" for option in options_of(name)]
    return "\n".join(lines) + "\n"


def _fish_option(option: Option) -> str:
    parts = [
        f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names
    ]
    if option.values:
        parts.append(f"-x -a '{' '.join(option.values)}'")
    elif option.takes_value:
        parts.append("-r")
    return " ".join([*parts, f"-d '{_fish(option.says)}'"])


def _fish(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


_SHELLS = {"bash": bash, "fish": fish, "zsh": zsh}
