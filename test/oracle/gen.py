#!/usr/bin/env python3
"""A random valid copybook and random valid values for it.

  gen.py SEED [--out DIR] [--records N] [--sync] [--native] [--no-odo] [--items N]

Without --out the copybook goes to stdout.  With it: DIR/SEED.cpy and
DIR/SEED.jsonl (lines for `oracle.py encode`).  The same seed gives the same
files.  Items are picked so that every record is one IBM Enterprise COBOL
accepts; --sync adds SYNC, --native the usages IBM lacks (COMP-6, COMP-X ...).

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import json
import os
import random
import re
from decimal import Decimal, getcontext

import copybook as cb
import ibm_model

getcontext().prec = 120

WORDS = ("ACCT CUST POL CLM ORD LINE ITEM DATE AMT QTY RATE CODE NAME TYPE FLAG KEY ID "
         "ADDR CITY ZIP PHONE BRANCH REGION UNIT TAX NET GROSS DISC TERM SEQ NUM STAT "
         "HIST PREV CURR BEG LIMIT FEE BAL INT PRIN LOAN PAYEE BANK MEMO").split()

EDITED = ["Z(%d)9", "Z,ZZZ,ZZ9.99-", "$$$,$$9.99", "*(%d)9.99", "9(5).99CR", "ZZZ9.99DB",
          "+++,++9.9", "--(%d)9", "99/99/9999", "9(3)+", "ZZ9V99", "ZZ,ZZ9", "$ZZ,ZZ9.99CR",
          "9B999B99", "-ZZZ9", "+9(4).9(3)", "Z(%d)", "ZZZ,ZZZ.ZZ", "$**,**9.99", "9(4).99-"]


class Gen:
    def __init__(self, seed, sync=False, native=False, odo=True, items=None):
        self.r = random.Random(seed)
        self.sync, self.native, self.odo = sync, native, odo
        self.left = items or self.r.choice([4, 8, 12, 20, 35, 60])
        self.used = set()
        self.lines = []
        self.counters = []
        self.inner = None               # a counter for a table inside a variable table
        self.separate = False           # inside a group with SIGN ... SEPARATE
        self.plain = []                 # names 66 RENAMES can start or end at
        self.style = self.r.choice(["fixed", "fixed", "fixed", "free"])

    def name(self):
        while True:
            n = "-".join(self.r.choice(WORDS) for _ in range(self.r.choice([1, 2, 2, 3])))
            if self.r.random() < .3:
                n += "-%d" % self.r.randint(1, 99)
            if n in RESERVED or n in self.used or len(n) > 30:
                n = "%s-%s" % (self.r.choice("ABCDEFGHKLMN") + str(len(self.used)), n)
            if len(n) <= 30 and n not in self.used:
                self.used.add(n)
                return n

    def rep(self, c, n):
        """c(n), c(0n) or ccc"""
        x = self.r.random()
        if n <= 5 and x < .35:
            return c * n
        return "%s(%s)" % (c, ("%02d" % n) if x > .85 else n)

    def num_pic(self, maxd, signed=None, decimals=True, scaling=True):
        r = self.r
        d = r.choice([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 18] +
                     ([19, 25, 29, 30, 31] if maxd > 18 else []))
        d = min(d, maxd)
        signed = r.random() < .6 if signed is None else signed
        s = "S" if signed else ""
        x = r.random()
        if scaling and x < .06 and d <= 15:
            p = self.rep("P", r.randint(1, 4))
            return s + r.choice([self.rep("9", d) + p, p + self.rep("9", d),
                                 "V" + p + self.rep("9", d), self.rep("9", d) + p + "V"])
        if decimals and x < .45:
            k = r.randint(0, d)
            if k == 0:
                return s + "V" + self.rep("9", d)
            if k == d:
                return s + self.rep("9", d) + ("V" if r.random() < .2 else "")
            return s + self.rep("9", k) + "V" + self.rep("9", d - k)
        return s + self.rep("9", d)

    def pic(self, p):
        return self.r.choice(["PIC ", "PIC ", "PIC ", "PICTURE ", "PIC IS ", "PICTURE IS "]) + p

    def edited_pic(self):
        """A numeric-edited picture, without what GnuCOBOL edits otherwise than IBM (deviations.md, "edited")."""
        r = self.r
        form = r.choice(["9", "Z", "Z", "*", "+", "-", "$"])
        left = r.randint(1, 9)
        plain = r.randint(0, left) if form != "9" else left     # digits that are never suppressed
        digits = form * (left - plain + (form in "+-$")) + "9" * plain
        if form in "+-$" and left == plain:
            digits = form + form + digits[1:]
        every = r.choice([0, 0, 3, 3, 2])
        mark = r.choice([",", ",", ",", "B", "/"])
        out = ""
        for k, c in enumerate(digits):
            rest = len(digits) - k
            if every and k > (1 if form in "+-$" else 0) and rest % every == 0:
                out += mark
            out += c
        n = r.choice([0, 0, 2, 2, 1, 3])
        all_suppressed = plain == 0 and form != "9"
        point = r.choice([".", ".", "V"]) if form in "9Z*" else "."      # cobc counts no $ + - behind V
        if n:
            if all_suppressed and (form in "+-$" or r.random() < .5):
                out += point + form * n
            else:
                out += point + "9" * n
        if form != "$" and form not in "+-" and r.random() < .2:
            out = "$" + out
        elif form not in "+-" and r.random() < .2 and "$" not in out:
            return r.choice("+-") + out
        if form not in "+-" and r.random() < .4 and not (form == "$" and all_suppressed):
            out += r.choice(["+", "-", "CR", "DB"])
        return out

    def usage(self, *alts):
        return self.r.choice(["", "", "USAGE ", "USAGE IS "]) + self.r.choice(alts)

    def elementary(self, in_redef=False):
        """-> clause words of an elementary item"""
        r = self.r
        w = []
        k = r.choices(["x", "zoned", "packed", "bin", "comp5", "edit", "float", "nat", "a", "xe",
                       "sep", "lead", "native"],
                      [25, 18, 20, 14, 5, 5, 3, 3, 2, 2, 4, 3, 12 if self.native else 0])[0]
        if k == "x":
            w = [self.pic(self.rep("X", r.choice([1, 1, 2, 3, 4, 8, 10, 20, 30, 45])))]
            if r.random() < .08:
                w.append(r.choice(["JUST", "JUST RIGHT", "JUSTIFIED RIGHT"]))
        elif k == "a":
            w = [self.pic(self.rep("A", r.randint(1, 9)))]
        elif k == "xe":
            w = [self.pic(r.choice(["XX/XX/XX", "X(3)BX(4)", "XXX0XX", "A(2)BX(3)", "9(3)/X(3)"]))]
        elif k == "zoned":
            w = [self.pic(self.num_pic(31))]
            if r.random() < .1:
                w.append(self.usage("DISPLAY"))
        elif k == "packed":
            w = [self.pic(self.num_pic(31)),
                 self.usage("COMP-3", "COMP-3", "COMPUTATIONAL-3", "PACKED-DECIMAL")]
        elif k == "bin":
            w = [self.pic(self.num_pic(18)),
                 self.usage("COMP", "COMP", "BINARY", "COMPUTATIONAL", "COMP-4")]
            if self.sync and r.random() < .5:
                w.append(r.choice(["SYNC", "SYNC", "SYNCHRONIZED", "SYNC LEFT", "SYNC RIGHT"]))
        elif k == "comp5":
            w = [self.pic(self.num_pic(18)), self.usage("COMP-5", "COMPUTATIONAL-5")]
            if self.sync and r.random() < .5:
                w.append("SYNC")
        elif k == "edit":
            p = r.choice(EDITED)
            p = p % r.randint(1, 8) if "%d" in p else p
            w = [self.pic(self.edited_pic() if r.random() < .6 else p)]
            p = w[0]
            if "*" not in p and re.search("[^9V]", p.split()[-1]) and r.random() < .15:
                w.append(r.choice(["BLANK WHEN ZERO", "BLANK ZERO", "BLANK WHEN ZEROS"]))
        elif k == "float":
            w = [self.usage("COMP-1", "COMP-2", "COMPUTATIONAL-1", "COMPUTATIONAL-2")]
            if self.sync and r.random() < .5:
                w.append("SYNC")
        elif k == "nat":
            w = [self.pic(self.rep("N", r.randint(1, 8)))]
            if r.random() < .5:
                w.append(self.usage("NATIONAL"))
        elif k in ("sep", "lead"):
            w = [self.pic(self.num_pic(31, signed=True)),
                 r.choice(["SIGN IS ", "SIGN ", ""]) +
                 ("LEADING" if k == "lead" or r.random() < .5 else "TRAILING") +
                 ("" if k == "lead" else r.choice([" SEPARATE", " SEPARATE CHARACTER"]))]
        else:
            w = r.choice([["PIC 9(%d)" % r.randint(1, 18), "COMP-6"],
                          ["PIC 9(%d)" % r.randint(1, 18), "COMP-X"],
                          ["BINARY-LONG"], ["BINARY-SHORT UNSIGNED"], ["BINARY-DOUBLE"],
                          ["BINARY-CHAR"], ["FLOAT-LONG"]])
        if r.random() < .12 and len(w) > 1:
            w.reverse()
        return w

    def emit(self, depth, level, name, words, end="."):
        r = self.r
        lv = "%02d" % level if level < 10 or r.random() < .9 else str(level)
        words = [w for w in words if w]
        ind = 11 + 4 * (depth - 1) if depth else 7
        if self.style == "free":
            ind = 2 * depth
        lead = " " * min(ind, 40) + lv + "  "
        room = 72 if self.style == "fixed" else 100
        line = lead + (name or ("FILLER" if r.random() < .8 else ""))
        for k, w in enumerate(words):
            if len(line) + 3 + len(w) + 1 > room or (k and r.random() < .06):
                self.lines.append(line)
                line = ""
                for x in w.split(" "):          # a long clause takes more lines
                    if line and len(line) + 1 + len(x) + 1 > room:
                        self.lines.append(line)
                        line = ""
                    line += (" " if line else " " * (min(ind, 20) + 6)) + x
            else:
                line += (" " if line[-1] == " " or k or r.random() < .5 else "   ") + w
        self.lines.append(line + end)
        if r.random() < .03:
            self.lines.append(r.choice(["      * A COMMENT, WITH: 05 X PIC X.", "      *", ""])
                              if self.style == "fixed" else "*> a comment. 05 X PIC X.")

    def conds(self, depth, words):
        """88-levels for a simple item"""
        r = self.r
        pic = " ".join(words)
        if r.random() > .15 or "OCCURS" in pic or "NATIONAL" in pic or "COMP-1" in pic:
            return
        m = re.search(r"PIC(?:TURE)?(?: IS)? (\S+)", pic)
        if not m:
            return
        p = cb.Pic(m.group(1))
        for _ in range(r.randint(1, 3)):
            if p.kind == "X" and len(p.expanded) <= 10 and "9" not in p.expanded:
                n = len(p.expanded)
                v = sorted("".join(r.choice("ABCXYZ") for _ in range(r.randint(1, n)))
                           for _ in range(2))
                q = r.choice("'\"") if self.style == "free" else "'"
                t = r.choice(["VALUE %s%s%s" % (q, v[0], q), "VALUE SPACES",
                              "VALUES %s%s%s %s%s%s" % (q, v[0], q, q, v[1], q),
                              "VALUE IS %s%s%s THRU %s%s%s" % (q, v[0], q, q, v[1], q)])
            elif p.kind == "N" and p.digits and not (p.p_left or p.p_right):
                a = self.number(p, False)
                b = self.number(p, False)
                lo, hi = sorted([a, b], key=Decimal)
                t = r.choice(["VALUE ZERO", "VALUE %s" % a,
                              "VALUES ARE %s, %s" % (a, b),
                              "VALUE %s THRU %s" % (lo, hi) if Decimal(lo) < Decimal(hi)
                              else "VALUE %s" % lo])
            else:
                return
            self.emit(depth, 88, self.name(), [t])

    def number(self, p, extremes=True):
        r = self.r
        n = p.digits
        x = r.random()
        if x < .12:
            m = 0
        elif x < .25:
            m = 10 ** n - 1
        elif x < .35:
            m = r.choice([1, 10 ** (n - 1), 5])
        else:
            m = r.randrange(10 ** r.randint(1, n))
        if n > 18 and not extremes:
            m %= 10 ** 18
        if p.signed and m and r.random() < .5:
            m = -m
        d = Decimal(m).scaleb(-p.scale)
        if p.p_left and not p.scale:
            d = Decimal(m) * 10 ** p.p_left
        return format(d, "f")

    # -------------------------------------------------------------- structure
    def group(self, depth, level, dims, may_odo):
        """The members of a group -> None; writes lines."""
        r = self.r
        step = r.choice([1, 2, 5, 5, 5])
        lv = min(level + step, 49)
        n = r.randint(1, 5) if depth > 1 else r.randint(2, 12)
        for k in range(n):
            if self.left <= 0 and k:
                break
            self.left -= 1
            x = r.random()
            occurs = []
            extra = 1
            if r.random() < .18 and dims < 3 and depth >= 1:
                extra = r.choice([2, 2, 3, 4, 5, 1])
                occurs = ["OCCURS %d%s" % (extra, r.choice(["", " TIMES"]))]
            tail_odo = (self.odo and may_odo and dims == 0 and depth <= 2 and not occurs
                        and len(self.counters) < 2 and r.random() < .12)
            if tail_odo:
                c = self.name()
                hi = r.randint(1, 6)
                lo = r.randint(0, 1) if hi > 1 else 0
                cw = r.choice([["PIC 9(2)"], ["PIC S9(3) COMP-3"], ["PIC S9(4) COMP"], ["PIC 9"],
                               ["PIC 9(4) BINARY"], ["PIC 99 COMP-3"]])
                self.emit(depth, lv, c, cw)
                self.counters.append(c)
                if r.random() < .35:                # one more table inside this one
                    self.inner = (self.name(), r.randint(0, 1), r.randint(2, 4))
                    self.emit(depth, lv, self.inner[0], [r.choice(["PIC 9", "PIC 9(4) COMP"])])
                occurs = ["OCCURS %d TO %d TIMES DEPENDING ON %s" % (lo, hi, c)]
                if r.random() < .3:
                    occurs[0] += " INDEXED BY " + self.name()
                dims_in = 1
            else:
                dims_in = dims + (1 if occurs else 0)
            if x < .28 and depth < 5 and self.left > 0:
                nm = self.name()
                g = list(occurs)
                if r.random() < .03 and not self.sync:
                    g.append("SIGN LEADING SEPARATE")
                    words_sign = True
                else:
                    words_sign = False
                if r.random() < .04 and not words_sign:
                    g.append(r.choice(["USAGE COMP-3", "USAGE COMP"]))
                    self.emit(depth, lv, nm, g)
                    for _ in range(r.randint(1, 3)):
                        self.left -= 1
                        self.emit(depth + 1, min(lv + 5, 49), self.name(),
                                  [self.pic(self.num_pic(18))])
                else:
                    self.emit(depth, lv, nm, g)
                    outer, self.separate = self.separate, self.separate or words_sign
                    self.group(depth + 1, lv, dims_in, may_odo and not occurs)
                    self.separate = outer
                continue
            filler = r.random() < .1
            nm = None if filler else self.name()
            w = self.elementary()
            if self.inner and dims == 1 and not occurs:
                occurs = ["OCCURS %d TO %d DEPENDING ON %s" % (self.inner[1:] + self.inner[:1])]
                self.inner = None
            self.emit(depth, lv, nm, ([occurs[0]] + w + occurs[1:]) if occurs and r.random() < .5
                      else w + occurs)
            if not filler:
                self.conds(depth + 1, w + occurs)
                if not occurs and not dims:
                    self.plain.append(nm)
            m = re.search(r"PIC(?:TURE)?(?: IS)? X\(0?(\d+)\)$", " ".join(w))
            if nm and not occurs and m and int(m.group(1)) >= 3 and r.random() < .4:
                for _ in range(r.choice([1, 1, 2, 3])):
                    self.left -= 1
                    self.redefine(depth, lv, nm, int(m.group(1)))

    def redefine(self, depth, lv, base, size):
        """A REDEFINES that is no larger than X(size)."""
        r = self.r
        form = r.choice(["num", "group", "group", "table", "packed"])
        nm = self.name() if r.random() < .75 else None
        if form == "num" and size <= 31:
            self.emit(depth, lv, nm or self.name(), ["REDEFINES " + base, "PIC 9(%d)" % size])
        elif form == "packed":
            d = min(31, 2 * size - 1)
            self.emit(depth, lv, nm or self.name(),
                      ["REDEFINES " + base, "PIC S9(%d)" % d, "COMP-3"])
        elif form == "table":
            n = r.choice([k for k in (2, 3, 4, 5) if k <= size])
            self.emit(depth, lv, nm or self.name(),
                      ["REDEFINES " + base, "PIC X(%d)" % (size // n), "OCCURS %d TIMES" % n])
        else:
            self.emit(depth, lv, nm, ["REDEFINES " + base])
            left = size
            while left > 0:
                pick = r.choice(["x", "p", "b", "z"])
                n = min(left, r.randint(1, 6))
                if pick == "p":
                    w = ["PIC S9(%d)" % (2 * n - 1), "COMP-3"]
                elif pick == "b" and left >= 4:
                    n, w = 4, ["PIC S9(8)", "COMP"]
                elif pick == "b" and left >= 2:
                    n, w = 2, ["PIC 9(4)", "COMP"]
                elif pick == "z":
                    w = ["PIC %s9(%d)" % ("" if self.separate else "S", n)]
                else:
                    w = ["PIC X(%d)" % n]
                self.emit(depth + 1, min(lv + 5, 49), self.name(), w)
                left -= n

    def copybook(self):
        top = self.name()
        self.emit(0, 1, top + "-REC" if len(top) < 26 else top, [])
        self.group(1, 1, 0, True)
        if self.plain and not self.counters and self.r.random() < .15:
            a, b = sorted(self.r.choices(range(len(self.plain)), k=2))
            self.emit(1, 66, self.name(), ["RENAMES " + self.plain[a] + (
                " THRU " + self.plain[b] if a < b else "")])
        return "\n".join(self.lines) + "\n"

    # ----------------------------------------------------------------- values
    def values(self, text, record=None):
        """Random values for one record (the first, or the one of that name): path(subscripts) -> value."""
        r = self.r
        recs = cb.parse(text, "free" if self.style == "free" else "fixed")
        rec = [x for x in recs if record in (None, x.name)][0]
        counts = {}
        vals = {}
        for it in rec.walk():
            if it.occurs and it.depending is not None:
                lo, hi = it.occurs
                n = r.choice([lo, hi, r.randint(lo, hi)])
                counts[it.depending.id] = n
        skip = set()

        def put(it, idx):
            if it.id in skip:
                return
            n = range(1, (counts[it.depending.id] if it.depending is not None
                          else it.occurs[1]) + 1) if it.occurs else [None]
            for k in n:
                ix = idx if k is None else idx + (k,)
                if it.is_group:
                    alts = {}
                    for c in it.children:
                        base = c
                        while base.redefines:
                            base = base.redefines
                        alts.setdefault(base.id, []).append(c)
                    for fam in alts.values():
                        put(r.choice(fam), ix)
                elif it.id in counts:
                    vals[key(it, ix)] = str(counts[it.id])
                else:
                    v = self.value(it)
                    if v is not None:
                        vals[key(it, ix)] = v
        put(rec, ())
        return vals

    def value(self, it):
        r = self.r
        u = it.eff_usage
        if u in ("COMP-1", "COMP-2", "FLOAT-SHORT", "FLOAT-LONG"):
            v = r.choice([0.0, 1.0, -1.0, 0.5, 100.0, -123.25, 3.75, 65536.0, -0.0625])
            return repr(v)
        if u.startswith("BINARY-"):
            bits = {"BINARY-CHAR": 8, "BINARY-SHORT": 16, "BINARY-LONG": 32}.get(u, 64)
            lo, hi = (0, 2 ** bits - 1) if it.signed_word == "UNSIGNED" else \
                (-2 ** (bits - 1), 2 ** (bits - 1) - 1)
            return str(r.choice([lo, hi, 0, 1, r.randint(lo, hi)]))
        if u in ibm_model.POINTERS:
            return {"hex": "%0*x" % (2 * ibm_model.POINTERS[u], r.getrandbits(31))}
        p = cb.Pic(it.pic)
        if p.kind == "DBCS" or u == "DISPLAY-1":
            return {"hex": "".join("%02x%02x" % (r.randint(0x41, 0x68), r.randint(0x41, 0xFE))
                                   for _ in p.expanded)}
        if p.kind == "N" and u == "NATIONAL":
            s = "".join(r.choice("0123456789") for _ in range(p.digits))
            if p.signed and it.eff_sign[1]:
                s = r.choice("+-") + s if it.eff_sign[0] else s + r.choice("+-")
            return s
        if p.kind == "FE":
            return p.expanded.replace("9", "1").replace("V", "")
        if p.kind == "N":
            v = self.number(p)
            if (u == "COMP-5" and r.random() < .2 and not p.scale and not p.p_left
                    and p.digits > 2):
                v = str(r.choice([32767, -32768]) if p.signed else 65535)
            return v
        if u in ("COMP-X", "COMP-N"):               # PIC X COMP-X: bytes
            return {"hex": "%0*x" % (2 * len(p.expanded), r.getrandbits(8 * len(p.expanded)))}
        if p.kind == "NE":
            return self.edited(p)
        if p.kind in ("NAT", "NATE"):
            n = len(p.expanded)
            return "".join(r.choice("ABCxyz019 \u00e9\u4e2d\u20ac") for _ in range(n))
        if p.kind == "AE":
            n = len(re.sub("[B0/]", "", p.expanded))
            return "".join(r.choice("ABC123") if c != "9" else r.choice("0123456789")
                           for c in re.sub("[B0/]", "", p.expanded))[:n]
        n = len(p.expanded)
        chars = "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz 0123456789.,-/&()+'\":;#@!*"
        if set(p.expanded) == {"A"}:
            chars = "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcxyz"
        k = r.choice([0, n, n, r.randint(0, n)])
        return "".join(r.choice(chars) for _ in range(k)) or " "

    def edited(self, p):
        left, dot, right = p.expanded.partition("." if "." in p.expanded else "V")

        def cap(s, is_left):
            n = sum(s.count(c) for c in "9Z*")
            for c in "$+-":
                k = s.count(c)
                if k > 1:
                    n += k - 1 if is_left else k
            return n
        i, s = cap(left, True), cap(right, False)
        m = self.r.choice([0, 10 ** (i + s) - 1, self.r.randrange(10 ** max(1, i + s)),
                           self.r.randrange(10 ** max(1, (i + s) // 2))])
        if m and re.search(r"[+\-]|CR|DB", p.expanded) and self.r.random() < .5:
            m = -m
        return format(Decimal(m).scaleb(-s), "f")


def key(it, ix):
    return it.path + ("(" + ",".join(map(str, ix)) + ")" if ix else "")


RESERVED = set("""CODE DATE NAME TYPE FLAG KEY ID ADDR LINE ITEM NUM SEQ LIMIT TERM DISC NET TAX
UNIT BANK MEMO INT STAT DATE-CODE RATE AMT QTY""".split())


def generate(seed, records=3, **kw):
    """-> copybook text, list of value dicts, source format"""
    g = Gen(seed, **kw)
    text = g.copybook()
    return text, [g.values(text) for _ in range(records)], g.style


if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("seed", type=int)
    ap.add_argument("--out")
    ap.add_argument("--records", type=int, default=3)
    ap.add_argument("--sync", action="store_true")
    ap.add_argument("--native", action="store_true")
    ap.add_argument("--no-odo", action="store_true")
    ap.add_argument("--items", type=int)
    a = ap.parse_args()
    text, vals, style = generate(a.seed, a.records, sync=a.sync, native=a.native,
                                 odo=not a.no_odo, items=a.items)
    if a.out:
        os.makedirs(a.out, exist_ok=True)
        with open(os.path.join(a.out, "%d.cpy" % a.seed), "w") as f:
            f.write(text)
        with open(os.path.join(a.out, "%d.jsonl" % a.seed), "w") as f:
            for v in vals:
                f.write(json.dumps(v) + "\n")
    else:
        print(text, end="")
