"""A modest copybook reader: names, hierarchy, OCCURS, REDEFINES, RENAMES, 88s.

It does NOT compute offsets or lengths: that is the COBOL compiler's job.  It
reads only what is needed to write a COBOL program that mentions every item.

SPDX-License-Identifier: Apache-2.0
"""
import re

SKIP_WORDS = {"EJECT", "SKIP1", "SKIP2", "SKIP3", "TITLE"}

USAGE_WORDS = {}
for _n, _alts in {
    "DISPLAY": "DISPLAY", "DISPLAY-1": "DISPLAY-1", "NATIONAL": "NATIONAL",
    "BINARY": "BINARY COMP COMPUTATIONAL COMP-4 COMPUTATIONAL-4",
    "PACKED-DECIMAL": "PACKED-DECIMAL COMP-3 COMPUTATIONAL-3",
    "COMP-1": "COMP-1 COMPUTATIONAL-1", "COMP-2": "COMP-2 COMPUTATIONAL-2",
    "COMP-5": "COMP-5 COMPUTATIONAL-5", "COMP-6": "COMP-6 COMPUTATIONAL-6",
    "COMP-X": "COMP-X COMPUTATIONAL-X", "COMP-N": "COMP-N COMPUTATIONAL-N",
    "INDEX": "INDEX", "POINTER": "POINTER", "POINTER-32": "POINTER-32",
    "PROCEDURE-POINTER": "PROCEDURE-POINTER", "FUNCTION-POINTER": "FUNCTION-POINTER",
    "BINARY-CHAR": "BINARY-CHAR", "BINARY-SHORT": "BINARY-SHORT",
    "BINARY-LONG": "BINARY-LONG", "BINARY-DOUBLE": "BINARY-DOUBLE",
    "BINARY-C-LONG": "BINARY-C-LONG", "FLOAT-SHORT": "FLOAT-SHORT",
    "FLOAT-LONG": "FLOAT-LONG", "UTF-8": "UTF-8",
}.items():
    for _a in _alts.split():
        USAGE_WORDS[_a] = _n

CLAUSE_WORDS = set(USAGE_WORDS) | {
    "REDEFINES", "PIC", "PICTURE", "USAGE", "SIGN", "LEADING", "TRAILING",
    "SEPARATE", "OCCURS", "SYNC", "SYNCHRONIZED", "SYNCHRONISED", "JUST", "JUSTIFIED",
    "BLANK", "VALUE", "VALUES", "GLOBAL", "EXTERNAL", "RENAMES", "DEPENDING",
    "ASCENDING", "DESCENDING", "INDEXED", "OBJECT", "GROUP-USAGE", "SIGNED",
    "UNSIGNED", "VOLATILE",
}


class CopybookError(Exception):
    pass


# --------------------------------------------------------------------- lexing
def detect_format(text):
    """'fixed' if every non-blank line could be fixed format, else 'free'."""
    for line in text.splitlines():
        line = line.expandtabs(8)
        if line.strip() and not (
                re.fullmatch(r" {6}|\w{6}", line[:6].ljust(6)) and line[6:7] in " *-/Dd$"):
            return "free"
    return "fixed"


def source_lines(text, fmt=None):
    """-> (list of (code, is_continuation)), the format used."""
    fmt = fmt or detect_format(text)
    out = []
    for line in text.replace("\x1a", "").splitlines():
        line = line.expandtabs(8)
        if fmt == "fixed":
            ind = line[6:7]
            if ind in ("*", "/", "D", "d", "$"):
                continue
            body = line[7:72]
            if ind == "-":
                out.append((body, True))
                continue
        else:
            body = line
            if body.lstrip().startswith("*"):
                continue
        if "*>" in body:
            body = _strip_inline(body)
        if body.strip():
            out.append((body, False))
    return out, fmt


def _strip_inline(body):
    q = None
    for i, c in enumerate(body):
        if q:
            if c == q:
                q = None
        elif c in "'\"":
            q = c
        elif body.startswith("*>", i):
            return body[:i]
    return body


