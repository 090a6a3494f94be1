package mail_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"naober/notifications/mail"
)

// FuzzReply lets the mail server say anything at any point of the conversation: no panic, only
// failures of ours come out, and none shows the recipient.
func FuzzReply(f *testing.F) {
	for i, reply := range []string{"250 ok", "550 5.1.1 no such user " + to, "250-ok\r\n250-", "999 beyond", "-1 no", "4", "", "421", "25\x00 ok", "250 " + strings.Repeat("x", 5000), "334 ==", "220 " + to, "cut"} {
		f.Add(uint8(i), reply)
	}
	verbs := []string{"greeting", "EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT"}
	f.Fuzz(func(t *testing.T, at uint8, reply string) {
		if reply == "hang" {
			return
		}
		server := startSMTP(t, &smtpServer{replies: map[string]string{verbs[int(at)%len(verbs)]: reply}})
		err := newSender(t, mail.Config{Addr: server.addr, TLS: mail.None, Timeout: 200 * time.Millisecond}).Send(t.Context(), to, subject, text)
		var failure *mail.Failure
		switch {
		case err == nil:
			return
		case !errors.As(err, &failure):
			t.Fatalf("%q: %v is no failure", reply, err)
		case strings.Contains(err.Error(), "geesje"):
			t.Fatalf("the error shows the recipient: %v", err)
		case failure.Class == mail.Permanent && failure.Reply < 500:
			t.Fatalf("%q ends a mail for good: %v", reply, err)
		}
	})
}

// FuzzRecipient looks for a recipient or a subject by which somebody writes headers.
func FuzzRecipient(f *testing.F) {
	for _, row := range [][2]string{{to, subject}, {"a@x.nl\r\nBcc: b@x.nl", subject}, {to, "x\r\nBcc: b@x.nl"}, {"a@x.nl, b@x.nl", subject}, {"A <a@x.nl>", subject}, {"\"a\nb\"@x.nl", "\u2028"}} {
		f.Add(row[0], row[1])
	}
	f.Fuzz(func(t *testing.T, recipient, subject string) {
		server := startSMTP(t, &smtpServer{})
		if newSender(t, mail.Config{Addr: server.addr, TLS: mail.None}).Send(t.Context(), recipient, subject, "Dag") != nil {
			return
		}
		for _, got := range server.received() {
			head, _, _ := strings.Cut(got.data, "\n\n")
			if strings.Contains(strings.ToLower(head), "\nbcc:") || strings.Count(strings.ToLower("\n"+head), "\nsubject:") != 1 {
				t.Fatalf("%q, %q: the head is %q", recipient, subject, head)
			}
		}
		if verbs, _ := server.heard(); strings.Count(strings.Join(verbs, " "), "RCPT") != 1 {
			t.Fatalf("%q has several recipients: %v", recipient, verbs)
		}
	})
}
