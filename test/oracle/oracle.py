#!/usr/bin/env python3
"""GnuCOBOL as an oracle for copybook layouts and record values.

  oracle.py layout COPYBOOK                 -> JSON list of items
  oracle.py decode COPYBOOK DATA RECLEN     -> JSON lines, one a record
  oracle.py encode COPYBOOK VALUES.jsonl    -> record bytes on stdout (or -o FILE)
  oracle.py check  COPYBOOK                 -> cobc's messages on the untouched text
  oracle.py cobol  COPYBOOK                 -> the generated COBOL program

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import copy
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import time
from decimal import Decimal, getcontext
from fractions import Fraction

import cobgen
import copybook as cb
import ibm_model

getcontext().prec = 120

COBC = os.environ.get("ORACLE_COBC", "cobc")
CACHE = os.environ.get("ORACLE_CACHE", os.path.join(tempfile.gettempdir(), "oracle-cache"))


class OracleError(Exception):
    pass


# ------------------------------------------------------------ compile and run
def compile_program(source, flags):
    key = hashlib.sha256("\0".join([COBC, " ".join(flags), source]).encode()).hexdigest()[:24]
    os.makedirs(CACHE, exist_ok=True)
    exe = os.path.join(CACHE, key)
    if os.path.exists(exe):
        return exe, 0.0
    with tempfile.TemporaryDirectory(dir=CACHE) as d:
        src = os.path.join(d, "orac.cob")
        with open(src, "w") as f:
            f.write(source)
        t = time.time()
        p = subprocess.run([COBC] + flags + ["-o", os.path.join(d, "a.out"), src],
                           capture_output=True, text=True, cwd=d)
        if p.returncode:
            raise OracleError("cobc: " + "\n".join(
                re.sub(r"^.*?orac\.cob:", "line ", m) + _line(source, m)
                for m in p.stderr.strip().splitlines()[:6]))
        os.replace(os.path.join(d, "a.out"), exe)
        return exe, time.time() - t


def _line(source, msg):
    m = re.search(r"orac\.cob:(\d+)", msg)
    if not m:
        return ""
    return "   <" + source.splitlines()[int(m.group(1)) - 1].strip() + ">"


def run_program(exe, commands):
    """commands: (kind, id, idx, data) -> answers (kind, id, idx, flag, off, len, data)"""
    with tempfile.TemporaryDirectory() as d:
        fin, fout = os.path.join(d, "in"), os.path.join(d, "out")
        with open(fin, "wb") as f:
            for kind, num, idx, data in commands:
                ix = list(idx) + [0] * (7 - len(idx))
                r = ("%s%05d%s" % (kind, num, "".join("%05d" % x for x in ix))).encode() + data
                f.write(struct.pack(">I", len(r)) + r)
        p = subprocess.run([exe], capture_output=True, cwd=d, timeout=300, env=dict(
            os.environ, DD_ORIN=fin, DD_OROUT=fout, COB_VARSEQ_FORMAT="1"))
        if p.returncode:
            raise OracleError("run: rc %d %s" % (p.returncode, p.stderr.decode("latin-1")[:300]))
        raw = open(fout, "rb").read()
    k, n = 0, len(raw)
    while k < n:
        (m,) = struct.unpack_from(">I", raw, k)
        r = raw[k + 4:k + 4 + m]
        k += 4 + m
        h = r[:cobgen.HEAD].decode("latin-1")
        yield (h[0], int(h[1:6]), tuple(int(h[6 + 5 * j:11 + 5 * j] or 0) for j in range(7)),
               h[41], int(h[42:51]), int(h[51:60]), r[cobgen.HEAD:])


# --------------------------------------------------------------------- oracle
class Oracle:
    def __init__(self, text, opt, record=None, fmt=None, odo=None):
        recs = cb.parse(text, fmt)
        self.rec = recs[0]
        if record:
            self.rec = [r for r in recs if r.name == record.upper()][0]
        self.opt = opt
        self.odo = {k.upper(): int(v) for k, v in (odo or {}).items()}
        self.items = {it.id: it for it in list(self.rec.walk()) + self.rec.renames_list}
        self.by_path = {it.path: it for it in self.items.values()}
        self.tables = [it for it in self.rec.walk() if it.depending is not None]
        self.outmax = sum(rough_size(it) for it in self.rec.walk()) + 256
        self.slack = {}
        self.compile_s = self.run_s = 0.0
        self.gens = {}
        if opt.sync == "ibm" and any(it.sync for it in self.items.values()):
            self.slack = ibm_slack(self)

    def gen(self, counts=(), layout=False):
        """The generator for a set of table counts: ((id, n), ...)"""
        key = counts, layout
        if key not in self.gens:
            g = cobgen.Gen(self.rec, self.opt, self.slack, dict(counts), self.outmax, layout)
            self.gens[key] = (g, g.program())
        return self.gens[key][0]

    def source(self, counts=(), layout=False):
        self.gen(counts, layout)
        return self.gens[counts, layout][1]

    def run(self, commands, counts=(), layout=False):
        exe, t = compile_program(self.source(counts, layout), self.opt.flags())
        self.compile_s += t
        t = time.time()
        out = list(run_program(exe, commands))
        self.run_s += time.time() - t
        return out

    def counts_of(self, values):
        """Table counts from {counter path: number}; others by --odo or maximum."""
        res = []
        for t in self.tables:
            d = t.depending
            n = t.occurs[1]
            if isinstance(d, cb.Item):
                n = values.get(d.path, self.odo.get(d.name, n))
            else:
                n = self.odo.get(d.split(" ")[0], n)
            res.append((t.id, n))
        return tuple(res)

    # -- layout
    def layout(self):
        res = []
        counts = self.counts_of({})
        for kind, num, idx, _f, off, ln, _d in self.run([("L", 0, (), b"")], counts, True):
            it = self.items[num]
            n = len(it.dims()) if not it.renames else 0
            res.append({
                "path": it.path, "name": it.name or "FILLER", "level": it.level,
                "occurs": list(idx[:n]), "offset": off, "length": ln,
                "group": it.is_group, "usage": None if it.is_group else it.eff_usage,
                "pic": it.pic, "redefines": it.redefines.path if it.redefines else None})
        return res

    # -- decode
    def counters_in(self, recs):
        """-> for each record its table counts and the counters that are wrong"""
        state = [({}, []) for _r in recs]
        order = sorted({t.depending.id: t.depending for t in self.tables
                        if isinstance(t.depending, cb.Item)}.values(), key=lambda c: c.id)
        while order:
            # the counters before the first table whose count is not known yet
            now = [c for c in order if all(
                t.id > c.id or t.depending not in order for t in self.tables)]
            if not now:
                raise OracleError("a counter lies behind the table that depends on it")
            groups = {}
            for k, (known, _bad) in enumerate(state):
                groups.setdefault(self.counts_of(known), []).append(k)
            for counts, ks in groups.items():
                cmds = [("K", 0, (), recs[k] + self.translate(recs[k])) for k in ks]
                left = iter(ks)
                k = next(left)
                for kind, num, _idx, flag, _off, _ln, data in self.run(cmds, counts):
                    if kind == "Z":
                        k = next(left, None)
                        continue
                    c = self.items[num]
                    if c not in now:
                        continue
                    i, s = self.gen(counts).digits(c)
                    v = number(data.decode("latin-1"), i, s)
                    hi = min(t.occurs[1] for t in self.tables if t.depending is c)
                    lo = max(t.occurs[0] for t in self.tables if t.depending is c)
                    n = int(Decimal(v)) if v is not None and flag != "N" else hi
                    if flag == "N" or not lo <= n <= hi:
                        state[k][1].append(c.path)
                    state[k][0][c.path] = max(0, min(n, hi))
            order = [c for c in order if c not in now]
        return [(self.counts_of(known), bad) for known, bad in state]

    def decode_all(self, records):
        """-> for each record a dict path(subscripts) -> {value, hex, offset, ...}"""
        recs = list(records)
        plan = self.counters_in(recs)
        groups, res = {}, [None] * len(recs)
        for k, (counts, _bad) in enumerate(plan):
            groups.setdefault(counts, []).append(k)
        for counts, ks in groups.items():
            cmds = [("D", 0, (), recs[k] + self.translate(recs[k])) for k in ks]
            n, cur = 0, {}
            for a in self.run(cmds, counts):
                if a[0] == "Z":
                    cur["*"] = {"length": a[5]}
                    if plan[ks[n]][1]:
                        cur["*odo"] = plan[ks[n]][1]
                    res[ks[n]] = cur
                    n, cur = n + 1, {}
                    continue
                key, e = self.answer(a, recs[ks[n]], self.gen(counts))
                cur[key] = e
        return res

    def answer(self, a, rec, gen):
        kind, num, idx, flag, off, ln, data = a
        it = self.items[num]
        ix = subs(idx[:len(it.dims()) if not it.renames else 0])
        if kind == "C":
            return "%s?%s%s" % (it.path, it.conds[ln][0], ix), {"value": flag == "Y", "cond": True}
        raw = rec[off:off + ln]
        k = cobgen.kind_of(it)
        e = {"offset": off, "length": ln, "hex": raw.hex()}
        if len(raw) < ln:
            e["short"] = True               # the record ends inside or before it
        if k == "text":
            e["value"] = data.decode("latin-1")
        elif k in ("num", "edit"):
            i, s = gen.digits(it)
            e["value"] = number(data.decode("latin-1"), i, s)
            if flag in "YN":
                e["numeric"] = flag == "Y"
            if k == "edit":
                e["text"] = self.translate(raw).decode("latin-1")
        elif k == "float":
            e["value"] = float_value(raw, self.opt.ibm)
            e["cobol_ieee"] = number(data.decode("latin-1"), 20, 18)
        elif k == "nat":
            try:
                e["value"] = raw.decode("utf-16-be")
            except UnicodeDecodeError:
                e["value"] = None
        else:
            e["value"] = raw.hex()
        return it.path + ix, e

    def translate(self, data):
        if not self.opt.ebcdic:
            return data
        return data.translate(E2A(self.opt.charset))

    # -- encode
    def encode_all(self, lines, fill=0):
        """lines: dicts path(subscripts) -> value; -> a list of record bytes"""
        plan, groups = [], {}
        for vals in lines:
            todo, counters = [], {}
            for key, v in vals.items():
                if key.startswith("*") or "?" in key:
                    continue
                path, idx = split_key(key)
                it = self.by_path.get(path)
                if it is None:
                    raise OracleError("no such item: " + path)
                todo.append((it, idx, v))
                if any(t.depending is it for t in self.tables):
                    counters[path] = int(Decimal(v["value"] if isinstance(v, dict) else v))
            counts = self.counts_of(counters)
            groups.setdefault(counts, []).append(len(plan))
            plan.append(todo)
        res = [b""] * len(plan)
        for counts, ks in groups.items():
            gen, cmds, ops = self.gen(counts), [], []
            for k in ks:
                cmds.append(("B", 0, (), bytes([fill]) * self.outmax))
                for it, idx, v in plan[k]:
                    kind, data, outside = self.operand(it, v, gen)
                    cmds.append((kind, it.id, idx, data))
                    ops.append((k, it, outside))
                cmds.append(("W", 0, (), b""))
                ops.append((k, None, None))
            buf, own = bytearray([fill]) * self.outmax, True
            for (k, it, outside), (_k, _n, _i, _f, off, ln, data) in zip(ops, self.run(cmds, counts)):
                if it is None:                      # the whole record as COBOL has it
                    res[k] = bytes(buf[:ln])
                    if own and not self.opt.ebcdic and res[k] != data[:ln]:
                        raise OracleError("the record put together differs from COBOL's own")
                    buf, own = bytearray([fill]) * self.outmax, True
                    continue
                if outside is not None:
                    data, own = outside(ln), False
                elif cobgen.is_text(it) and self.opt.ebcdic:
                    data = data.translate(A2E(self.opt.charset))
                buf[off:off + ln] = data[:ln]
        return res

    def operand(self, it, v, gen):
        """-> command kind, data, a function that makes the bytes outside COBOL"""
        if isinstance(v, dict) and "hex" in v and "value" not in v:
            b = bytes.fromhex(v["hex"])
            return "A", b"", lambda ln: b.ljust(ln, b"\0")
        if isinstance(v, dict):
            v = v["value"]
        k = cobgen.kind_of(it)
        if k in ("text", "group"):
            return "V", v.encode("latin-1", "replace") or b" ", None
        if k in ("num", "edit"):
            i, s = gen.wide(it)
            return "V", number_text(v, i, s), None
        if k == "float":
            if self.opt.dialect == "ibm":
                return "A", b"", lambda ln: to_hfp(float(v), ln)
            return "V", repr(float(v)).encode(), None
        if k == "nat":
            b = v.encode("utf-16-be")
            return "A", b"", lambda ln: (b + "  ".encode("utf-16-be") * ln)[:ln]
        b = bytes.fromhex(v)
        return "A", b"", lambda ln: b.ljust(ln, b"\0")


def subs(idx):
    return "(" + ",".join(map(str, idx)) + ")" if idx else ""


def split_key(key):
    m = re.fullmatch(r"(.*?)(?:\(([\d,]+)\))?", key)
    return m.group(1), tuple(int(x) for x in m.group(2).split(",")) if m.group(2) else ()


def rough_size(it):
    """An upper bound of an item's bytes, only to size the work buffers."""
    n = 16
    if it.pic and not it.is_group:
        n = max(16, 4 * len(cb.Pic(it.pic).expanded) + 2)
    for d in it.dims():
        n *= max(d.occurs[1], 1)
    return n


