package mail_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/notifications/egress"
	"naober/notifications/mail"
)

const (
	to      = "geesje@example.org"
	subject = "Uw code voor Naober"
	text    = "Goedemorgen,\r\n\r\nuw code is 1234 5678. Hij werkt tien minuten. Groeten uit de één.\r\n"
)

func newSender(t *testing.T, cfg mail.Config) *mail.Sender {
	t.Helper()
	if cfg.From == "" {
		cfg.From = "Naober <post@naober.example>"
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 20 * time.Second
	}
	sender, err := mail.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func TestSendArrives(t *testing.T) {
	config, pool := certificate(t)
	server := startSMTP(t, &smtpServer{tls: config})
	sender := newSender(t, mail.Config{Addr: server.addr, Username: "naober", Password: "geheim", RootCAs: pool, Guard: egress.Allowing(egress.ThisMachine()...)})
	if err := sender.Send(t.Context(), to, subject, text); err != nil {
		t.Fatal(err)
	}
	mails := server.received()
	if len(mails) != 1 {
		t.Fatalf("%d mails, want one", len(mails))
	}
	if !strings.Contains(mails[0].from, "<post@naober.example>") || !strings.Contains(mails[0].to, "<"+to+">") {
		t.Errorf("envelope %q, %q", mails[0].from, mails[0].to)
	}
	if !mails[0].secure {
		t.Error("the mail went in the clear")
	}
	plain := base64.StdEncoding.EncodeToString([]byte("\x00naober\x00geheim"))
	if _, login := server.heard(); login != "PLAIN "+plain {
		t.Errorf("logged in with %q", login)
	}
	checkMail(t, mails[0].data)
}

// checkMail holds that the mail is the text and nothing but the text.
func checkMail(t *testing.T, data string) {
	t.Helper()
	parsed, err := netmail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]string{
		"From": `"Naober" <post@naober.example>`, "To": "<" + to + ">", "Subject": subject,
		"Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "quoted-printable",
		"Auto-Submitted": "auto-generated", "Mime-Version": "1.0",
	}
	for name, value := range wanted {
		got, err := (&mime.WordDecoder{}).DecodeHeader(parsed.Header.Get(name))
		if err != nil || got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	for name := range parsed.Header {
		if _, ok := wanted[name]; !ok && name != "Date" && name != "Message-Id" {
			t.Errorf("a header nobody asked for: %s", name)
		}
	}
	if id := parsed.Header.Get("Message-Id"); !strings.HasSuffix(id, "@naober.example>") {
		t.Errorf("the message id %q names a host", id)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(parsed.Body))
	if err != nil || strings.TrimRight(strings.ReplaceAll(string(body), "\r\n", "\n"), "\n") != strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		t.Errorf("body %q, %v", body, err)
	}
}

func TestSendFailure(t *testing.T) {
	rows := []struct {
		name, verb, reply string
		want              mail.Failure
	}{
		{"an unknown mailbox is permanent", "RCPT", "550 5.1.1 no such user " + to, mail.Failure{Class: mail.Permanent, Code: "refused", Reply: 550}},
		{"a greylisted address is temporary", "RCPT", "451 4.7.1 come back later", mail.Failure{Class: mail.Temporary, Code: "busy", Reply: 451}},
		{"a sender refused is permanent", "MAIL", "553 5.1.8 no", mail.Failure{Class: mail.Permanent, Code: "refused", Reply: 553}},
		{"a server without room is temporary", "MAIL", "452 4.3.1 full", mail.Failure{Class: mail.Temporary, Code: "busy", Reply: 452}},
		{"a missing login is for the operator to mend", "MAIL", "530 5.7.0 log in first", mail.Failure{Class: mail.Temporary, Code: "login_refused", Reply: 530}},
		{"data refused is permanent", "DATA", "554 5.7.1 no", mail.Failure{Class: mail.Permanent, Code: "refused", Reply: 554}},
		{"a text judged as spam is permanent", ".", "550 5.7.1 spam", mail.Failure{Class: mail.Permanent, Code: "refused", Reply: 550}},
		{"a text not stored is temporary", ".", "451 4.3.0 disk", mail.Failure{Class: mail.Temporary, Code: "busy", Reply: 451}},
		{"a server that shuts down is temporary", "greeting", "421 4.3.2 closing", mail.Failure{Class: mail.Temporary, Code: "busy", Reply: 421}},
		{"a server that wants nothing from us is permanent", "greeting", "554 5.7.1 no", mail.Failure{Class: mail.Permanent, Code: "refused", Reply: 554}},
		{"a cut at the greeting is temporary", "greeting", "cut", mail.Failure{Class: mail.Temporary, Code: "network"}},
		{"a cut at the recipient is temporary", "RCPT", "cut", mail.Failure{Class: mail.Temporary, Code: "network"}},
		{"a cut after the text is temporary", ".", "cut", mail.Failure{Class: mail.Temporary, Code: "network"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			server := startSMTP(t, &smtpServer{replies: map[string]string{row.verb: row.reply}})
			err := newSender(t, mail.Config{Addr: server.addr, TLS: mail.None}).Send(t.Context(), to, subject, text)
			want(t, err, row.want)
		})
	}
}

