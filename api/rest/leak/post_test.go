package leak_test

import (
	"bufio"
	"context"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"

	"naober/matching/care"
	"naober/notifications/mail"
)

// postOffice is a mail server on the loopback address that keeps what it is given, and the real
// sender that hands it there.
type postOffice struct {
	sender *mail.Sender
	mu     sync.Mutex
	mails  []letter
}

// letter is one mail as it came over the line.
type letter struct{ to, data string }

func openPostOffice(t *testing.T) *postOffice {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &postOffice{}
	if p.sender, err = mail.New(mail.Config{Addr: l.Addr().String(), From: "Naober <post@naober.example>", TLS: mail.None}); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() { p.take(conn) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		group.Wait()
	})
	return p
}

// take speaks as much SMTP as one mail needs.
func (p *postOffice) take(conn net.Conn) {
	defer conn.Close()
	say := func(line string) { _, _ = conn.Write([]byte(line + "\r\n")) }
	in, mail, inData := bufio.NewScanner(conn), letter{}, false
	say("220 post")
	for in.Scan() {
		line := in.Text()
		switch verb := strings.ToUpper(line[:min(4, len(line))]); {
		case inData && line == ".":
			p.mu.Lock()
			p.mails = append(p.mails, mail)
			p.mu.Unlock()
			inData = false
			say("250 taken")
		case inData:
			mail.data += line + "\n"
		case verb == "RCPT":
			mail.to = line
			say("250 yes")
		case verb == "DATA":
			inData = true
			say("354 go on")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 yes")
		}
	}
}

// SendCode implements app.Postman, with the words that the service uses.
func (p *postOffice) SendCode(ctx context.Context, to care.Contact, _, code string) error {
	return p.sender.Send(ctx, to.Value, "Uw code voor Naober", "Uw code is "+code+".\n\nTyp deze in de app.\n")
}

var digits = regexp.MustCompile(`Uw code is (\d{4}) ?(\d{4})`)

// code is the last one that went to an address.
func (p *postOffice) code(to string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.mails) - 1; i >= 0; i-- {
		if found := digits.FindStringSubmatch(p.mails[i].data); found != nil && strings.Contains(strings.ToLower(p.mails[i].to), strings.ToLower(to)) {
			return found[1] + found[2]
		}
	}
	return ""
}

// letters takes what came so far.
func (p *postOffice) letters() []letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.mails
	return all
}