def number(text, i, s):
    """A work field's characters -> canonical decimal text."""
    sign, digs = text[0], text[1:]
    if not digs.isdigit():
        return None
    if i + s != len(digs):
        i = len(digs) - s
    whole = digs[:i].lstrip("0") or "0"
    v = whole + ("." + digs[i:] if s else "")
    return ("-" if sign == "-" else "") + v


def number_text(v, i, s):
    """A number -> a work field's characters (high digits that do not fit go)."""
    d = Decimal(str(v))
    sign = "-" if d.is_signed() else "+"
    t = "%f" % 0 if not d else format(abs(d), "f")
    whole, _, frac = t.partition(".")
    if not d:
        whole, frac = "0", ""
    if i + s == 0:
        i = 1
    whole = whole.rjust(i, "0")
    whole = whole[len(whole) - i:] if i else ""
    return (sign + whole + frac[:s].ljust(s, "0")).encode()


def float_value(raw, hfp):
    if len(raw) not in (4, 8):
        return None
    if not hfp:
        return repr(struct.unpack("<f" if len(raw) == 4 else "<d", raw)[0])
    n = int.from_bytes(raw, "big")
    bits = 8 * len(raw)
    sign = n >> (bits - 1)
    exp = (n >> (bits - 8)) & 0x7F
    frac = n & ((1 << (bits - 8)) - 1)
    v = float(Fraction(frac) * Fraction(16) ** (exp - 64) / 2 ** (bits - 8))   # rounded once
    return repr(-v if sign else v)


