"""Writes the COBOL program that is asked about a record.

One program per record description and set of table counts.  It reads commands
from the file DD_ORIN and writes answers to DD_OROUT; both are record-sequential
variable files (COB_VARSEQ_FORMAT=1: four bytes of length before each record).

  command = kind X, id 9(5), subscripts 9(5) x 7, data
    L  answer offset and length of every item
    K  data as for D; answer the ODO counters only
    D  data = the record twice: as it is, and (EBCDIC mode) translated to
       ASCII; answer offset, length and value of every elementary item
    B  data = record bytes to start from          (encode)
    V  move data to item id(subscripts), answer where it lies and its bytes
    A  answer only where item id(subscripts) lies
    W  answer the whole record
  answer = kind X, id 9(5), subscripts 9(5) x 7, flag X, offset 9(9),
           length 9(9), data

The program holds the record twice, as R-items and as T-items: in EBCDIC mode
binary and packed items are read from the R copy (bytes as in the file) and
character items from the T copy (translated), so that REDEFINES of text over
binary needs no decision.

OCCURS DEPENDING ON: cobc's own -fodoslide miscounts (deviations.md), so the
program is written anew for each set of counts with OCCURS n in the table's
place; a table that occurs 0 times is left out.

SPDX-License-Identifier: Apache-2.0
"""
import copybook as cb
import ibm_model

HEAD = 60                       # bytes of an answer before its data
IN_HEAD = 41                    # bytes of a command before its data
MAXW = 38                       # digits in a GnuCOBOL work field


class Options:
    """How to read the copybook; see oracle.py --help."""

    def __init__(self, dialect="ibm", charset="ascii", sign=None, sync="cobol",
                 trunc="std", std=None, extra=()):
        self.dialect = dialect          # ibm: rewrite for IBM; native: leave as is
        self.charset = charset          # ascii, or a Python EBCDIC codec name
        self.ebcdic = charset != "ascii"
        self.sign = sign or ("ebcdic" if self.ebcdic else "ascii")
        self.sync = sync                # cobol, ibm, none
        self.trunc = trunc              # std, bin
        self.std = std or ("ibm" if dialect == "ibm" else "default")
        self.extra = list(extra)

    @property
    def ibm(self):
        return self.dialect == "ibm"

    def flags(self):
        f = ["-x", "-free", "-w", "-O0", "-std=" + self.std, "-fsign=" + self.sign.upper()]
        if self.ibm:
            f += ["-fbinary-size=2-4-8", "-fbinary-byteorder=big-endian",
                  "-fno-binary-truncate", "-fhostsign"]
        else:
            f += ["-fno-binary-truncate" if self.trunc == "bin" else "-fbinary-truncate"]
        return f + self.extra


# ---------------------------------------------------------------- item kinds
def kind_of(it):
    """group, text, num, edit, float, nat or raw"""
    if it.renames:          # of one item: that item's class (cobc may not MOVE it), so bytes
        a, b = it.renames
        return "text" if b or a.is_group or kind_of(a) == "text" else "raw"
    if it.is_group:
        return "group"
    u = it.eff_usage
    if u in ("COMP-1", "COMP-2", "FLOAT-SHORT", "FLOAT-LONG"):
        return "float"
    if u.startswith("BINARY-"):
        return "num"
    if not it.pic or u.endswith("POINTER") or u in ("POINTER-32", "OBJECT", "INDEX"):
        return "raw"
    p = cb.Pic(it.pic)
    if u in ("COMP-X", "COMP-N") and p.kind == "X":
        return "raw"
    if p.kind in ("NAT", "NATE", "DBCS", "UTF8") or u in ("NATIONAL", "DISPLAY-1"):
        return "nat"
    if p.kind == "N" and it.blank_zero:
        return "edit"
    return {"N": "num", "NE": "edit"}.get(p.kind, "text")