func want(t *testing.T, err error, want mail.Failure) {
	t.Helper()
	var got *mail.Failure
	if !errors.As(err, &got) {
		t.Fatalf("got %v, want a Failure", err)
	}
	if *got != want {
		t.Errorf("got %+v, want %+v", *got, want)
	}
	if strings.Contains(err.Error(), to) {
		t.Errorf("the error names the recipient: %v", err)
	}
}

func TestSendIsNotRepeatedOnceTaken(t *testing.T) {
	for _, verb := range []string{"RSET", "QUIT"} {
		for _, reply := range []string{"cut", "421 4.3.2 closing"} {
			server := startSMTP(t, &smtpServer{replies: map[string]string{verb: reply}})
			sender := newSender(t, mail.Config{Addr: server.addr, TLS: mail.None})
			if err := sender.Send(t.Context(), to, subject, text); err != nil {
				t.Errorf("%s answered with %q: %v, though the server took the mail", verb, reply, err)
			}
		}
	}
}

func TestSendEndsWithItsTime(t *testing.T) {
	for _, verb := range []string{"greeting", "EHLO", "RCPT", "."} {
		t.Run("when the server is silent at "+verb, func(t *testing.T) {
			server := startSMTP(t, &smtpServer{replies: map[string]string{verb: "hang"}})
			sender := newSender(t, mail.Config{Addr: server.addr, TLS: mail.None, Timeout: 200 * time.Millisecond})
			began := time.Now()
			want(t, sender.Send(t.Context(), to, subject, text), mail.Failure{Class: mail.Temporary, Code: "timeout"})
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
	t.Run("when its caller has less time than the sender", func(t *testing.T) {
		server := startSMTP(t, &smtpServer{replies: map[string]string{"RCPT": "hang"}})
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		began := time.Now()
		err := newSender(t, mail.Config{Addr: server.addr, TLS: mail.None}).Send(ctx, to, subject, text)
		want(t, err, mail.Failure{Class: mail.Temporary, Code: "timeout"})
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %s", took)
		}
	})
	t.Run("when its caller leaves", func(t *testing.T) {
		server := startSMTP(t, &smtpServer{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := newSender(t, mail.Config{Addr: server.addr, TLS: mail.None}).Send(ctx, to, subject, text)
		want(t, err, mail.Failure{Class: mail.Temporary, Code: "cancelled"})
	})
}

func TestSendKeepsToTLS(t *testing.T) {
	config, pool := certificate(t)
	t.Run("a server without STARTTLS gets neither mail nor password", func(t *testing.T) {
		server := startSMTP(t, &smtpServer{})
		sender := newSender(t, mail.Config{Addr: server.addr, Username: "naober", Password: "geheim", RootCAs: pool, Guard: egress.Allowing(egress.ThisMachine()...)})
		want(t, sender.Send(t.Context(), to, subject, text), mail.Failure{Class: mail.Temporary, Code: "session_failed"})
		if verbs, login := server.heard(); slices.Contains(verbs, "MAIL") || login != "" {
			t.Errorf("it got %v", verbs)
		}
	})
	t.Run("a certificate that nobody vouches for is refused", func(t *testing.T) {
		server := startSMTP(t, &smtpServer{tls: config})
		sender := newSender(t, mail.Config{Addr: server.addr, Guard: egress.Allowing(egress.ThisMachine()...)})
		want(t, sender.Send(t.Context(), to, subject, text), mail.Failure{Class: mail.Temporary, Code: "certificate_refused"})
		if verbs, _ := server.heard(); slices.Contains(verbs, "MAIL") {
			t.Errorf("it got %v", verbs)
		}
	})
	t.Run("a wrong password is for the operator to mend", func(t *testing.T) {
		server := startSMTP(t, &smtpServer{tls: config, replies: map[string]string{"AUTH": "535 5.7.8 wrong"}})
		sender := newSender(t, mail.Config{Addr: server.addr, Username: "naober", Password: "geheim", RootCAs: pool, Guard: egress.Allowing(egress.ThisMachine()...)})
		want(t, sender.Send(t.Context(), to, subject, text), mail.Failure{Class: mail.Temporary, Code: "login_refused", Reply: 535})
	})
}

func TestSendRefusesInjection(t *testing.T) {
	rows := []struct{ name, to, subject, text, code string }{
		{"a header in the address", to + "\r\nBcc: all@example.org", subject, text, "address_invalid"},
		{"a bare line feed in the address", to + "\n", subject, text, "address_invalid"},
		{"two addresses", to + ", b@example.org", subject, text, "address_invalid"},
		{"a name with the address", "Geesje <" + to + ">", subject, text, "address_invalid"},
		{"a command in a quoted address", "\"a\r\nRCPT TO:<b@example.org>\"@example.org", subject, text, "address_invalid"},
		{"no address", "", subject, text, "address_invalid"},
		{"an address without a domain", "geesje", subject, text, "address_invalid"},
		{"an address of 255 bytes", strings.Repeat("a", 255-len("@example.org")) + "@example.org", subject, text, "address_invalid"},
		{"a header in the subject", to, "Hallo\r\nBcc: all@example.org", text, "subject_invalid"},
		{"a bare carriage return in the subject", to, "Hallo\rBcc: x", text, "subject_invalid"},
		{"a line separator in the subject", to, "Hallo\u2028Bcc: x", text, "subject_invalid"},
		{"broken UTF-8 in the subject", to, "Hallo\xff", text, "subject_invalid"},
		{"a subject of 201 characters", to, strings.Repeat("é", 201), text, "subject_invalid"},
		{"no subject", to, "", text, "subject_invalid"},
		{"no text", to, subject, "", "text_invalid"},
		{"a zero byte in the text", to, subject, "a\x00b", "text_invalid"},
	}
	server := startSMTP(t, &smtpServer{})
	sender := newSender(t, mail.Config{Addr: server.addr, TLS: mail.None})
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			err := sender.Send(t.Context(), row.to, row.subject, row.text)
			want(t, err, mail.Failure{Class: mail.Permanent, Code: row.code})
		})
	}
	if verbs, _ := server.heard(); len(verbs) != 0 {
		t.Errorf("the server heard %v", verbs)
	}
}

// Text is free: what looks like the end of a mail, or like a header, stays inside it.
func TestSendKeepsTextInside(t *testing.T) {
	server := startSMTP(t, &smtpServer{})
	sender := newSender(t, mail.Config{Addr: server.addr, TLS: mail.None})
	const tricky = "een\r\n.\r\nRCPT TO:<b@example.org>\r\nBcc: all@example.org\r\n"
	if err := sender.Send(t.Context(), to, strings.Repeat("é", 200), tricky); err != nil {
		t.Fatal(err)
	}
	mails := server.received()
	if len(mails) != 1 || !strings.Contains(mails[0].to, to) {
		t.Fatalf("got %+v", mails)
	}
	parsed, err := netmail.ReadMessage(strings.NewReader(mails[0].data))
	if err != nil || parsed.Header.Get("Bcc") != "" {
		t.Errorf("the text became a header: %v, %v", parsed, err)
	}
}

func TestNewRefuses(t *testing.T) {
	rows := []struct {
		name   string
		change func(*mail.Config)
		want   string
	}{
		{"no address", func(c *mail.Config) { c.Addr = "" }, "Addr"},
		{"an address without a port", func(c *mail.Config) { c.Addr = "mail.example.org" }, "Addr"},
		{"no sender", func(c *mail.Config) { c.From = "" }, "From"},
		{"a sender with a header in it", func(c *mail.Config) { c.From = "post@example.org\r\nBcc: a@b.nl" }, "From"},
		{"a line in the clear to elsewhere", func(c *mail.Config) { c.TLS = mail.None }, "loopback"},
		{"a line in the clear to what looks like loopback", func(c *mail.Config) { c.TLS, c.Addr = mail.None, "127.0.0.1.example.org:25" }, "loopback"},
		{"a password in the clear", func(c *mail.Config) {
			c.TLS, c.Addr, c.Username, c.Password = mail.None, "127.0.0.1:25", "naober", "geheim"
		}, "Username"},
		{"a name without a password", func(c *mail.Config) { c.Username = "naober" }, "Password"},
		{"a negative timeout", func(c *mail.Config) { c.Timeout = -1 }, "Timeout"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			cfg := mail.Config{Addr: "mail.example.org:587", From: "post@naober.example"}
			row.change(&cfg)
			_, err := mail.New(cfg)
			if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "geheim") {
				t.Errorf("got %v, want it to name %s", err, row.want)
			}
		})
	}
}