def to_hfp(x, ln):
    """A float -> IBM hexadecimal floating point, truncated (outside COBOL)."""
    if x == 0:
        return bytes(ln)
    f, sign, e = Fraction(abs(x)), x < 0, 64
    while f >= 1:
        f /= 16
        e += 1
    while f < Fraction(1, 16):
        f *= 16
        e -= 1
    bits = 8 * ln - 8
    m = int(f * (1 << bits))
    return (((1 << 7 if sign else 0) | (e & 0x7F)) << bits | m).to_bytes(ln, "big")


_T = {}


def E2A(codec):
    if codec not in _T:
        t = []
        for b in range(256):
            c = ord(bytes([b]).decode(codec))
            t.append(c if c < 256 else 0xA4)
        if len(set(t)) != 256:
            raise OracleError("%s is not one-to-one with Latin-1" % codec)
        back = [0] * 256
        for b, c in enumerate(t):
            back[c] = b
        _T[codec] = (bytes(t), bytes(back))
    return _T[codec][0]


def A2E(codec):
    E2A(codec)
    return _T[codec][1]


def ibm_slack(orc):
    """IBM's slack bytes for SYNC, to be written as explicit FILLERs.

    Lengths come from COBOL (a run with SYNC taken away); where the slack goes
    is ibm_model's reading of IBM's rule, not a compiler's verdict.
    """
    plain = copy.copy(orc)
    plain.opt, plain.gens, plain.odo = copy.copy(orc.opt), {}, {}
    plain.opt.sync = "none"
    length = {}
    for e in plain.layout():
        length.setdefault(e["path"], e["length"])
    orc.compile_s += plain.compile_s
    return ibm_model.place(orc.rec, lambda it: length[it.path])[2]