def is_text(it):
    """Is the item held in the character set (so that EBCDIC must be translated)?"""
    k = kind_of(it)
    return k == "group" or (k == "text" if it.renames else
                            k in ("text", "edit", "num") and it.eff_usage == "DISPLAY")


def signed_display(it):
    return kind_of(it) == "num" and it.eff_usage == "DISPLAY" and cb.Pic(it.pic).signed


class Gen:
    def __init__(self, rec, opt, slack=None, counts=None, outmax=64, layout=False):
        self.rec, self.opt = rec, opt
        self.layout = layout            # only asked for the layout: packed P kept
        self.slack = slack or {}
        self.counts = counts or {}      # id of an ODO table -> its count
        self.outmax = max(outmax, 64)
        self.work = {}
        self.dead = set()
        for it in rec.walk():
            if it.parent is not None and it.parent.id in self.dead or self.times(it) == 0:
                self.dead.add(it.id)
        for it in reversed(list(rec.walk())):       # groups with nothing left in them
            if it.is_group and all(c.id in self.dead and not self.slack.get(c.id) for c in it.children):
                self.dead.add(it.id)
        self.items = [it for it in rec.walk() if it.id not in self.dead]
        self.sizes = {}
        if opt.ebcdic and any(it.conds for it in self.items):
            self.sizes = ibm_model.place(rec)[1]

    def times(self, it):
        if not it.occurs:
            return 1
        return self.counts.get(it.id, it.occurs[1])

    # -------------------------------------------------------------- DATA DIV
    def nm(self, it, pre="R"):
        return "%s%05d" % (pre, it.id)

    def sub(self, it):
        n = 0 if it.renames else len(it.dims())
        return "(" + " ".join("I%d" % (k + 1) for k in range(n)) + ")" if n else ""

    def description(self, it):
        """PICTURE, USAGE and SIGN of an item, rewritten for IBM if asked."""
        u, ibm = it.usage, self.opt.ibm
        pic = cb.Pic(it.pic) if it.pic else None
        if ibm and it.is_group:
            # 3.1.2 adds the SIGN SEPARATE byte to edited items too: say it below
            return "USAGE " + ("BINARY" if u == "COMP-5" else u) if u in (
                "BINARY", "COMP-5", "PACKED-DECIMAL", "COMP-1", "COMP-2", "DISPLAY") else ""
        if ibm:
            eff = it.eff_usage
            if eff == "PROCEDURE-POINTER":
                return "PIC X(8)"
            if eff.endswith("POINTER") or eff in ("POINTER-32", "INDEX", "OBJECT"):
                return "PIC S9(9) COMP"
            if pic and pic.kind == "UTF8":
                return "PIC X(%d)" % (4 * len(pic.expanded))
            if pic and pic.kind == "NAT":
                return "PIC N(%d)" % len(pic.expanded)
            if pic and (pic.kind in ("DBCS", "NATE") or eff in ("NATIONAL", "DISPLAY-1")):
                n = pic.digits if pic.kind == "N" else len(pic.expanded.replace("V", ""))
                if pic.kind == "N" and pic.signed and it.eff_sign[1]:
                    n += 1
                return "PIC X(%d)" % (2 * n)
            if pic and pic.kind == "FE":
                return "PIC X(%d)" % len(pic.expanded.replace("V", ""))
            if u == "COMP-5":
                u = "BINARY"            # IBM's COMP-5 is big-endian; see `trunc`
        words = ["PIC " + it.pic] if it.pic else []
        if self.packed_p(it) and not self.layout:
            words = ["PIC %s9(%d)" % ("S" if pic.signed else "", pic.digits)]
        if u:
            words.append("USAGE " + ("OBJECT REFERENCE" if u == "OBJECT" else u))
        if it.signed_word:
            words.append(it.signed_word)
        sign = it.eff_sign if ibm and not it.is_group and signed_display(it) else it.sign
        if sign and (sign != (False, False) or it.sign) and not (
                ibm and not signed_display(it)):
            words.append("SIGN %s%s" % ("LEADING" if sign[0] else "TRAILING",
                                        " SEPARATE" if sign[1] else ""))
        return " ".join(words)

    def data(self, it, pre, out, depth=1):
        pad = self.slack.get(it.id, {})
        for n in pad.get("before", ()):         # there also where the table has no items
            out.append("%s%02d FILLER PIC X(%d)." % (" " * depth, it.level, n))
        if it.id in self.dead:
            return
        nat = self.opt.ibm and kind_of(it) == "nat"
        w = ["%s%02d %s" % (" " * depth, it.level, self.nm(it, pre))]
        if it.redefines:
            w.append("REDEFINES " + self.nm(it.redefines, pre))
        w.append(self.description(it))
        if it.occurs:
            w.append("OCCURS %d" % self.times(it))
        if it.sync and self.opt.sync == "cobol":
            w.append("SYNC")
        if it.just and not nat:
            w.append("JUST")
        if it.blank_zero and not nat:
            w.append("BLANK ZERO")
        out.append("\n    ".join(x for x in w + it.other if x) + ".")
        if not nat and pre == self.cond_copy(it):
            for k, (_name, tok) in enumerate(it.conds):
                if pre == "R" and is_text(it):
                    tok = self.ebcdic_values(it, tok)
                out.append("%s88 %sC%03d %s." % (" " * depth, self.nm(it, pre), k,
                                                 "\n    ".join(tok)))
        for c in it.children:
            self.data(c, pre, out, depth + 1)
        for n in pad.get("end", ()):
            out.append("%s%02d FILLER PIC X(%d)." % (" " * (depth + 1),
                                                     it.children[0].level, n))

    def cond_copy(self, it):
        """The copy whose bytes an item's 88s are tested on.

        Text in EBCDIC is tested as EBCDIC bytes (R) against literals in EBCDIC,
        so that THRU, HIGH-VALUES and SPACES mean what they mean on the host.
        """
        if is_text(it) and kind_of(it) != "num":
            return "R" if self.opt.ebcdic else "T"
        return "T" if is_text(it) else "R"

    def ebcdic_values(self, it, tok):
        n = self.sizes[it.id]
        fig = {"SPACE": b"\x40", "SPACES": b"\x40", "ZERO": b"\xf0", "ZEROS": b"\xf0",
               "ZEROES": b"\xf0", "HIGH-VALUE": b"\xff", "HIGH-VALUES": b"\xff",
               "LOW-VALUE": b"\0", "LOW-VALUES": b"\0", "QUOTE": b"\x7f", "QUOTES": b"\x7f"}
        res, every = [], False
        for t in tok:
            b = None
            if t in fig:
                b, every = fig[t], True
            elif t == "ALL":
                every = True
                continue
            elif t[0] in "'\"":
                b = t[1:-1].replace(t[0] * 2, t[0]).encode(self.opt.charset)
            elif t[0] in "Xx" and t[1:2] in ("'", '"'):
                b = bytes.fromhex(t[2:-1])
            if b is not None:
                b = (b * (n // len(b) + 1))[:n] if every else b.ljust(n, b"\x40")
                t, every = "X'%s'" % b.hex().upper(), False
            res.append(t)
        return res

    # ----------------------------------------------------------- work fields
    def wf(self, i, s):
        """The name of a work field with i integer digits and s decimals."""
        if i + s == 0:
            i = 1
        return self.work.setdefault((i, s), "W%d-%d" % (i, s))

    def digits(self, it):
        """(int, scale) that hold any value the bytes of a numeric item can mean."""
        u = it.eff_usage
        if u.startswith("BINARY-"):
            return 20, 0
        p = cb.Pic(it.pic)
        i, s = p.int_digits, p.scale
        if p.kind == "NE":
            return min(24, MAXW - min(s, 12)), min(s, 12)
        if u in ("BINARY", "COMP-5", "COMP-X", "COMP-N"):
            n = p.digits
            full = 20 if n > 9 or u in ("COMP-X", "COMP-N") else 10 if n > 4 else 5
            i = max(i + full - n, 0)
        return i, s

    def wide(self, it):
        """A work field with room to spare, for MOVEs that may truncate."""
        i, s = self.digits(it)
        s2 = max(min(s + 2, MAXW - i), s)
        return max(i, min(i + 4, MAXW - s2)), s2

    def packed_p(self, it):
        """A packed item with P: cobc 3.1.2 cannot MOVE it, so go by DISPLAY."""
        if kind_of(it) == "num" and it.eff_usage == "PACKED-DECIMAL":
            p = cb.Pic(it.pic)
            return p if p.p_left or p.p_right else None
        return None

    def debit(self, it):
        return kind_of(it) == "edit" and cb.Pic(it.pic).expanded.endswith("DB")

    # --------------------------------------------------------------- program
    def program(self):
        rec, opt = self.rec, self.opt
        all_items = self.items + [r for r in rec.renames_list]
        dd = []
        for pre in "RT":
            self.data(rec, pre, dd)
            for r in rec.renames_list:
                a, b = r.renames
                dd.append(" 66 %s RENAMES %s%s." % (
                    self.nm(r, pre), self.nm(a, pre), " THRU " + self.nm(b, pre) if b else ""))
        counters = {it.depending.id for it in rec.walk()
                    if isinstance(it.depending, cb.Item)} - self.dead
        body = ["DO-LAYOUT.", "    MOVE \"L\" TO OUT-KIND", "    MOVE \" \" TO OUT-FLAG"]
        body += self.loops(all_items, lambda it: self.where(it) + [
            "MOVE 0 TO OUT-DLEN", "PERFORM EMIT"]) + ["    ."]
        body += ["DO-KEYS.", "    MOVE \"D\" TO OUT-KIND"]
        body += self.loops([it for it in self.items if it.id in counters], self.value) + \
            ["    PERFORM EMIT-END", "    ."]
        body += ["DO-DECODE.", "    MOVE \"D\" TO OUT-KIND"]
        body += self.loops([it for it in all_items if not it.is_group or it.conds],
                           lambda it: self.value(it) + self.conditions(it)) + \
            ["    PERFORM EMIT-END", "    ."]
        body += self.encode_part(all_items)
        out = self.outmax
        o = ["IDENTIFICATION DIVISION.", "PROGRAM-ID. ORAC.", "ENVIRONMENT DIVISION.",
             "INPUT-OUTPUT SECTION.", "FILE-CONTROL.",
             "    SELECT IN-F ASSIGN TO \"ORIN\" ORGANIZATION SEQUENTIAL.",
             "    SELECT OUT-F ASSIGN TO \"OROUT\" ORGANIZATION SEQUENTIAL.",
             "DATA DIVISION.", "FILE SECTION.",
             "FD IN-F RECORD IS VARYING IN SIZE FROM 1 TO %d DEPENDING ON IN-LEN." % (
                 2 * out + IN_HEAD),
             "01 IN-REC.", "  03 IN-KIND PIC X.", "  03 IN-ID PIC 9(5).",
             "  03 IN-IX PIC 9(5) OCCURS 7.", "  03 IN-DATA PIC X(%d)." % (2 * out),
             "FD OUT-F RECORD IS VARYING IN SIZE FROM 1 TO %d DEPENDING ON OUT-RL." % (
                 out + HEAD),
             "01 OUT-REC.", "  03 OUT-KIND PIC X.", "  03 OUT-ID PIC 9(5).",
             "  03 OUT-SUBS.", "    05 OUT-IX PIC 9(5) OCCURS 7.", "  03 OUT-FLAG PIC X.",
             "  03 OUT-OFF PIC 9(9).", "  03 OUT-LEN PIC 9(9).",
             "  03 OUT-DATA PIC X(%d)." % out,
             "WORKING-STORAGE SECTION.",
             "01 IN-LEN PIC 9(9).", "01 OUT-RL PIC 9(9).", "01 IN-DLEN PIC 9(9).",
             "01 OUT-DLEN PIC 9(9).", "01 W-EOF PIC X VALUE \"N\".",
             "01 W-HALF PIC S9(9) COMP-5.", "01 W-ILEN PIC S9(9) COMP-5.",
             "01 W-END PIC S9(9) COMP-5.",
             "01 P0 USAGE POINTER.", "01 P0N REDEFINES P0 PIC S9(18) COMP-5.",
             "01 P1 USAGE POINTER.", "01 P1N REDEFINES P1 PIC S9(18) COMP-5."]
        o += ["01 I%d PIC S9(9) COMP-5." % k for k in range(1, 8)]
        for (i, s), name in self.work.items():
            pic = "S" + ("9(%d)" % i if i else "") + ("V9(%d)" % s if s else "")
            o += ["01 %s PIC %s SIGN LEADING SEPARATE." % (name, pic),
                  "01 X%s REDEFINES %s PIC X(%d)." % (name, name, i + s + 1)]
        for it in self.items:
            p = self.packed_p(it)
            if p:
                o += ["01 D%05d PIC S9(%d) SIGN LEADING SEPARATE." % (it.id, p.digits),
                      "01 Q%05d REDEFINES D%05d PIC %s%s SIGN LEADING SEPARATE." % (
                          it.id, it.id, "" if p.signed else "S", it.pic)]
            if self.debit(it):
                o += ["01 Q%05d PIC %s." % (it.id, it.pic),
                      "01 D%05d REDEFINES Q%05d PIC X(%d)." % (
                          it.id, it.id, len(cb.Pic(it.pic).expanded.replace("V", "")))]
        o += ["01 BUF-R PIC X(%d)." % out, "01 BUF-T PIC X(%d)." % out,
              "LINKAGE SECTION.", "01 L-BYTES PIC X(%d)." % out] + dd
        o += ["PROCEDURE DIVISION.", "MAIN-LINE.",
              "    SET ADDRESS OF %s TO ADDRESS OF BUF-R" % self.nm(rec),
              "    SET ADDRESS OF %s TO ADDRESS OF BUF-T" % self.nm(rec, "T"),
              "    SET P0 TO ADDRESS OF %s" % self.nm(rec),
              "    OPEN INPUT IN-F OUTPUT OUT-F",
              "    PERFORM UNTIL W-EOF = \"Y\"",
              "        READ IN-F AT END MOVE \"Y\" TO W-EOF",
              "        NOT AT END PERFORM ONE-COMMAND END-READ",
              "    END-PERFORM", "    CLOSE IN-F OUT-F", "    STOP RUN.",
              "ONE-COMMAND.",
              "    COMPUTE IN-DLEN = IN-LEN - %d" % IN_HEAD,
              "    EVALUATE IN-KIND",
              "        WHEN \"L\" PERFORM DO-LAYOUT",
              "        WHEN \"K\" PERFORM DO-LOAD PERFORM DO-KEYS",
              "        WHEN \"D\" PERFORM DO-LOAD PERFORM DO-DECODE",
              "        WHEN \"B\" MOVE IN-DATA (1:IN-DLEN) TO BUF-R",
              "        WHEN \"V\" PERFORM DO-SUBS PERFORM DO-VALUE",
              "        WHEN \"A\" PERFORM DO-SUBS PERFORM DO-VALUE",
              "        WHEN \"W\" PERFORM DO-WHOLE",
              "    END-EVALUATE.",
              "DO-LOAD.",
              "    COMPUTE W-HALF = IN-DLEN / 2",
              "    MOVE LOW-VALUES TO BUF-R BUF-T",
              "    MOVE IN-DATA (1:W-HALF) TO BUF-R (1:W-HALF)",
              "    MOVE IN-DATA (W-HALF + 1:W-HALF) TO BUF-T (1:W-HALF).",
              "RESTORE.",               # reading a zoned item with a bad sign changes it
              "    COMPUTE W-END = OUT-OFF + W-ILEN",
              "    IF W-END NOT > W-HALF",
              "        MOVE IN-DATA (W-HALF + OUT-OFF + 1:W-ILEN) TO BUF-T (OUT-OFF + 1:W-ILEN)",
              "    END-IF.",
              "DO-SUBS."]
        o += ["    MOVE IN-IX (%d) TO I%d" % (k, k) for k in range(1, 8)] + ["    ."]
        o += ["DO-WHOLE.", "    MOVE \"W\" TO OUT-KIND",
              "    MOVE LENGTH OF %s TO OUT-DLEN OUT-LEN" % self.nm(rec),
              "    MOVE %s TO OUT-DATA" % self.nm(rec), "    PERFORM EMIT-RAW.",
              "EMIT-END.", "    MOVE \"Z\" TO OUT-KIND",
              "    MOVE LENGTH OF %s TO OUT-LEN" % self.nm(rec),
              "    MOVE 0 TO OUT-DLEN", "    PERFORM EMIT-RAW.",
              "EMIT.", "    COMPUTE OUT-OFF = P1N - P0N"]
        o += ["    MOVE I%d TO OUT-IX (%d)" % (k, k) for k in range(1, 8)]
        o += ["    COMPUTE OUT-RL = OUT-DLEN + %d" % HEAD, "    WRITE OUT-REC.",
              "EMIT-RAW.", "    MOVE %d TO OUT-ID" % rec.id, "    MOVE 0 TO OUT-OFF",
              "    MOVE ALL \"0\" TO OUT-SUBS", "    MOVE \" \" TO OUT-FLAG",
              "    COMPUTE OUT-RL = OUT-DLEN + %d" % HEAD, "    WRITE OUT-REC."]
        return "\n".join(o + body) + "\n"

    def loops(self, items, body):
        """PERFORM loops over the tables around `body(item)` statements."""
        o, open_dims = [], []

        def close(to):
            while len(open_dims) > to:
                open_dims.pop()
                o.append("    " + "  " * len(open_dims) + "END-PERFORM")
                o.append("    MOVE 0 TO I%d" % (len(open_dims) + 1))
        o.append("    MOVE 0 TO I1 I2 I3 I4 I5 I6 I7")
        for it in items:
            dims = it.dims() if not it.renames else []
            n = 0
            while n < min(len(dims), len(open_dims)) and dims[n] is open_dims[n]:
                n += 1
            close(n)
            for d in dims[n:]:
                k = len(open_dims) + 1
                o.append("    %sPERFORM VARYING I%d FROM 1 BY 1 UNTIL I%d > %d" % (
                    "  " * len(open_dims), k, k, self.times(d)))
                open_dims.append(d)
            o += ["    " + "  " * len(open_dims) + x for x in body(it)]
        close(0)
        return o

    def where(self, it):
        n = self.nm(it) + self.sub(it)
        return ["MOVE %d TO OUT-ID" % it.id, "SET P1 TO ADDRESS OF %s" % n,
                "MOVE LENGTH OF %s TO OUT-LEN W-ILEN" % n]

    def value(self, it):
        """Statements that answer an item's value."""
        k = kind_of(it)
        if k == "group":
            return []
        src = self.nm(it, "T" if is_text(it) else "R") + self.sub(it)
        o = self.where(it) + ["MOVE \" \" TO OUT-FLAG"]
        if k == "text":
            return o + ["MOVE %s TO OUT-DATA" % src, "MOVE OUT-LEN TO OUT-DLEN", "PERFORM EMIT"]
        if k in ("nat", "raw"):
            return o + ["MOVE 0 TO OUT-DLEN", "PERFORM EMIT"]
        if k == "num" and it.eff_usage in ("DISPLAY", "PACKED-DECIMAL", "COMP-6"):
            o += ["IF %s NUMERIC MOVE \"Y\" TO OUT-FLAG" % src,
                  "ELSE MOVE \"N\" TO OUT-FLAG END-IF"]
        w = self.wf(*(self.digits(it) if k != "float" else (20, 18)))
        if self.packed_p(it):
            o += ["MOVE %s TO D%05d" % (src, it.id)]
            src = "Q%05d" % it.id
        if self.debit(it):                  # cobc reads CR as minus but not DB
            o += ["MOVE %s TO D%05d" % (src, it.id),
                  "INSPECT D%05d REPLACING ALL \"DB\" BY \"CR\"" % it.id]
            src = "Q%05d" % it.id
        return o + ["MOVE %s TO %s" % (src, w), "MOVE X%s TO OUT-DATA" % w,
                    "MOVE LENGTH OF X%s TO OUT-DLEN" % w, "PERFORM EMIT", "PERFORM RESTORE"]

    def conditions(self, it):
        o = []
        if it.conds and not it.renames and not (self.opt.ibm and kind_of(it) == "nat"):
            for n, _c in enumerate(it.conds):
                o += ["MOVE \"C\" TO OUT-KIND", "MOVE %d TO OUT-ID" % it.id,
                      "MOVE %d TO OUT-LEN" % n, "MOVE 0 TO OUT-DLEN",
                      "IF %s%05dC%03d%s MOVE \"Y\" TO OUT-FLAG" % (
                          self.cond_copy(it), it.id, n, self.sub(it)),
                      "ELSE MOVE \"N\" TO OUT-FLAG END-IF",
                      "PERFORM EMIT", "PERFORM RESTORE", "MOVE \"D\" TO OUT-KIND"]
        return o

    def encode_part(self, items):
        o = ["DO-VALUE.", "    MOVE \"V\" TO OUT-KIND", "    MOVE \" \" TO OUT-FLAG",
             "    MOVE IN-ID TO OUT-ID", "    EVALUATE IN-ID"]
        for it in items:
            o.append("    WHEN %d PERFORM V%05d" % (it.id, it.id))
        o += ["    END-EVALUATE", "    ."]
        for it in items:
            k = kind_of(it)
            dst = self.nm(it) + self.sub(it)
            mv = []
            if k in ("text", "group"):
                mv = ["MOVE IN-DATA (1:IN-DLEN) TO %s" % dst]
            elif k in ("num", "edit"):
                w = self.wf(*self.wide(it))
                mv = ["MOVE IN-DATA (1:IN-DLEN) TO X%s" % w]
                if k == "num" and self.opt.ibm and self.opt.trunc == "std" \
                        and it.eff_usage == "BINARY":
                    p = cb.Pic(it.pic)      # TRUNC(STD): to the picture's digits first
                    w2 = self.wf(p.int_digits, p.scale)
                    mv += ["MOVE %s TO %s" % (w, w2)] if w2 != w else []
                    w = w2
                if self.packed_p(it):
                    mv += ["MOVE %s TO Q%05d" % (w, it.id)]
                    w = "D%05d" % it.id
                mv.append("MOVE %s TO %s" % (w, dst))
            elif k == "float":
                mv = ["COMPUTE %s = FUNCTION NUMVAL-F (IN-DATA (1:IN-DLEN))" % dst]
            o += ["V%05d." % it.id]
            if mv:
                o += ["    IF IN-KIND = \"V\""] + ["        " + m for m in mv] + ["    END-IF"]
            o += ["    SET P1 TO ADDRESS OF %s" % dst,
                  "    MOVE LENGTH OF %s TO OUT-LEN OUT-DLEN" % dst,
                  "    SET ADDRESS OF L-BYTES TO P1",
                  "    MOVE L-BYTES (1:OUT-DLEN) TO OUT-DATA", "    PERFORM EMIT."]
        return o
