package mongostore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/mongo"

	"naober/api/port"
	"naober/matching/care"
)

func TestFailure(t *testing.T) {
	for name, row := range map[string]struct {
		err         error
		unavailable bool
	}{
		"the caller went away":            {context.Canceled, true},
		"the time is over":                {context.DeadlineExceeded, true},
		"the connection broke":            {io.ErrUnexpectedEOF, true},
		"the client was closed":           {mongo.ErrClientDisconnected, true},
		"the primary stepped down":        {mongo.CommandError{Code: 189}, true},
		"the driver may try again":        {mongo.CommandError{Code: 4711, Labels: []string{"RetryableWriteError"}}, true},
		"the same, wrapped":               {fmt.Errorf("outer: %w", mongo.CommandError{Code: 4711, Labels: []string{"RetryableWriteError"}}), true},
		"the network, by its label":       {mongo.CommandError{Labels: []string{"NetworkError"}}, true},
		"the majority did not answer":     {mongo.WriteException{WriteConcernError: &mongo.WriteConcernError{Code: 79}}, true},
		"an append the majority missed":   {mongo.BulkWriteException{WriteConcernError: &mongo.WriteConcernError{Code: 79}}, true},
		"the database behind is away":     {mongo.CommandError{Code: 1, Name: "InternalError"}, true},
		"the command is wrong":            {mongo.CommandError{Code: 9, Name: "FailedToParse"}, false},
		"this user may not":               {mongo.CommandError{Code: 13, Name: "Unauthorized"}, false},
		"the document is refused":         {mongo.WriteException{WriteErrors: mongo.WriteErrors{{Code: 121}}}, false},
		"the document is too large there": {mongo.WriteException{WriteErrors: mongo.WriteErrors{{Code: 10334}}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := failure("write", "requests", row.err)
			if got := care.CodeOf(err) == "store_unavailable"; got != row.unavailable {
				t.Errorf("%v: unavailable %t, want %t", err, got, row.unavailable)
			}
			if labelled := mongo.LabeledError(nil); errors.As(row.err, &labelled) && !errors.As(err, &labelled) {
				t.Error("the driver's labels are lost")
			}
		})
	}
	if failure("write", "requests", nil) != nil {
		t.Error("no error became one")
	}
}

// badLine forwards to the server until told to swallow what the server answers.
type badLine struct {
	net.Listener
	to   string
	deaf atomic.Bool
}

func newBadLine(t *testing.T, to string) *badLine {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	line := &badLine{Listener: l, to: to}
	go line.serve()
	t.Cleanup(func() { _ = l.Close() })
	return line
}

func (b *badLine) serve() {
	for {
		near, err := b.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", b.to)
		if err != nil {
			_ = near.Close()
			continue
		}
		go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
		go func() { _, _ = io.Copy(answers{b, near}, far); _ = near.Close() }()
	}
}

// answers is the way back: a deaf line hangs up instead of delivering.
type answers struct {
	line *badLine
	net.Conn
}

func (a answers) Write(p []byte) (int, error) {
	if a.line.deaf.Load() {
		return 0, a.Close()
	}
	return a.Conn.Write(p)
}

// throughBadLine opens the database through a line that can lose answers.
func throughBadLine(t *testing.T, database string) (*Store, *badLine) {
	t.Helper()
	u, err := url.Parse(serverURI(t))
	if err != nil || u.Host == "" || strings.Contains(u.Host, ",") || u.Scheme != "mongodb" {
		t.Skip("needs a server at one plain address")
	}
	line := newBadLine(t, u.Host)
	u.Host = line.Addr().String()
	q := u.Query()
	q.Set("directConnection", "true") // a member of a replica set would name its own address
	u.RawQuery = q.Encode()
	if u.Path == "" {
		u.Path = "/"
	}
	opts := testOptions()
	opts.Timeout = 2 * time.Second
	s, err := Open(t.Context(), u.String(), database, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	return s, line
}

func TestLostAnswers(t *testing.T) {
	database := newDatabase(t)
	s, line := throughBadLine(t, database)
	persons, ctx := s.Stores().Persons, t.Context()
	w := port.Write{Nonce: "account/1"}
	value := care.Person{ID: roelie, FirstName: "Roelie"}

	line.deaf.Store(true)
	_, err := persons.Insert(ctx, roelie, value, registered(roelie), w)
	if care.CodeOf(err) != "store_unavailable" {
		t.Fatalf("an insert whose answer was lost: %v, want store_unavailable", err)
	}
	line.deaf.Store(false)
	made, err := persons.Insert(ctx, roelie, value, registered(roelie), w)
	if err != nil || made.Rev != 1 {
		t.Fatalf("the insert again: rev %d, %v", made.Rev, err)
	}

	// Lose the answer to the replacement, and only to that.
	w.Nonce = "account/2"
	_, err = persons.Update(ctx, roelie, w, func(p care.Person) (care.Person, []care.Event, error) {
		line.deaf.Store(true)
		return rename("Geesje")(p)
	})
	if care.CodeOf(err) != "store_unavailable" {
		t.Fatalf("an update whose answer was lost: %v, want store_unavailable", err)
	}
	line.deaf.Store(false)
	told, err := persons.Update(ctx, roelie, w, rename("Twee keer"))
	if err != nil {
		t.Fatal(err)
	}
	if told.Value.FirstName != "Geesje" && told.Value.FirstName != "Twee keer" || told.Rev != 2 {
		t.Errorf("after the resend the name is %q at rev %d, want one change", told.Value.FirstName, told.Rev)
	}
	pending, err := s.Stores().Feed.Pending(ctx, 5)
	if err != nil || len(pending) != 1 || len(pending[0].Events) != 1 {
		t.Errorf("pending is %v (%v), want the event once", pending, err)
	}
}

func TestNoServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	opts := testOptions()
	opts.Timeout = 200 * time.Millisecond
	uri := "mongodb://roelie:geheim@" + l.Addr().String() + "/"
	_, err = Open(t.Context(), uri, "naober", opts)
	if care.CodeOf(err) != "store_unavailable" {
		t.Fatalf("opening without a server: %v, want store_unavailable", err)
	}
	if strings.Contains(err.Error(), "geheim") {
		t.Errorf("the error holds the password: %v", err)
	}
}
