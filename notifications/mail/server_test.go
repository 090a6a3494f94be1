package mail_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// smtpServer speaks as much SMTP as one mail needs. A verb in replies is answered with that line
// instead; "hang" never answers, "cut" closes the connection. "." stands for the end of the data.
type smtpServer struct {
	addr    string
	tls     *tls.Config // nil offers no STARTTLS
	replies map[string]string

	mu    sync.Mutex
	verbs []string
	mails []receivedMail
	login string // the last AUTH line, without its verb
}

type receivedMail struct {
	from, to, data string
	secure         bool // came over TLS
}

func startSMTP(t *testing.T, server *smtpServer) *smtpServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server.addr = listener.Addr().String()
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { server.talk(conn, done) })
		}
	})
	t.Cleanup(func() {
		close(done)
		_ = listener.Close()
		group.Wait()
	})
	return server
}

// talk serves one connection until it ends on either side.
func (s *smtpServer) talk(conn net.Conn, done <-chan struct{}) {
	defer func() { _ = conn.Close() }()
	text := textproto.NewReader(bufio.NewReader(conn))
	var mail receivedMail
	secure := false
	say := func(verb, line string) bool {
		if other, ok := s.replies[verb]; ok {
			line = other
		}
		switch line {
		case "hang":
			<-done
			return false
		case "cut":
			return false
		}
		_, err := conn.Write([]byte(line + "\r\n"))
		return err == nil && !strings.HasPrefix(line, "221")
	}
	for ok := say("greeting", "220 mail.example.org"); ok; {
		line, err := text.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		verb = strings.ToUpper(verb)
		s.note(verb, rest)
		switch verb {
		case "EHLO":
			ok = say(verb, s.extensions(secure))
		case "STARTTLS":
			if ok = say(verb, "220 go on"); ok {
				conn, secure = tls.Server(conn, s.tls), true
				text = textproto.NewReader(bufio.NewReader(conn))
			}
		case "MAIL":
			mail.from, mail.secure = rest, secure
			ok = say(verb, "250 ok")
		case "RCPT":
			mail.to = rest
			ok = say(verb, "250 ok")
		case "DATA":
			if ok = say(verb, "354 go on"); !ok || s.replies[verb] != "" {
				continue
			}
			data, err := text.ReadDotBytes()
			if err != nil {
				return
			}
			mail.data = string(data)
			s.keep(mail)
			ok = say(".", "250 taken")
		case "AUTH":
			ok = say(verb, "235 welcome")
		case "QUIT":
			ok = say(verb, "221 bye")
		default:
			ok = say(verb, "250 ok")
		}
	}
}

func (s *smtpServer) extensions(secure bool) string {
	switch {
	case s.tls == nil:
		return "250 mail.example.org"
	case secure:
		return "250-mail.example.org\r\n250 AUTH PLAIN"
	}
	return "250-mail.example.org\r\n250 STARTTLS"
}

func (s *smtpServer) note(verb, rest string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verbs = append(s.verbs, verb)
	if verb == "AUTH" {
		s.login = rest
	}
}

func (s *smtpServer) keep(mail receivedMail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, mail)
}

// heard gives the verbs so far and the last login.
func (s *smtpServer) heard() ([]string, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.verbs), s.login
}

func (s *smtpServer) received() []receivedMail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mails
}

// certificate makes a certificate for 127.0.0.1 and the pool that trusts it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "mail.example.org"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, pool
}
