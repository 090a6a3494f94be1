package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"naober/api/cmd/naober/faults"
	"naober/api/watch"
	"naober/matching/care"
	"naober/notifications"
	"naober/notifications/egress"
	"naober/notifications/fcm"
	"naober/notifications/mail"
)

// serve runs the service until the context ends. faulty gives it fault switches, on the watchers' port.
func serve(ctx context.Context, env func(string) string, errs io.Writer, faulty bool) error {
	c, err := readConfig(env)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(errs, nil))
	sender, err := mail.New(c.Mail)
	if err != nil {
		return err
	}
	p := parts{Store: c.Store, Database: c.Database, Issuer: c.PublicURL, keys: c.keys, Proxies: c.Proxies, Hold: c.Hold,
		Now: time.Now, Log: log, Postman: mailPostman{sender}}
	if p.Push, err = pusher(ctx, c.FCM, c.Outgoing); err != nil {
		return err
	}
	if c.Watch != "" {
		p.Watch = watch.New()
	}
	if faulty {
		if err := mayFail(c); err != nil {
			return err
		}
		p.Faults = faults.New(ctx, filepath.Join(c.Store, "marks"))
		log.Warn(loud, "switches", c.Watch)
	}
	s, err := build(ctx, p)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if p.Watch == nil {
		return s.run(ctx, l)
	}
	return watched(ctx, p, c.Watch, s, l)
}

// watched runs the service with the watchers' port beside it.
func watched(ctx context.Context, p parts, address string, s *service, l net.Listener) error {
	w, err := net.Listen("tcp", address)
	if err != nil {
		return errors.Join(fmt.Errorf("listen to watchers: %w", err), l.Close(), s.close())
	}
	p.Log.Info("watched", "address", w.Addr().String())
	now := &current{}
	now.set(p.Watch.Handler())
	figures := &http.Server{Handler: now, ReadHeaderTimeout: 5 * time.Second}
	run := func(ctx context.Context) error { return s.run(ctx, l) }
	if p.Faults != nil {
		figures.Handler = withFaults(p.Faults, now)
		turn := run
		run = func(ctx context.Context) error {
			return p.Faults.Live(ctx, turn, func(ctx context.Context, to faults.Return) error {
				next := p
				next.Watch = watch.New()
				var err error
				if s, l, err = goBack(ctx, next, to, l.Addr().String()); err == nil {
					now.set(next.Watch.Handler())
				}
				return err
			})
		}
	}
	var served sync.WaitGroup
	served.Go(func() { _ = figures.Serve(w) }) // it ends with ErrServerClosed
	err = errors.Join(run(ctx), figures.Close())
	served.Wait()
	return err
}

// pusher makes the sender of pushes; none where no project is named.
func pusher(ctx context.Context, c fcmConfig, guard egress.Guard) (notifications.Push, error) {
	if c.Project == "" {
		return nil, nil
	}
	sender, err := fcm.New(ctx, fcm.Config{ProjectID: c.Project, CredentialsJSON: c.Credentials, Endpoint: c.Endpoint, Guard: guard, Timeout: 10 * time.Second})
	if err != nil {
		return nil, err
	}
	return notifications.FCMPush{Sender: sender}, nil
}

// mailPostman sends sign-in codes by mail. The mail names no reason and holds no link.
type mailPostman struct{ sender *mail.Sender }

// SendCode implements app.Postman. A failure carries its code, which the log then shows to an operator.
func (m mailPostman) SendCode(ctx context.Context, to care.Contact, language, code string) error {
	if to.Kind != care.Mail {
		return care.E(care.Invalid, "channel_unavailable", "codes go by mail or on paper from the desk")
	}
	subject, text := codeMail(language, code)
	err := m.sender.Send(ctx, to.Value, subject, text)
	if failed := (*mail.Failure)(nil); errors.As(err, &failed) {
		return care.E(care.Unavailable, "mail_"+failed.Code, "%s", failed.Error())
	}
	return err
}

// codeMail is the mail with a code, at B1.
func codeMail(language, code string) (subject, text string) {
	if language == "en" {
		return "Your code for Naober", "Your code is " + code + ".\n\nType it in the app. It works for 10 minutes.\nDid you not ask for a code? Then you need not do anything.\n"
	}
	return "Uw code voor Naober", "Uw code is " + code + ".\n\nTyp deze in de app. De code werkt 10 minuten.\nHebt u geen code gevraagd? Dan hoeft u niets te doen.\n"
}
