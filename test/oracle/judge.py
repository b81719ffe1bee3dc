#!/usr/bin/env python3
"""Asks GnuCOBOL about many copybooks in one process, for run.ts and oracle.test.ts.

  judge.py [--seed S] [--count N] [--records R] [--jobs J] [COPYBOOK ...]

Prints one JSON object a line: for each COPYBOOK and record in it, then for the seeds S to S+N-1

  name, text, format, record      what was asked
  dialect, encoding, signs, sync  under which rules
  items     [{id, name, level, path, usage, pic, elementary, redefined}], ids by place in the source from 1, 66s last
  layout    [[id, [subscripts], offset, length]], every table at its maximum
  records   [{hex, values: [[id, [subscripts], offset, length, value, numeric, text, written]],
              conditions: [[id, [subscripts], name, true or false]]}]

or {name, error}. `value` is decimal text at the picture's scale, text, or hex where COBOL has no say; `numeric` is
the NUMERIC test (null where there is none); `written` says that COBOL wrote these bytes as a value of this item.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor

CACHE = os.environ.get("ORACLE_CACHE")
if not CACHE:                           # compiled programs, for this run only
    CACHE = os.environ["ORACLE_CACHE"] = tempfile.mkdtemp(prefix="oracle-")
    OWN_CACHE = CACHE
else:
    OWN_CACHE = None

import cobgen                           # noqa: E402  (oracle looks at the environment)
import copybook as cb                   # noqa: E402
import gen                              # noqa: E402
import oracle                           # noqa: E402

FILLS = (0x00, 0x40, 0xF0, 0xFF)
FRESH = 3                               # records of new values; the others are mutations of these


def use_tcc():
    """Lets tcc compile, three times as fast as gcc, where it can (it does not know gcc's options)."""
    tcc = {"COB_CC": "tcc", "COB_CFLAGS": "-I/usr/include -pipe", "COB_LDFLAGS": "-L/usr/lib"}
    if not shutil.which("tcc") or set(tcc) & set(os.environ):
        return
    probe = os.path.join(CACHE, "probe.cob")
    with open(probe, "w") as f:
        f.write("IDENTIFICATION DIVISION.\nPROGRAM-ID. PROBE.\nPROCEDURE DIVISION.\n    STOP RUN.\n")
    cobc = os.environ.get("ORACLE_COBC", "cobc")
    compiled = subprocess.run([cobc, "-x", "-free", "-o", probe + ".out", probe], env=dict(os.environ, **tcc),
                              capture_output=True, cwd=CACHE)
    if compiled.returncode == 0 and subprocess.run([probe + ".out"], capture_output=True).returncode == 0:
        os.environ.update(tcc)


def variant(seed):
    """Rules and generator options of a seed: most are EBCDIC under IBM's rules."""
    k = seed % 10
    if k == 3:
        return {"sync": True}, ("ascii", "ebcdic")
    if k == 7:
        return {}, ("ascii", "ascii")
    return {"sync": k in (0, 5)}, ("cp037", "ebcdic")


def compiler_may_place(rec):
    """Is every SYNC of a kind that GnuCOBOL places as IBM does? (deviations.md, "SYNC")"""
    variable = any(it.depending is not None for it in rec.walk())
    for it in rec.walk():
        if not it.sync:
            continue
        if variable or it.is_group or it.dims():
            return False
        if it.eff_usage in ("BINARY", "COMP-5") and cb.Pic(it.pic).digits > 9:
            return False
    return True


def mutated(r, record, keep):
    """The record with some bytes replaced, none of those in `keep`."""
    out = bytearray(record)
    for _ in range(max(1, len(out) // 6)):
        k = r.randrange(len(out))
        if k not in keep:
            out[k] = r.choice([r.randrange(256), 0x40, 0x00, 0xFF, 0xF0 | r.randrange(10), r.randrange(10) << 4 | 0xC])
    return bytes(out)


def ask(name, text, fmt, record, opt, vals, seed, wanted):
    o = oracle.Oracle(text, opt, record, fmt)
    synced = any(it.sync for it in o.rec.walk())
    sync = "none"
    if synced:
        sync = "compiler" if opt.dialect != "ibm" or compiler_may_place(o.rec) else "model"
        if sync == "model":
            opt.sync = "ibm"
            o = oracle.Oracle(text, opt, record, fmt)
    res = {"name": name, "text": text, "format": fmt or "auto", "record": o.rec.name, "dialect": opt.dialect,
           "encoding": "ebcdic" if opt.ebcdic else "ascii", "signs": opt.sign, "sync": sync}
    redefined = {it.redefines.id for it in o.rec.walk() if it.redefines}
    res["items"] = [{"id": it.id, "name": it.name or "FILLER", "level": it.level, "path": it.path,
                     "usage": None if it.renames or it.is_group else it.eff_usage, "pic": it.pic,
                     "elementary": not it.is_group and not it.renames,
                     "redefined": it.id in redefined} for it in o.items.values()]
    res["layout"] = [[o.by_path[e["path"]].id, e["occurs"], e["offset"], e["length"]] for e in o.layout()]
    r = random.Random(seed)
    made = o.encode_all(vals, FILLS[seed % len(FILLS)])
    back = o.decode_all(made)
    written = []
    for sent, values in zip(vals, back):
        # bytes of alternatives overlap: a value counts as written only where it came back
        written.append({(k, values[k]["offset"], values[k]["hex"]) for k, v in sent.items()
                        if k in values and not isinstance(v, dict)})
    counters = {t.depending.path for t in o.tables if isinstance(t.depending, cb.Item)}
    bad, owners = [], []
    for k in range(wanted - len(made)):
        n = k % len(made)
        keep = {p for path in counters if path in back[n]
                for p in range(back[n][path]["offset"], back[n][path]["offset"] + back[n][path]["length"])}
        if len(keep) < len(made[n]):
            bad.append(mutated(r, made[n], keep))
            owners.append(n)
    back += o.decode_all(bad) if bad else []
    res["records"] = []
    for n, (raw, values) in enumerate(zip(made + bad, back)):
        sent = written[n] if n < len(made) else written[owners[n - len(made)]]
        out = {"hex": raw.hex(), "values": [], "conditions": []}
        for key, e in values.items():
            if key.startswith("*"):
                continue
            path, idx = oracle.split_key(key)
            if e.get("cond"):
                path, _, cond = path.partition("?")
                out["conditions"].append([o.by_path[path].id, list(idx), cond, e["value"]])
                continue
            it = o.by_path[path]
            if it.renames:
                continue
            if it.eff_usage in ("COMP-X", "COMP-N") and cobgen.kind_of(it) == "raw":
                e["value"] = str(int(e["hex"] or "0", 16))
            out["values"].append([it.id, list(idx), e["offset"], e["length"], e["value"], e.get("numeric"),
                                  e.get("text"), (key, e["offset"], e["hex"]) in sent])
        res["records"].append(out)
    return res


def one(job):
    kind, what, record, wanted = job
    name = "seed %d" % what if kind == "seed" else os.path.basename(what) + (" " + record if record else "")
    text = ""
    try:
        if kind == "seed":
            options, (charset, sign) = variant(what)
            text, vals, fmt = gen.generate(what, FRESH, **options)
            opt = cobgen.Options("ibm", charset, sign=sign)
            return ask(name, text, fmt, None, opt, vals, what, wanted)
        with open(what, encoding="utf-8") as f:
            text = f.read()
        native = what.endswith("native.cpy")
        opt = cobgen.Options("native" if native else "ibm", "ascii" if native else "cp037",
                             sign="ascii" if native else "ebcdic")
        g = gen.Gen(1)
        g.r = random.Random(record or what)
        g.style = cb.detect_format(text)
        vals = [g.values(text, record) for _ in range(FRESH)]
        return ask(name, text, None, record, opt, vals, len(text), wanted)
    except Exception as e:              # told, never hidden: run.ts counts it as a failure
        return {"name": name, "text": text, "error": "%s: %s" % (type(e).__name__, str(e)[:800])}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("copybooks", nargs="*")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--count", type=int, default=0)
    ap.add_argument("--records", type=int, default=6)
    ap.add_argument("--jobs", type=int, default=os.cpu_count())
    a = ap.parse_intermixed_args()
    jobs = []
    for path in a.copybooks:
        with open(path, encoding="utf-8") as f:
            names = [rec.name for rec in cb.parse(f.read())]
        jobs += [("file", path, n if len(names) > 1 else None, a.records) for n in names]
    jobs += [("seed", s, None, a.records) for s in range(a.seed, a.seed + a.count)]
    try:
        os.makedirs(CACHE, exist_ok=True)
        use_tcc()
        with ProcessPoolExecutor(max(1, a.jobs)) as pool:
            for res in pool.map(one, jobs, chunksize=2):
                print(json.dumps(res), flush=True)
    finally:
        if OWN_CACHE:
            shutil.rmtree(OWN_CACHE, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
