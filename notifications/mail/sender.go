// Package mail hands one plain-text mail to one mail server over SMTP and says of each failure
// whether trying again makes sense.
//
// It writes no texts, keeps no queue and repeats nothing. There is no HTML, no attachment, and
// nothing that tells whether a mail was opened or a link followed. Neither its errors nor its
// configuration errors name a recipient or a password.
package mail

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"

	"naober/notifications/egress"
)

// TLS says how the line to the mail server is protected.
type TLS int

const (
	// StartTLS demands STARTTLS with a valid certificate: without it no mail and no password leave.
	StartTLS TLS = iota
	// None sends in the clear. New takes it for loopback only, and without a password.
	None
)

// Config is what an operator sets.
type Config struct {
	Addr     string // host:port; 587 is the usual port for submission
	From     string // "Naober <post@example.org>", or the address alone
	Username string // empty means no login
	Password string
	TLS      TLS
	RootCAs  *x509.CertPool // nil means the system's
	Timeout  time.Duration  // bounds one Send; zero means 30 seconds
	// Guard judges each address that Addr resolves to; the zero value lets public ones through alone. With
	// TLS None it does not count: that line stays on this machine, whatever its name resolves to.
	Guard egress.Guard
}

const (
	defaultTimeout = 30 * time.Second
	maxSubject     = 200 // characters
	maxAddress     = 254 // bytes, RFC 5321 with erratum 1690
	// maxAnswer is how much a server may say in one conversation, in bytes; 20 replies make some 2 KiB.
	maxAnswer = 64 << 10
)

// Sender sends mail, one connection per mail. It is safe for concurrent use.
type Sender struct {
	from    *netmail.Address
	domain  string // of from: the name in HELO and Message-ID, so that no host name leaks
	host    string
	timeout time.Duration
	dialer  *net.Dialer
	options []gomail.Option
}

// New checks the configuration, all of it at once, and makes a Sender. It connects to nothing.
func New(cfg Config) (*Sender, error) {
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
	}
	host, port, addrErr := splitAddr(cfg.Addr)
	from, fromErr := netmail.ParseAddress(cfg.From)
	if fromErr != nil || !oneLine(cfg.From) {
		fromErr = errors.New("mail: From must be one mail address")
	}
	if err := errors.Join(addrErr, fromErr, cfg.check(host)); err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	s := &Sender{from: from, domain: domain, host: host, timeout: cfg.Timeout, dialer: cfg.guard().Dialer(cfg.Timeout)}
	s.options = []gomail.Option{
		gomail.WithPort(port),
		// Twice, so that the context in Send is the only clock: go-mail hides the cause of its own.
		gomail.WithTimeout(2 * cfg.Timeout),
		gomail.WithHELO(domain),
		gomail.WithoutNoop(),
	}
	if cfg.TLS == None {
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.NoTLS))
		return s, nil
	}
	s.options = append(s.options, gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithTLSConfig(&tls.Config{
		ServerName: host, RootCAs: cfg.RootCAs, MinVersion: tls.VersionTLS12,
	}))
	if cfg.Username != "" {
		s.options = append(s.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(cfg.Username), gomail.WithPassword(cfg.Password))
	}
	return s, nil
}

func (c Config) guard() egress.Guard {
	if c.TLS == None {
		return egress.Loopback()
	}
	return c.Guard
}

func splitAddr(addr string) (string, int, error) {
	host, rawPort, err := net.SplitHostPort(addr)
	port, portErr := strconv.ParseUint(rawPort, 10, 16)
	if err != nil || portErr != nil || host == "" || port == 0 {
		return "", 0, errors.New("mail: Addr must be host:port")
	}
	return host, int(port), nil
}

func (c Config) check(host string) error {
	ip := net.ParseIP(host)
	loopback := host == "localhost" || ip != nil && ip.IsLoopback()
	switch {
	case c.TLS != StartTLS && c.TLS != None:
		return errors.New("mail: TLS is neither StartTLS nor None")
	case c.TLS == None && !loopback:
		return errors.New("mail: TLS may be None for loopback only")
	case c.TLS == None && c.Username != "":
		return errors.New("mail: a Username needs TLS")
	case (c.Username == "") != (c.Password == ""):
		return errors.New("mail: Username and Password go together")
	case c.Timeout < 0:
		return errors.New("mail: Timeout must be positive")
	case c.guard().CheckHost(host) != nil:
		return errors.New("mail: Addr is at an address that is not allowed")
	}
	return nil
}

// Send hands a mail to the server. nil means that the server took it, not that anybody got it.
// Every error is a *Failure; after a Temporary one the mail may have been taken all the same.
//
// to is a bare address. Subject and address with a line break or another control character are
// refused, so that nobody can write headers through them.
func (s *Sender) Send(ctx context.Context, to, subject, text string) error {
	msg, problem := s.message(to, subject, text)
	if problem != "" {
		return &Failure{Class: Permanent, Code: problem}
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	line := &line{ctx: ctx, dialer: s.dialer}
	defer line.hangUp()
	// A client per mail: go-mail binds the way it dials to the client, and ours belongs to ctx.
	client, err := gomail.NewClient(s.host, append(s.options[:len(s.options):len(s.options)],
		gomail.WithDialContextFunc(line.dial))...)
	if err != nil {
		return &Failure{Class: Temporary, Code: "session_failed"}
	}
	err = client.DialAndSendWithContext(ctx, msg)
	// Once the server took the mail, a failed RSET or QUIT is no reason to send it twice.
	if err == nil || msg.IsDelivered() {
		return nil
	}
	if line.refused {
		return &Failure{Class: Temporary, Code: "address_refused"}
	}
	return failure(ctx, err)
}

// message builds the mail, or gives the code of what is wrong with it.
func (s *Sender) message(to, subject, text string) (*gomail.Msg, string) {
	address, err := netmail.ParseAddress(to)
	switch {
	case err != nil, !oneLine(to), address.Address != to, len(to) > maxAddress:
		return nil, "address_invalid"
	case subject == "" || !oneLine(subject) || utf8.RuneCountInString(subject) > maxSubject:
		return nil, "subject_invalid"
	case text == "" || !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return nil, "text_invalid"
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.from)
	msg.ToMailAddress(address)
	msg.Subject(subject)
	msg.SetDate()
	msg.SetMessageIDWithValue(rand.Text() + "@" + s.domain)
	// RFC 3834: keeps out-of-office replies away.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, text)
	return msg, ""
}

func oneLine(value string) bool {
	return utf8.ValidString(value) && !strings.ContainsFunc(value, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}
