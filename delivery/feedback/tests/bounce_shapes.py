"""Bounces, complaints and automatic answers in the shapes that servers send them, around a mail of ours.

Every function gives the bytes of one message. `returned` are the headers of our own mail, which most servers send
back. Names and addresses are invented; the structure is that of the server named.
"""

from email.utils import format_datetime

from django.utils import timezone

from delivery.engine.tokens import message_id, token_make

OTHER = "Message-ID: <other@elsewhere.example>\nSubject: Hello\n"


def returned(send_id: int, contact_id: int, address: str, domain: str = "shop.example", token: bool = True) -> str:
    """The headers of our mail as they left."""
    leave = f"List-Unsubscribe: <http://127.0.0.1:8000/u/{token_make('unsub', send_id, contact_id)}>\n" if token else ""
    return (
        f"To: {address}\nSubject: Spring\nMessage-ID: {message_id(send_id, contact_id, domain)}\n{leave}"
        f"From: Example Shop <news@{domain}>\nMIME-Version: 1.0\nContent-Type: text/plain\n"
    )


def wire(text: str) -> bytes:
    return text.lstrip("\n").replace("\n", "\r\n").encode()


def now() -> str:
    return format_datetime(timezone.now())


def postfix(address: str, status: str = "5.1.1", said: str = "", headers: str = OTHER, action: str = "failed") -> bytes:
    said = said or f"550 {status} <{address}>: Recipient address rejected: User unknown in virtual mailbox table"
    return wire(f"""
Return-Path: <>
Received: by mx.relay.example (Postfix) id 4F2A91
Date: {now()}
From: MAILER-DAEMON@mx.relay.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: news@shop.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4F2A91.1700000000/mx.relay.example"
Message-Id: <20261101.4F2A91.{abs(hash(address + status))}@mx.relay.example>

This is a MIME-encapsulated message.

--4F2A91.1700000000/mx.relay.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.relay.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<{address}>: host mail.far.example[192.0.2.7] said: {said} (in reply to RCPT TO command)

--4F2A91.1700000000/mx.relay.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.relay.example
X-Postfix-Queue-ID: 4F2A91
Arrival-Date: {now()}

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.far.example
Diagnostic-Code: smtp; {said}

--4F2A91.1700000000/mx.relay.example
Content-Description: Undelivered Message
Content-Type: message/rfc822

{headers}
Hello, the tea is here.

--4F2A91.1700000000/mx.relay.example--
""")


def exim(address: str, said: str = "550 No such user here", headers: str = OTHER) -> bytes:
    """Exim says 5.0.0 of everything; what is the matter stands in the words."""
    return wire(f"""
Return-path: <>
From: Mail Delivery System <Mailer-Daemon@smtp.exim.example>
To: news@shop.example
Auto-Submitted: auto-replied
X-Failed-Recipients: {address}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=1700000000-eximdsn-12
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1abcde-0000{abs(hash(address + said))}@smtp.exim.example>
Date: {now()}

--1700000000-eximdsn-12
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {address}
    host mail.far.example [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<{address}>:
    {said}

--1700000000-eximdsn-12
Content-type: message/delivery-status

Reporting-MTA: dns; smtp.exim.example

Action: failed
Final-Recipient: rfc822;{address}
Status: 5.0.0
Remote-MTA: dns; mail.far.example
Diagnostic-Code: smtp; {said}

--1700000000-eximdsn-12
Content-type: message/rfc822

{headers}
Hello

--1700000000-eximdsn-12--
""")


def exim_old(address: str, said: str = "550 Unrouteable address", headers: str = OTHER) -> bytes:
    """Exim before it wrote reports: words, and the mail copied below."""
    return wire(f"""
Return-path: <>
X-Failed-Recipients: {address}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@old.exim.example>
To: news@shop.example
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1old-{abs(hash(address))}@old.exim.example>
Date: {now()}

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {address}
    {said}

------ This is a copy of the message, including all the headers. ------

{headers}
Hello
""")


def exchange(address: str, status: str = "5.1.10", said: str = "", headers: str = OTHER) -> bytes:
    """Exchange Online: words in HTML and in the language of the tenant, only the headers come back."""
    said = said or f"550 {status} RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"
    return wire(f"""
From: Microsoft Outlook
 <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@tenant.example>
To: <news@shop.example>
Date: {now()}
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="b0a1-exchange"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: es-ES
Message-ID: <{abs(hash(address + status))}@PROD.OUTLOOK.example>
In-Reply-To: <whatever@shop.example>
Subject: =?utf-8?B?Tm8gc2UgcHVlZGUgZW50cmVnYXI6IFByaW1hdmVyYQ==?=
Auto-Submitted: auto-replied

--b0a1-exchange
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="b0a2-exchange"

--b0a2-exchange
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

No se pudo entregar el mensaje a {address}. No se encontr=C3=B3 a {address.partition("@")[0]} en
{address.partition("@")[2]}.

--b0a2-exchange
Content-Type: text/html; charset="utf-8"

<html><body><p>No se pudo entregar el mensaje</p></body></html>

--b0a2-exchange--

--b0a1-exchange
Content-Type: message/delivery-status

Reporting-MTA: dns;PROD.OUTLOOK.example

Original-Recipient: rfc822;{address}
Final-Recipient: rfc822;{address}
Action: failed
Status: {status}
Diagnostic-Code: smtp;{said}

--b0a1-exchange
Content-Type: text/rfc822-headers

{headers}
--b0a1-exchange--
""")


