"""The source files that the tidy checks read, and C++ text without its comments and literals."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CXX_SUFFIXES = {".hpp", ".cpp"}


def files(*folders, suffixes=frozenset(CXX_SUFFIXES), root=ROOT):
    """(path from the root, text) of each file under the folders, in order."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


# Raw strings first (they may hold quotes), then comments, strings and characters. The quote of 1'000'000 opens nothing.
_NOT_CODE = re.compile(
    r"""R"(?P<delimiter>[^()\s\\]{0,16})\(.*?\)(?P=delimiter)"
      | //[^\n]*
      | /\*.*?\*/
      | (?P<include>^[ \t]*\#[ \t]*include[^\n]*)
      | "(?:\\.|[^"\\\n])*"
      | (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def code_lines(text):
    """[(line number, code)] of the lines, with comments and literals blanked out; #include lines stay as they are."""

    def blank(match):
        if match.group("include"):
            return match.group(0).split("//")[0]
        return re.sub(r"[^\n]", " ", match.group(0))

    return list(enumerate(_NOT_CODE.sub(blank, text).split("\n"), start=1))
