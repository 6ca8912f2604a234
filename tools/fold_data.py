#!/usr/bin/env python3
"""Writes lua/boxupload/util/fold_data.lua, the table by which names are
compared, from Unicode's data in this Python:

    python3 tools/fold_data.py >lua/boxupload/util/fold_data.lua
"""
# SPDX-License-Identifier: MIT
import sys
import unicodedata

COLUMNS = 79
HANGUL = range(0xAC00, 0xD7A4)  # decomposed by arithmetic (Unicode 3.12)
YPOGEGRAMMENI = "\u0345"  # folds to a letter, but only after the reordering
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def base36(number):
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
        if number == 0:
            return text


def sequence(codes):
    return ".".join(map(base36, codes))


def folded(character):
    """The compatibility decomposition of the character without its case."""
    text, before = character, None
    while text != before:
        before = text
        text = unicodedata.normalize("NFKD", text)
        text = "".join(c if c == YPOGEGRAMMENI else c.casefold()
                       for c in text)
    return text


def characters():
    for code in range(0x80, sys.maxunicode + 1):
        if not 0xD800 <= code < 0xE000 and code not in HANGUL:
            yield code, chr(code)


def mappings():
    table = {}
    for code, character in characters():
        text = folded(character)
        small = character.lower()
        if text == character:
            continue
        if len(small) == 1 and small != character and folded(small) == text:
            text = small  # which may have its own mapping
        table[code] = [ord(c) for c in text]
    return table


def runs(table):
    """The words of the table: runs, then what is left of it."""
    left = dict(table)
    for code in sorted(table):
        if code not in left:
            continue
        best = (1, 1)
        for step in (1, 2):
            count = 1
            while (left.get(code + count * step) ==
                   left[code][:-1] + [left[code][-1] + count * step]):
                count += 1
            best = max(best, (count, step), key=lambda pair: pair[0])
        count, step = best
        if count >= 3:
            yield "%s%s%s>%s" % (base36(code), "+" if step == 1 else "*",
                                 base36(count), sequence(left[code]))
            for at in range(count):
                del left[code + at * step]
    code = 0
    words = []
    for source in sorted(left):
        if source != code or not words:
            if words:
                yield ",".join(words)
            words = [base36(source) + "=" + sequence(left[source])]
        else:
            words.append(sequence(left[source]))
        code = source + 1
    if words:
        yield ",".join(words)


def classes():
    """Yields each class of combining marks with its runs of characters."""
    marks = {}
    for code, character in characters():
        kind = unicodedata.combining(character)
        if not kind:
            continue
        of_kind = marks.setdefault(kind, [])
        if of_kind and sum(of_kind[-1]) == code:
            of_kind[-1][1] += 1
        else:
            of_kind.append([code, 1])
    for kind, of_kind in sorted(marks.items()):
        yield base36(kind) + "=" + ",".join(
            "+".join(map(base36, run)) for run in of_kind)


def lines(words):
    line = ""
    for word in words:
        # A long word is cut at its commas, for the line's sake.
        for piece in word.replace(",", ",\n").split("\n"):
            if len(line) + len(piece) > COLUMNS:
                yield line
                line = ""
            line += piece
        line += " "
    yield line.rstrip()


def field(name, words):
    print("M.%s = [[" % name)
    for line in lines(words):
        print(line.rstrip() if not line.endswith(",") else line)
    print("]]")
    print()


print("-- fold_data: how characters are written without case and style, of "
      "Unicode\n-- %s. Written by tools/fold_data.py; numbers have base 36."
      % unicodedata.unidata_version)
print("-- SPDX-License-Identifier: MIT\n\nlocal M = {}\n")
print("""\
-- first=a.b,c: what to take for the characters from `first` on, each one or a
-- sequence, which may have entries of their own. first+count>a.b: the same for
-- a run of characters, with b, b + 1, ...; first*count>a.b: for every second
-- character, with b, b + 2, ...""")
field("mappings", runs(mappings()))
print("-- class=first+count,first+count: the marks that combine.")
field("classes", classes())
print("return M")