def gmail(address: str, said: str = "", headers: str = OTHER, action: str = "failed", status: str = "5.1.1") -> bytes:
    said = said or (
        "550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the "
        "recipient's email address for typos. 550 5.1.1 NoSuchUser - gsmtp"
    )
    return wire(f"""
Return-Path: <>
X-Failed-Recipients: {address}
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: news@shop.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification ({"Delay" if action == "delayed" else "Failure"})
Message-ID: <{abs(hash(address + status + action))}.mx@google.example>
Date: {now()}
Content-Type: multipart/report; boundary="0000000000gmail"; report-type=delivery-status

--0000000000gmail
Content-Type: multipart/related; boundary="0000000001gmail"

--0000000001gmail
Content-Type: multipart/alternative; boundary="0000000002gmail"

--0000000002gmail
Content-Type: text/plain; charset="UTF-8"

** No se ha encontrado la dirección **

Tu mensaje no se ha entregado a {address} porque no se ha encontrado la
dirección o esta no puede recibir correo.

--0000000002gmail
Content-Type: text/html; charset="UTF-8"

<html><body>No se ha encontrado la dirección</body></html>

--0000000002gmail--
--0000000001gmail
Content-Type: image/png; name="icon.png"
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--0000000001gmail--
--0000000000gmail
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Arrival-Date: {now()}
X-Original-Message-ID: <whatever@shop.example>

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}
Last-Attempt-Date: {now()}

--0000000000gmail
Content-Type: message/rfc822

{headers}
Hello

--0000000000gmail--
""")


def qmail(address: str, said: str = "", headers: str = OTHER) -> bytes:
    """qmail's own form (QSBMF): no parts at all."""
    said = (
        said or "192.0.2.7 does not like recipient.\nRemote host said: 550 5.1.1 User unknown\nGiving up on 192.0.2.7."
    )
    return wire(f"""
Return-Path: <>
Received: (qmail 8791 invoked for bounce); 1 Nov 2026 10:00:00 -0000
Date: {now()}
From: MAILER-DAEMON@qmail.example
To: news@shop.example
Subject: failure notice

Hi. This is the qmail-send program at qmail.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{address}>:
{said}

--- Below this line is a copy of the message.

Return-Path: <news@shop.example>
{headers}
Hello
""")


def arf(address: str, kind: str = "abuse", headers: str = OTHER) -> bytes:
    rcpt = f"Original-Rcpt-To: <{address}>\n" if address else ""
    return wire(f"""
Return-Path: <fbl@isp.example>
From: Feedback Loop <fbl@isp.example>
To: abuse@shop.example
Subject: Email Feedback Report for IP 192.0.2.1
Date: {now()}
Message-ID: <fbl-{abs(hash(address + kind))}@isp.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part1_13d.2e68ed54"

--part1_13d.2e68ed54
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report for an email message received from IP 192.0.2.1.

--part1_13d.2e68ed54
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <news@shop.example>
{rcpt}Source-IP: 192.0.2.1
Reported-Domain: shop.example

--part1_13d.2e68ed54
Content-Type: message/rfc822
Content-Disposition: inline

{headers}
Spam Spam Spam

--part1_13d.2e68ed54--
""")


def outlook_complaint(address: str, headers: str = OTHER) -> bytes:
    """Outlook.com's junk reports: the message attached, no report part."""
    return wire(f"""
From: <staff@hotmail.com>
To: abuse@shop.example
Subject: complaint about message from 192.0.2.1
Date: {now()}
Message-ID: <jmrp-{abs(hash(address))}@hotmail.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="jmrp"

--jmrp
Content-Type: message/rfc822

X-HmXmrOriginalRecipient: {address}
{headers}
Hello

--jmrp--
""")


def vacation(
    address: str, subject: str = "Automatic reply: Spring", headers: str = OTHER, auto: str = "auto-replied"
) -> bytes:
    marked = f"Auto-Submitted: {auto}\n" if auto else ""
    return wire(f"""
Return-Path: <>
From: {address}
To: news@shop.example
Subject: {subject}
Date: {now()}
Message-ID: <away-{abs(hash(address + subject))}@far.example>
{marked}Precedence: bulk
Content-Type: text/plain; charset=utf-8

I am away until Monday. The address bounced@far.example does not exist any more; 550 5.1.1 user unknown.

> {headers.splitlines()[0]}
""")


def several(rows: list[tuple[str, str, str, str]], headers: str = OTHER) -> bytes:
    """One report about several recipients: (address, action, status, diagnostic)."""
    blocks = "\n".join(
        f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {said}\n"
        for address, action, status, said in rows
    )
    return wire(f"""
Return-Path: <>
From: Mail Delivery Subsystem <MAILER-DAEMON@sendmail.example>
Subject: Returned mail: see transcript for details
Date: {now()}
Message-ID: <several-{len(rows)}@sendmail.example>
Auto-Submitted: auto-generated (failure)
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="sm"

--sm
Content-Type: text/plain

   ----- The following addresses had permanent fatal errors -----

--sm
Content-Type: message/delivery-status

Reporting-MTA: dns; sendmail.example

{blocks}
--sm
Content-Type: text/rfc822-headers

{headers}
--sm--
""")
