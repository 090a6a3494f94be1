package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"

	gomail "github.com/wneessen/go-mail"
)

// Class says what the caller should do after a failure.
type Class int

const (
	// Permanent: the mail server, or this package, will not take this mail however often it comes.
	Permanent Class = iota
	// Temporary: try again later. What an operator can mend, such as a wrong password or a lapsed
	// certificate, is temporary too.
	Temporary
)

// String gives the class as it stands in logs and metrics.
func (c Class) String() string {
	if c == Temporary {
		return "temporary"
	}
	return "permanent"
}

// Failure is the only error type that Send returns. It wraps nothing: what lies beneath quotes the
// recipient, and this is made to be logged.
type Failure struct {
	Class Class
	Code  string // snake_case and stable, such as "refused" or "timeout"
	Reply int    // the SMTP reply (RFC 5321, 4.2.3), or 0 when no server said anything
}

// Error implements error.
func (f *Failure) Error() string {
	if f.Reply > 0 {
		return fmt.Sprintf("mail: %s: %s (%d)", f.Class, f.Code, f.Reply)
	}
	return fmt.Sprintf("mail: %s: %s", f.Class, f.Code)
}

// failure names an error of a conversation that did not end with the mail accepted.
func failure(ctx context.Context, err error) *Failure {
	switch reply := replyOf(err); {
	case reply > 0:
		return byReply(reply)
	case errors.Is(ctx.Err(), context.Canceled):
		return &Failure{Class: Temporary, Code: "cancelled"}
	case ctx.Err() != nil:
		return &Failure{Class: Temporary, Code: "timeout"}
	}
	var certificate *tls.CertificateVerificationError
	var network net.Error
	var send *gomail.SendError
	switch {
	case errors.As(err, &certificate):
		return &Failure{Class: Temporary, Code: "certificate_refused"}
	case errors.As(err, &network) && network.Timeout():
		return &Failure{Class: Temporary, Code: "timeout"}
	case errors.As(err, &network), errors.As(err, &send), errors.Is(err, io.EOF):
		// A SendError without a reply is a line that broke between MAIL FROM and the end of the text.
		return &Failure{Class: Temporary, Code: "network"}
	}
	// No STARTTLS, no login method in common, an answer that is not SMTP: the server's setting, not
	// this mail.
	return &Failure{Class: Temporary, Code: "session_failed"}
}

// replyOf finds the server's reply. go-mail's SendError hides its cause, so it is asked for the
// code; everything before MAIL FROM is a textproto.Error.
func replyOf(err error) int {
	var send *gomail.SendError
	if errors.As(err, &send) {
		return send.ErrorCode()
	}
	var protocol *textproto.Error
	if errors.As(err, &protocol) {
		return protocol.Code
	}
	return 0
}

func byReply(reply int) *Failure {
	switch {
	case reply == 530, reply == 534, reply == 535, reply == 538: // RFC 4954, 6
		return &Failure{Class: Temporary, Code: "login_refused", Reply: reply}
	case reply >= 500:
		return &Failure{Class: Permanent, Code: "refused", Reply: reply}
	}
	return &Failure{Class: Temporary, Code: "busy", Reply: reply}
}
