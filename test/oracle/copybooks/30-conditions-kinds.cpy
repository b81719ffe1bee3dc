       01  KINDS-RECORD.
           05  CK-TEXT                   PIC X(4).
               88  CK-ALL                VALUE ALL 'AB'.
               88  CK-ALL-ONE            VALUE ALL '*'.
               88  CK-ZEROS              VALUE ZEROS.
               88  CK-HIGH               VALUE HIGH-VALUES.
               88  CK-QUOTE              VALUE QUOTES.
               88  CK-SPAN               VALUE LOW-VALUES THRU SPACES.
               88  CK-MIX       VALUE 'AB' 'C' THRU 'DZ' ALL 'X'.
               88  CK-LONG               VALUE 'ABCD' THRU 'ABCE'.
           05  CK-ALPHA                  PIC A(3).
               88  CK-ALPHA-X            VALUE 'ABC' THRU 'XYZ'.
           05  CK-NUM                    PIC 9(3).
               88  CK-NUM-ALL            VALUE ALL '9'.
               88  CK-NUM-LIST           VALUES 0 1 THRU 9, 100.
               88  CK-NUM-ZERO           VALUE ZEROES.
           05  CK-LEAD                   PIC S9(2)V9 SIGN LEADING.
               88  CK-LEAD-NEG           VALUE -99.9 THRU -0.1.
               88  CK-LEAD-UP            VALUE 0.1 THRU 50.
           05  CK-SEP                    PIC S9(3) SIGN TRAILING
                              SEPARATE.
               88  CK-SEP-ONE            VALUE -1 1 10 THRU 500.
           05  CK-PACK                   PIC S9(5)V99 COMP-3.
               88  CK-PACK-DEBT          VALUE -99999.99 THRU -0.01.
               88  CK-PACK-ZERO          VALUE ZERO.
               88  CK-PACK-FEW           VALUES 1.5, 2.25 THRU 9000.
           05  CK-LONG-PACK              PIC S9(17) COMP-3.
               88  CK-LONG-BIG           VALUE 10000000000 THRU
                              99999999999999999.
           05  CK-BIN                    PIC S9(9) COMP.
               88  CK-BIN-NEG            VALUE -999999999 THRU -1.
               88  CK-BIN-SOME           VALUES 0 2 4 THRU 1000000.
           05  CK-UNSIGNED               PIC 9(4) COMP.
               88  CK-UNSIGNED-X         VALUE 1 THRU 5000.
           05  CK-EDITED                 PIC XX/XX.
               88  CK-EDITED-X           VALUE 'AA/AA' THRU 'MM/MM'.
           05  CK-GROUP.
               88  CK-GROUP-Z            VALUE 'A0' THRU 'Z9'.
               88  CK-GROUP-ALL          VALUE ALL 'A'.
               10  CK-G1                 PIC X.
               10  CK-G2                 PIC 9.