def tokenize(text, fmt=None):
    """-> list of sentences, each a list of tokens (literals kept quoted)."""
    lines, used = source_lines(text, fmt)
    src, q = "", None                       # q: the quote of an open literal
    for body, cont in lines:
        if cont and q:                      # drop the repeated opening quote
            body = body.lstrip()
            body = body[1:] if body[:1] in "'\"" else body
        elif cont:
            src, body = src.rstrip(), body.lstrip()
        else:
            q = None
        for c in body:
            if q:
                q = None if c == q else q
            elif c in "'\"":
                q = c
        if q and used == "fixed":
            src += body.ljust(65)[:65]      # a literal runs to column 72
        else:
            src += body.rstrip() + "\n"
    sentences, cur, i, n = [], [], 0, len(src)
    want_pic = False
    while i < n:
        c = src[i]
        if c in " \t\n":
            i += 1
            continue
        if want_pic:
            m = re.compile(r"IS\s", re.I).match(src, i)
            if m:
                i = m.end()
                continue
            m = re.compile(r"\S+").match(src, i)
            pic = m.group()
            i = m.end()
            end = False
            if pic[-1] == ".":
                pic, end = pic[:-1], True
            elif pic[-1] in ",;":
                pic = pic[:-1]
            cur.append(pic)
            want_pic = False
            if end:
                sentences.append(cur)
                cur = []
            continue
        if c in ",;" and (i + 1 >= n or src[i + 1] in " \n"):
            i += 1
            continue
        if c == "." and (i + 1 >= n or src[i + 1] in " \n\t"):
            sentences.append(cur)
            cur = []
            i += 1
            continue
        m = re.compile(r"(?:[XxNnGgZzUu][XxCc]?)?(['\"])").match(src, i)
        if m and (m.group() in "'\"" or m.group()[:-1].upper() in
                  ("X", "N", "G", "Z", "NX", "GX", "U", "NC")):
            q, j = m.group(1), m.end()
            while True:
                k = src.find(q, j)
                if k < 0:
                    raise CopybookError("literal without its closing quote: " + src[i:i + 30])
                if src[k + 1:k + 2] == q:
                    j = k + 2
                    continue
                break
            cur.append(src[i:k + 1])
            i = k + 1
            continue
        if c in "()":
            cur.append(c)
            i += 1
            continue
        m = re.compile(r"[^\s()]+").match(src, i)
        word = m.group()
        while word and (word[-1] in ",;"):
            word = word[:-1]
        if word.endswith("."):
            word = word[:-1]
        if not word:
            raise CopybookError("cannot read: " + src[i:i + 30])
        i += len(word)
        up = word.upper()
        if not cur and up in SKIP_WORDS:
            if up == "TITLE":
                k = src.find("\n", i)
                i = n if k < 0 else k
            continue
        cur.append(word if word[0] in "+-.0123456789" else up)
        if up in ("PIC", "PICTURE"):
            want_pic = True
    if cur:
        raise CopybookError("last sentence without a period: " + " ".join(cur[:6]))
    return [s for s in sentences if s]


# ---------------------------------------------------------------------- items
class Item:
    def __init__(self, level, name):
        self.level = level
        self.name = name                # None: FILLER
        self.parent = None
        self.children = []
        self.conds = []                 # 88s: (name, tokens)
        self.renames = None             # (from, thru)
        self.redefines = None           # Item
        self.pic = None
        self.usage = None               # own clause, canonical word
        self.sign = None                # (leading, separate)
        self.occurs = None              # (min, max)
        self.depending = None           # Item or name
        self.indexed = []
        self.keys = []
        self.sync = False
        self.just = False
        self.blank_zero = False
        self.signed_word = None
        self.group_usage = None
        self.other = []                 # clauses passed through
        self.id = None
        self.path = None

    # inherited clauses
    @property
    def eff_usage(self):
        it = self
        while it is not None:
            if it.usage:
                return it.usage
            it = it.parent
        return "DISPLAY"

    @property
    def eff_sign(self):
        it = self
        while it is not None:
            if it.sign:
                return it.sign
            it = it.parent
        return (False, False)

    @property
    def eff_sync(self):
        it = self
        while it is not None:
            if it.sync:
                return True
            it = it.parent
        return False

    @property
    def is_group(self):
        return bool(self.children)

    def dims(self):
        """The items with OCCURS from the outside in, this one included."""
        d, it = [], self
        while it is not None:
            if it.occurs:
                d.append(it)
            it = it.parent
        return d[::-1]

    def walk(self):
        yield self
        for c in self.children:
            yield from c.walk()

    def __repr__(self):
        return "<%02d %s>" % (self.level, self.name)


