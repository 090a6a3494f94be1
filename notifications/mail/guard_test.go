package mail_test

import (
	"net"
	"strings"
	"testing"

	"naober/notifications/egress"
	"naober/notifications/mail"
)

func TestSendCallsNoAddressThatIsNotAllowed(t *testing.T) {
	tls, pool := certificate(t)
	server := startSMTP(t, &smtpServer{tls: tls})
	named := strings.Replace(server.addr, "127.0.0.1", "localhost", 1)
	err := newSender(t, mail.Config{Addr: named, Username: "naober", Password: "geheim", RootCAs: pool}).Send(t.Context(), to, subject, text)
	want(t, err, mail.Failure{Class: mail.Temporary, Code: "address_refused"})
	if heard, login := server.heard(); len(heard) != 0 || login != "" {
		t.Errorf("the server heard %v and the login %q", heard, login)
	}
	if _, err := mail.New(mail.Config{Addr: server.addr, From: "post@naober.example"}); err == nil || !strings.Contains(err.Error(), "not allowed") {
		t.Errorf("an address of this machine is taken: %v", err)
	}
	// In the clear the line stays on this machine, and needs no leave for that.
	if err := newSender(t, mail.Config{Addr: named, TLS: mail.None, Guard: egress.Guard{}}).Send(t.Context(), to, subject, text); err != nil {
		t.Error(err)
	}
}

// A greeting without end costs no more than 64 KiB.
func TestSendReadsNoEndlessReply(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	written := make(chan int, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			written <- -1
			return
		}
		defer func() { _ = conn.Close() }()
		n := 0
		line := []byte("220-" + strings.Repeat("x", 4<<10) + "\r\n")
		for err == nil && n < 64<<20 {
			var more int
			more, err = conn.Write(line)
			n += more
		}
		written <- n
	}()
	err = newSender(t, mail.Config{Addr: listener.Addr().String(), TLS: mail.None}).Send(t.Context(), to, subject, text)
	if err == nil {
		t.Error("taken")
	}
	// What the sockets of both sides hold comes on top of what is read.
	if n := <-written; n < 0 || n > 16<<20 {
		t.Errorf("took %d bytes", n)
	}
}
