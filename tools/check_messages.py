#!/usr/bin/env python3
"""Checks that every message of an error has a test of its text.

    tools/check_messages.py [ROOT]     ROOT: the tree to check, by default this one

A message is what stands in string literals of a `throw`, of a call of check, require, expect, fail
or refuse (or check_sizes, say), and any literal beside them that says what was expected. Its own
words are the pieces of it that the fewest messages have; strings of *_test.cpp must hold them. That
a test asserts something about such a string is for its reader to see.

Prints one line for each message without a test, as a compiler would, and ends with 1 if there is
any.
"""
import collections
import pathlib
import re
import sys

TOKEN = re.compile(
    r"""
    //[^\n]* | /\*.*?\*/ | \s+
  | R"(?P<mark>[^(\s]*)\((?P<raw>.*?)\)(?P=mark)"
  | "(?P<text>(?:\\.|[^"\\\n])*)"
  | '(?:\\.|[^'\\\n])+'
  | (?P<word>[A-Za-z_]\w*) | [\d.][\w'.]*
  | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
CALL = re.compile(r"(check|require|expect|fail|refuse)(_\w+)?")
ESCAPES = {"n": "\n", "t": "\t", "0": "\0"}


def unescaped(text):
    """What a literal stands for, as far as messages need it."""
    return re.sub(r"\\(x[0-9a-fA-F]+|.)", lambda m: ESCAPES.get(m[1], m[1]), text)


def tokens(path):
    """(kind, text, line) of each token: kind is "text" for a literal, "word" or "other". Literals
    side by side are one."""
    found = []
    line = 1
    content = path.read_text(encoding="utf-8")
    for match in TOKEN.finditer(content):
        literal = match["raw"] if match["raw"] is not None else match["text"]
        if literal is not None:
            literal = match["raw"] if match["raw"] is not None else unescaped(literal)
            if found and found[-1][0] == "text":
                found[-1] = ("text", found[-1][1] + literal, found[-1][2])
            else:
                found.append(("text", literal, line))
        elif match["word"]:
            found.append(("word", match["word"], line))
        elif match["other"]:
            found.append(("other", match["other"], line))
        line += match[0].count("\n")
    return found


def open_of_call(code, at):
    """Where the parenthesis of the call or throw at `at` opens; None where there is none."""
    if code[at][0] != "word":
        return None
    is_throw = code[at][1] == "throw"
    if not is_throw and not CALL.fullmatch(code[at][1]):
        return None
    at += 1
    if is_throw or (at < len(code) and code[at][1] == "<"):  # throw ns::E(  check<E>(
        while at < len(code) and code[at][1] not in "({;":
            at += 1
    return at if at < len(code) and code[at][1] == "(" else None


def arguments(code, at):
    """(end, literals) of the parentheses that open at `at`; each literal with its argument."""
    depth = 0
    number = 0
    literals = []
    for end in range(at, len(code)):
        kind, text, _ = code[end]
        if kind == "text":
            literals.append((number, text))
        elif kind == "other" and text in "([{":
            depth += 1
        elif kind == "other" and text in ")]}":
            depth -= 1
            if depth == 0:
                return end, literals
        elif kind == "other" and text == "," and depth == 1:
            number += 1
    return len(code), literals


def words_in(literals):
    """The pieces of a message: what stands between the values that {} of fmt makes, without the
    marks at either end, which a test may have put into another literal."""
    for literal in literals:
        for piece in re.split(r"\{[^{}]*\}|\n", literal):
            piece = piece.strip(" \"'(),:;.")
            if len(re.findall("[A-Za-z]", piece)) >= 3:
                yield piece


def messages(path):
    """(line, pieces) of each message of a file."""
    code = tokens(path)
    done = -1
    for at, (kind, text, line) in enumerate(code):
        if at <= done:
            continue
        begin = open_of_call(code, at)
        if begin is not None:
            end, literals = arguments(code, begin)
            first = 1 if text == "check" else 0  # what is checked is no part of the message
            pieces = list(words_in(literal for number, literal in literals if number >= first))
            if pieces:
                done = end
                yield line, pieces
        elif kind == "text" and re.search(r"\bexpected\b|, got\b", text):
            pieces = list(words_in([text]))
            if pieces:
                yield line, pieces


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    files = [
        path
        for folder in ("fovea", "apps", "tests")
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in (".h", ".cpp")
    ]
    tests = [path for path in files if path.name.endswith("_test.cpp")]
    texts = "\0".join(text for path in tests for kind, text, _ in tokens(path) if kind == "text")
    known = [
        (path.relative_to(root), line, pieces)
        for path in files
        if path not in set(tests) and path.relative_to(root).parts[0] != "tests"
        for line, pieces in messages(path)
    ]
    uses = collections.Counter(piece for _, _, pieces in known for piece in set(pieces))
    untested = 0
    for path, line, pieces in known:
        rarest = min(uses[piece] for piece in pieces)
        missing = [piece for piece in pieces if uses[piece] == rarest and piece not in texts]
        if missing:
            untested += 1
            print(f'{path}:{line}: no test has the message "{missing[0]}"')
    print(f"messages: {len(known)}, of which {untested} without a test")
    return 1 if untested else 0


if __name__ == "__main__":
    sys.exit(main())
