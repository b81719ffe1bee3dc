      * ACCOUNTS: a bank's nightly unload of its accounts, a record an
      * account. RECFM=VB, text in code page 037.
       01  ACCOUNT.
           05  BRANCH-CODE              PIC X(6).
           05  ACCOUNT-NUMBER           PIC 9(10).
           05  ACCOUNT-STATUS           PIC X.
               88  STATUS-OPEN          VALUE 'O'.
               88  STATUS-FROZEN        VALUE 'F'.
               88  STATUS-CLOSED        VALUE 'C'.
           05  CUSTOMER-TYPE            PIC X.
               88  IS-PERSONAL          VALUE 'P'.
               88  IS-BUSINESS          VALUE 'B'.
           05  CUSTOMER-ID              PIC 9(9) COMP.
           05  PERSON.
               10  FIRST-NAME           PIC X(18).
               10  LAST-NAME            PIC X(22).
               10  BIRTH-DATE           PIC 9(8).
               10  MONTHLY-INCOME       PIC S9(7)V99 COMP-3.
               10  FILLER               PIC X(7).
           05  COMPANY REDEFINES PERSON.
               10  COMPANY-NAME         PIC X(36).
               10  REGISTRATION-NUMBER  PIC X(12).
               10  EMPLOYEES            PIC 9(6) COMP.
               10  ANNUAL-REVENUE       PIC S9(13)V99 COMP-3.
           05  POSTAL-ADDRESS.
               10  STREET               PIC X(28).
               10  CITY                 PIC X(20).
               10  POSTAL-CODE          PIC X(8).
               10  COUNTRY-CODE         PIC X(2).
           05  OPENED-ON                PIC 9(8).
           05  CURRENCY-CODE            PIC X(3).
           05  BALANCE                  PIC S9(11)V99 COMP-3.
           05  CREDIT-LIMIT             PIC S9(9) COMP-3.
           05  INTEREST-RATE            PIC S9(3)V9(4) COMP-3.
           05  ACCRUED-INTEREST         PIC S9(15)V9(6) COMP-3.
           05  OVERDRAFT-USED           PIC S9(7)V99.
           05  RISK-SCORE               COMP-2.
           05  TRANSACTION-COUNT        PIC S9(4) COMP.
           05  TRANSACTIONS OCCURS 0 TO 12 TIMES
                   DEPENDING ON TRANSACTION-COUNT.
               10  BOOKED-ON            PIC 9(8).
               10  BOOKED-AT            PIC 9(6).
               10  TRANSACTION-CODE     PIC X(3).
               10  AMOUNT               PIC S9(9)V99 COMP-3.
               10  REFERENCE-ID         PIC 9(12) COMP-3.
               10  COUNTERPARTY         PIC X(24).
           05  LAST-STATEMENT           PIC 9(8).
           05  CHANGED-BY               PIC X(8).