# ------------------------------------------------------------------------ CLI
def check(text, std, fmt=None):
    """cobc's own verdict on the text as it stands."""
    _lines, used = cb.source_lines(text, fmt)
    pre = ["IDENTIFICATION DIVISION.", "PROGRAM-ID. CHK.", "DATA DIVISION.",
           "WORKING-STORAGE SECTION."]
    if not re.search(r"(?m)^.{0,12}\b(0?1|77|78)\s", text):
        pre.append("01 RECORD-01.")
    ind = "       " if used == "fixed" else ""
    src = "\n".join(ind + x for x in pre) + "\n" + text + "\n" + ind + \
        "PROCEDURE DIVISION.\n" + ind + "    GOBACK.\n"
    with tempfile.TemporaryDirectory() as d:
        f = os.path.join(d, "chk.cob")
        with open(f, "w") as h:
            h.write(src)
        p = subprocess.run([COBC, "-fsyntax-only", "-std=" + std,
                            "-free" if used == "free" else "-fixed", f],
                           capture_output=True, text=True, cwd=d)
    msgs = []
    for m in p.stderr.splitlines():
        m2 = re.match(r".*chk\.cob:(\d+): (.*)", m)
        if m2:
            msgs.append({"line": int(m2.group(1)) - len(pre), "message": m2.group(2)})
    return p.returncode, msgs


