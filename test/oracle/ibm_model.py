"""IBM Enterprise COBOL's rules in Python, written from the Language Reference.

It is a second opinion beside GnuCOBOL, used where GnuCOBOL is known to deviate
(SYNC).  It is not an oracle.

SPDX-License-Identifier: Apache-2.0
"""
import copybook as cb

POINTERS = {"POINTER": 4, "POINTER-32": 4, "FUNCTION-POINTER": 4, "PROCEDURE-POINTER": 8,
            "INDEX": 4, "OBJECT": 4}


def length(it):
    """Bytes of an elementary item."""
    u = it.eff_usage
    if u in POINTERS:
        return POINTERS[u]
    if u == "COMP-1":
        return 4
    if u == "COMP-2":
        return 8
    p = cb.Pic(it.pic)
    if p.kind == "N":
        if u in ("BINARY", "COMP-5"):
            return 2 if p.digits <= 4 else 4 if p.digits <= 9 else 8
        if u == "PACKED-DECIMAL":
            return p.digits // 2 + 1
        n = p.digits + (1 if p.signed and it.eff_sign[1] else 0)
        return 2 * n if u == "NATIONAL" else n
    n = len(p.expanded.replace("V", "").replace("P", ""))
    if p.kind in ("NAT", "NATE", "DBCS") or u in ("NATIONAL", "DISPLAY-1"):
        return 2 * n
    return n


def boundary(it):
    """What SYNC aligns an elementary item to."""
    if not it.eff_sync:
        return 1
    u = it.eff_usage
    if u in ("BINARY", "COMP-5"):
        return 2 if cb.Pic(it.pic).digits <= 4 else 4
    if u == "COMP-1" or u in POINTERS:
        return 4
    return 8 if u == "COMP-2" else 1


def place(rec, elementary_length=length):
    """-> offsets (first occurrence), sizes (one occurrence), slack to insert."""
    offset, size, slack = {}, {}, {}

    def leading(it):
        while it.is_group:
            it = it.children[0]
        return boundary(it)

    def one(it, pos):
        offset[it.id] = pos
        if not it.is_group:
            size[it.id] = elementary_length(it)
            return boundary(it)
        start, end, m = pos, pos, 1
        for c in it.children:
            if c.redefines:
                here = offset[c.redefines.id]
            else:
                here, k = end, leading(c)
                if here % k:
                    slack.setdefault(c.id, {}).setdefault("before", []).append(k - here % k)
                    here += k - here % k
            cm = one(c, here)
            m = max(m, cm)
            if c.is_group and c.occurs and size[c.id] % cm:
                pad = cm - size[c.id] % cm
                slack.setdefault(c.id, {}).setdefault("end", []).append(pad)
                size[c.id] += pad
            end = max(end, here + size[c.id] * (c.occurs[1] if c.occurs else 1))
        size[it.id] = end - start
        return m

    one(rec, 0)
    return offset, size, slack