def parse(text, fmt=None):
    """-> list of records (01 items); a copybook that starts lower gets an 01."""
    records, stack, renames = [], [], []
    last = None
    for s in tokenize(text, fmt):
        if not re.fullmatch(r"\d{1,2}", s[0]):
            if s[0] == "COPY":
                raise CopybookError("COPY inside a copybook is not read")
            raise CopybookError("a level number is expected: " + " ".join(s[:5]))
        level, rest = int(s[0]), s[1:]
        if level == 88:
            if last is None:
                raise CopybookError("88 without an item")
            last.conds.append((rest[0], rest[1:]))
            continue
        if level == 77 or level == 78:
            last = Item(level, rest[0])
            continue
        name = None
        if rest and rest[0] == "FILLER":
            rest = rest[1:]
        elif rest and rest[0] not in CLAUSE_WORDS:
            name, rest = rest[0], rest[1:]
        it = Item(level, name)
        if level == 66:
            if not rest or rest[0] != "RENAMES":
                raise CopybookError("66 without RENAMES")
            frm, k = _qualified(rest, 1)
            thru = None
            if k < len(rest) and rest[k] in ("THRU", "THROUGH"):
                thru, k = _qualified(rest, k + 1)
            it.renames = (frm, thru)
            renames.append((records[-1], it))
            last = it
            continue
        if level == 1 or not records:
            if level != 1:
                rec = Item(1, "RECORD-01")
                records.append(rec)
                stack = [rec]
            else:
                records.append(it)
                stack = []
        while stack and stack[-1].level >= level:
            stack.pop()
        if stack:
            it.parent = stack[-1]
            stack[-1].children.append(it)
        elif level != 1:
            raise CopybookError("level %02d below nothing" % level)
        stack.append(it)
        last = it
        _clauses(it, rest)
    if not records:
        raise CopybookError("no record in the copybook")
    for rec in records:
        rec.renames_list = [r for (r0, r) in renames if r0 is rec]
        _resolve(rec)
    return records


def _qualified(tok, k):
    names = [tok[k]]
    k += 1
    while k + 1 < len(tok) and tok[k] in ("OF", "IN"):
        names.append(tok[k + 1])
        k += 2
    return names, k


def _clauses(it, t):
    k = 0
    n = len(t)
    while k < n:
        w = t[k]
        if w == "REDEFINES":
            it.redefines = t[k + 1]
            k += 2
        elif w in ("PIC", "PICTURE"):
            it.pic = t[k + 1]
            k += 2
        elif w == "USAGE":
            k += 1
            if k < n and t[k] == "IS":
                k += 1
            if t[k] == "OBJECT":
                it.usage = "OBJECT"
                k += 3 if k + 2 < n and t[k + 1] == "REFERENCE" and t[k + 2] not in CLAUSE_WORDS else 2
        elif w in USAGE_WORDS:
            it.usage = USAGE_WORDS[w]
            k += 1
            if k < n and t[k] in ("SIGNED", "UNSIGNED"):
                it.signed_word = t[k]
                k += 1
        elif w == "GROUP-USAGE":
            k += 1
            if t[k] == "IS":
                k += 1
            it.group_usage = t[k]
            k += 1
        elif w == "SIGN" or w in ("LEADING", "TRAILING"):
            if w == "SIGN":
                k += 1
                if t[k] == "IS":
                    k += 1
            lead = t[k] == "LEADING"
            k += 1
            sep = False
            if k < n and t[k] == "SEPARATE":
                sep = True
                k += 1
                if k < n and t[k] == "CHARACTER":
                    k += 1
            it.sign = (lead, sep)
        elif w == "OCCURS":
            k = _occurs(it, t, k + 1)
        elif w in ("SYNC", "SYNCHRONIZED", "SYNCHRONISED"):
            it.sync = True
            k += 1
            if k < n and t[k] in ("LEFT", "RIGHT"):
                k += 1
        elif w in ("JUST", "JUSTIFIED"):
            it.just = True
            k += 1
            if k < n and t[k] == "RIGHT":
                k += 1
        elif w == "BLANK":
            it.blank_zero = True
            k += 1
            if t[k] == "WHEN":
                k += 1
            k += 1                      # ZERO, ZEROS, ZEROES
        elif w in ("VALUE", "VALUES"):
            k += 1
            if k < n and t[k] in ("IS", "ARE"):
                k += 1
            if k < n and t[k] == "ALL":
                k += 1
            k += 1                      # dropped: no effect on a layout
        elif w in ("GLOBAL", "EXTERNAL", "VOLATILE"):
            k += 1
        elif w == "IS":
            k += 1
        else:
            it.other.append(w)
            k += 1


def _occurs(it, t, k):
    n = len(t)
    lo = hi = None
    if t[k] == "UNBOUNDED":
        raise CopybookError("OCCURS UNBOUNDED is not handled")
    lo = hi = int(t[k])
    k += 1
    if k < n and t[k] == "TO":
        if t[k + 1] == "UNBOUNDED":
            raise CopybookError("OCCURS UNBOUNDED is not handled")
        hi = int(t[k + 1])
        k += 2
    else:
        lo = hi
    if k < n and t[k] == "TIMES":
        k += 1
    while k < n:
        if t[k] == "DEPENDING":
            k += 1
            if t[k] == "ON":
                k += 1
            it.depending, k = _qualified(t, k)
            if lo == hi and not ("TO" in t):
                lo = 1 if hi > 0 else 0
        elif t[k] in ("ASCENDING", "DESCENDING"):
            d = t[k]
            k += 1
            while k < n and t[k] in ("KEY", "IS"):
                k += 1
            names = []
            while k < n and t[k] not in CLAUSE_WORDS:
                q, k = _qualified(t, k)
                names.append(q)
            it.keys.append((d, names))
        elif t[k] == "INDEXED":
            k += 1
            if t[k] == "BY":
                k += 1
            while k < n and t[k] not in CLAUSE_WORDS:
                it.indexed.append(t[k])
                k += 1
        else:
            break
    it.occurs = (lo, hi)
    return k