def main(argv=None):
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("command", choices=["layout", "decode", "encode", "check", "cobol"])
    ap.add_argument("copybook")
    ap.add_argument("rest", nargs="*")
    ap.add_argument("--dialect", choices=["ibm", "native"], default="ibm")
    ap.add_argument("--charset", default="ascii", help="ascii (default) or an EBCDIC codec, cp037")
    ap.add_argument("--sign", choices=["ascii", "ebcdic"], help="overpunch (default: by charset)")
    ap.add_argument("--sync", choices=["cobol", "ibm", "none"], default="cobol",
                    help="cobol: as cobc does it; ibm: IBM's rule, modelled; none: no SYNC")
    ap.add_argument("--trunc", choices=["std", "bin"], default="std")
    ap.add_argument("--std", help="cobc -std (default: ibm, or default for native)")
    ap.add_argument("--cobc", action="append", default=[], help="one more cobc option")
    ap.add_argument("--record", help="the 01 item (default: the first)")
    ap.add_argument("--format", choices=["fixed", "free"])
    ap.add_argument("--odo", action="append", default=[], metavar="NAME=N",
                    help="a count for an ODO object outside the record")
    ap.add_argument("--full", action="store_true", help="decode: offset, hex, NUMERIC test too")
    ap.add_argument("--rdw", action="store_true", help="records behind 4-byte RDWs")
    ap.add_argument("--fill", default="00", help="encode: the byte a record starts as (hex)")
    ap.add_argument("--time", action="store_true")
    ap.add_argument("-o", "--output")
    a = ap.parse_intermixed_args(argv)
    text = open(a.copybook, encoding="latin-1").read()
    opt = cobgen.Options(a.dialect, a.charset, a.sign, a.sync, a.trunc, a.std, a.cobc)
    if a.command == "check":
        rc, msgs = check(text, opt.std, a.format)
        print(json.dumps({"rc": rc, "messages": msgs}, indent=1))
        return rc
    orc = Oracle(text, opt, a.record, a.format, dict(x.upper().split("=") for x in a.odo))
    if a.command == "cobol":
        sys.stdout.write(orc.source(orc.counts_of({})))
    elif a.command == "layout":
        print("[" + ",\n ".join(json.dumps(e) for e in orc.layout()) + "]")
    elif a.command == "decode":
        raw = open(a.rest[0], "rb").read()
        recs = []
        if a.rdw:
            k = 0
            while k < len(raw):
                n = int.from_bytes(raw[k:k + 2], "big")
                recs.append(raw[k + 4:k + n])
                k += n
        else:
            n = int(a.rest[1]) if len(a.rest) > 1 else len(raw)
            if len(raw) % n:
                raise OracleError("%d bytes are no multiple of %d" % (len(raw), n))
            recs = [raw[k:k + n] for k in range(0, len(raw), n)]
        for r in orc.decode_all(recs):
            if not a.full:
                r = {k: slim(v) for k, v in r.items() if k != "*"}
            print(json.dumps(r))
    else:
        with open(a.rest[0]) as f:
            lines = [json.loads(x) for x in f if x.strip()]
        recs = orc.encode_all(lines, int(a.fill, 16))
        if a.rdw:
            recs = [struct.pack(">HH", len(r) + 4, 0) + r for r in recs]
        out = b"".join(recs)
        if a.output:
            open(a.output, "wb").write(out)
        else:
            sys.stdout.buffer.write(out)
    if a.time:
        sys.stderr.write("compile %.3f s, run %.3f s\n" % (orc.compile_s, orc.run_s))
    return 0


def slim(v):
    if isinstance(v, list):
        return v
    if v.get("numeric") is False:
        return {"value": v["value"], "hex": v["hex"], "numeric": False}
    return v["text"] if "text" in v else v["value"]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OracleError, cb.CopybookError) as e:
        sys.stderr.write("oracle: %s\n" % e)
        sys.exit(2)