def find(rec, names, scope=None):
    """Find an item by a qualified name (innermost first), or None."""
    hits = []
    for it in rec.walk():
        if it.name != names[0]:
            continue
        p, ok = it.parent, True
        for q in names[1:]:
            while p is not None and p.name != q:
                p = p.parent
            if p is None:
                ok = False
                break
            p = p.parent
        if ok:
            hits.append(it)
    if not hits:
        return None
    return hits[0]


def _resolve(rec):
    num = 0
    for it in rec.walk():
        num += 1
        it.id = num
    for it in rec.walk():
        if it.redefines:
            sibs = it.parent.children if it.parent else [it]
            target = None
            for s in sibs:
                if s is it:
                    break
                if s.name == it.redefines:
                    target = s
            if it.parent is None:
                it.redefines = None         # an 01 REDEFINES: same place
                continue
            if target is None:
                raise CopybookError("%s REDEFINES unknown %s" % (it.name, it.redefines))
            it.redefines = target
        if it.depending:
            hit = find(rec, it.depending)
            it.depending_name = " OF ".join(it.depending)
            it.depending = hit if hit is not None else it.depending_name
    for r in rec.renames_list:
        num += 1
        r.id = num
        a = find(rec, r.renames[0])
        b = find(rec, r.renames[1]) if r.renames[1] else None
        if a is None or (r.renames[1] and b is None):
            raise CopybookError("66 %s renames an unknown item" % r.name)
        r.renames = (a, b)
    # unique dotted paths
    seen = {}

    def label(it, prefix):
        nm = it.name or "FILLER"
        p = prefix + nm
        if it.name is None or p in seen:
            seen[p] = seen.get(p, 0) + 1
            if it.name is None:
                p = "%s#%d" % (p, seen[p])
            else:
                p = "%s~%d" % (p, seen[p])
        else:
            seen[p] = 1
        it.path = p
        for c in it.children:
            label(c, p + ".")
    label(rec, "")
    for r in rec.renames_list:
        r.path = rec.path + "." + r.name


# ------------------------------------------------------------------- PICTUREs
class Pic:
    """What a PICTURE says: kind, digits before/after the point, storage size."""

    def __init__(self, text):
        self.text = text
        s = re.sub(r"(.)\((\d+)\)", lambda m: m.group(1) * int(m.group(2)), text.upper())
        self.expanded = s
        self.signed = s.startswith("S")
        body = s[1:] if self.signed else s
        if re.fullmatch(r"[9VP]+", body):
            self.kind = "N"                             # numeric
        elif re.fullmatch(r"[XA9]+", body):
            self.kind = "X"                             # alphanumeric
        elif re.fullmatch(r"[XA9B0/]+", body) and re.search(r"[XA]", body):
            self.kind = "AE"                            # alphanumeric-edited
        elif re.fullmatch(r"[N]+", body):
            self.kind = "NAT"
        elif re.fullmatch(r"[NB0/]+", body) and "N" in body:
            self.kind = "NATE"
        elif re.fullmatch(r"[GB]+", body) and "G" in body:
            self.kind = "DBCS"
        elif re.fullmatch(r"[+\-][9V.]+E[+\-]99", body):
            self.kind = "FE"                            # external floating point
        elif re.fullmatch(r"U+", body):
            self.kind = "UTF8"
        else:
            self.kind = "NE"                            # numeric-edited
        self.int_digits = self.scale = 0
        if self.kind == "N":
            left, _, right = body.partition("V")
            if "V" not in body:
                m = re.fullmatch(r"(P*)(9*)(P*)", body)
                if m and m.group(1):                    # PPP99 = VPPP99
                    left, right = "", body
            self.int_digits = len(left)
            self.scale = len(right)
            self.digits = body.count("9")
            self.p_left = left.count("P")               # scaling on the left
            self.p_right = right.count("P")
        elif self.kind == "NE":
            # digit positions, roughly: enough for a wide work field
            left, _, right = body.partition("V") if "V" in body else body.partition(".")
            self.int_digits = len(left)
            floats = "".join(c for c in "+-$" if body.count(c) > 1)
            self.scale = sum(right.count(c) for c in "9Z*P" + floats)
            self.digits = self.int_digits + self.scale
